/**
 * The candidate that `name` was most likely meant to be, for "did you mean". Undefined when none is near: more than one edit
 * in three characters apart. `within` = edits that still count as near; Infinity always finds one among some candidates.
 */
export function nearest(
  name: string,
  candidates: Iterable<string>,
  within = Math.max(1, Math.floor([...name].length / 3)),
): string | undefined {
  let best: string | undefined
  let least = Infinity
  for (const candidate of candidates) {
    const edits = editsBetween(name, candidate)
    if (edits <= within && edits < least) [best, least] = [candidate, edits]
  }
  return best
}

/** Longer names are compared by their beginning only, so that no input makes this slow. */
const COMPARED = 64

/** Insertions, deletions, replacements and swaps of neighbours; another case costs half an edit. */
function editsBetween(one: string, other: string): number {
  const a = [...one].slice(0, COMPARED)
  const b = [...other].slice(0, COMPARED)
  let before: number[] = []
  let above = b.map((_, j) => j).concat(b.length)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        at(above, j) + 1,
        at(row, j - 1) + 1,
        at(above, j - 1) + replacing(a[i - 1], b[j - 1]),
        swapped ? at(before, j - 2) + 1 : Infinity,
      )
    }
    ;[before, above] = [above, row]
  }
  return at(above, b.length)
}

function replacing(one = '', other = ''): number {
  if (one === other) return 0
  return one.toLowerCase() === other.toLowerCase() ? 0.5 : 1
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity
}
