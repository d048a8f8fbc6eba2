/** What a parked run may wait for, as its row's `waits_for` says it. Whoever brings it wakes the runs with that tag. */

/** A row of a table. */
export function tableTag(table: string, keys: readonly string[]): string {
  return `table:${JSON.stringify([table, ...keys.map((key) => key.trim())])}`
}

/** A pair of the crosswalk. */
export function crosswalkTag(kind: string, id: string, from: string, to: string): string {
  return `crosswalk:${JSON.stringify([kind, id, from, to])}`
}

/** The pair such a tag names; undefined when it names something else. */
export function pairOf(tag: string): readonly [kind: string, id: string, from: string, to: string] | undefined {
  const [, written] = /^crosswalk:(.*)$/s.exec(tag) ?? []
  const parts: unknown = written === undefined ? undefined : JSON.parse(written)
  const [kind, id, from, to] = Array.isArray(parts) ? parts.map(String) : []
  return kind === undefined || id === undefined || from === undefined || to === undefined
    ? undefined
    : [kind, id, from, to]
}

/** A day (`yyyy-MM-dd`) of a book is open, or a later one of its year. */
export function periodTag(connection: string, book: string, day: string): string {
  return `period:${connection}:${book}:${day}`
}

/** A connection works again. */
export function connectionTag(connection: string): string {
  return `connection:${connection}`
}
