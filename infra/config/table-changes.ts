import type { Table, TableRow } from './table.ts'

/** What happened to the rows of one key. */
export interface TableChange {
  readonly table: string
  readonly keys: readonly string[]
  readonly change: 'appeared' | 'changed' | 'gone'
}

/** The keys whose rows are not what they were; a table that is read for the first time has changed in all its keys. */
export function changesBetween(before: Table | undefined, after: Table): TableChange[] {
  const table = after.shape.name
  const old = before?.rows ?? new Map<string, readonly TableRow[]>()
  const present = [...after.rows].flatMap(([key, rows]): TableChange[] => {
    const was = old.get(key)
    if (was && versionsOf(was) === versionsOf(rows)) return []
    return [{ table, keys: rows[0]?.keys ?? [], change: was ? 'changed' : 'appeared' }]
  })
  const gone = [...old].flatMap(([key, rows]): TableChange[] =>
    after.rows.has(key) ? [] : [{ table, keys: rows[0]?.keys ?? [], change: 'gone' }],
  )
  return [...present, ...gone]
}

function versionsOf(rows: readonly TableRow[]): string {
  return rows.map((row) => row.version).join()
}
