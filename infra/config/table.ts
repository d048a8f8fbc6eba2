import { createHash } from 'node:crypto'
import { Day, problem, type Problem, type Value } from '@shuniu/contracts'
import { placeOfRecord, readCsv, type CsvRecord } from './csv.ts'
import { readHeader, type Column, type TableHeader, type TableShape } from './table-header.ts'

/** A row that counts. */
export interface TableRow {
  readonly keys: readonly string[]
  readonly values: Readonly<Record<string, string>>
  /** First day on which it counts, and first day on which it no longer does; undefined = no limit. */
  readonly from: Day | undefined
  readonly to: Day | undefined
  readonly line: number
  /** Hash of keys, values and days: another text is another version, another line is not. */
  readonly version: string
}

/** A table as it was read: never changes. */
export interface Table extends TableHeader {
  readonly file: string
  readonly text: string
  /** All rows of a key, oldest first. */
  readonly rows: ReadonlyMap<string, readonly TableRow[]>
}

/** Tables are small things that people keep; a larger file is refused unread. */
export const LARGEST_TABLE = 16 * 1024 * 1024

/** Reads a table from its CSV text and reports everything that is wrong with it; with an error there is no table. */
export function parseTable(
  name: string,
  file: string,
  text: string,
): { readonly table: Table | undefined; readonly problems: readonly Problem[] } {
  const { records, problems } = readCsv(text, file)
  const [first, ...rest] = records
  if (problems.length > 0) return { table: undefined, problems }
  if (!first) return { table: undefined, problems: [problem('config.empty', { file }, { file, line: 1, column: 1 })] }
  const { header, problems: wrong } = readHeader(name, file, first)
  if (!header) return { table: undefined, problems: wrong }
  const read = rest.map((record) => readRow(record, header.columns, file))
  const rows = Map.groupBy(
    read.flatMap(({ row }) => (row ? [row] : [])),
    (row) => keyOf(row.keys),
  )
  for (const group of rows.values()) group.sort((one, other) => startOf(one) - startOf(other) || 0)
  const found = [
    ...read.flatMap((one) => one.problems),
    ...[...rows.values()].flatMap((group) => overlaps(group, file)),
  ]
  const table = { ...header, file, text, rows }
  return { table: found.some(({ severity }) => severity === 'error') ? undefined : table, problems: found }
}

/**
 * The row of a key that counts on a day; undefined is a miss. Spaces around a key never count. Without a day only rows
 * without dates count.
 */
export function findRow(table: Table, keys: readonly string[], day?: Day): TableRow | undefined {
  const rows = table.rows.get(keys.length === 1 && keys[0] !== undefined ? keys[0].trim() : keyOf(keys.map(trimmed)))
  if (rows) for (const row of rows) if (counts(row, day)) return row
  return undefined
}

const trimmed = (key: string): string => key.trim()

function counts({ from, to }: TableRow, day: Day | undefined): boolean {
  if (!day) return !from && !to
  return (!from || from.compare(day) <= 0) && (!to || day.compare(to) < 0)
}

/** What `table(…)` gives in an expression: the one value of a table with one value column, else a record of them. */
export function resultOf(shape: TableShape, row: TableRow): Value {
  const [only, more] = shape.values
  return only !== undefined && more === undefined ? (row.values[only] ?? '') : row.values
}

/** Keys as one text, for maps; all keys of a table have the same number of columns. */
export function keyOf(keys: readonly string[]): string {
  const [only, more] = keys
  return only !== undefined && more === undefined ? only : JSON.stringify(keys)
}

function readRow(record: CsvRecord, columns: readonly Column[], file: string): { row?: TableRow; problems: Problem[] } {
  const place = placeOfRecord(file, record)
  if (record.cells.length !== columns.length) {
    return { problems: [problem('table.columns', { found: record.cells.length, expected: columns.length }, place)] }
  }
  const row = rowOf(record, columns)
  const problems = cellsOf(record, columns).flatMap(({ role, name, cell }) => {
    if (role === 'key' && cell.trim() === '') return [problem('table.empty-key', { column: name }, place)]
    const isDay = role === 'from' || role === 'to'
    return isDay && cell !== '' && !readDay(cell)
      ? [problem('table.bad-date', { column: name, text: cell }, place)]
      : []
  })
  if (row.from && row.to && row.from.compare(row.to) >= 0) {
    problems.push(problem('table.bad-span', { from: row.from.text, to: row.to.text }, place))
  }
  if (problems.length > 0) return { problems }
  const filled = Object.values(row.values).some((value) => value !== '')
  return filled ? { row, problems } : { problems: [problem('table.empty-row', {}, place, 'warning')] }
}

function cellsOf(record: CsvRecord, columns: readonly Column[]): (Column & { cell: string })[] {
  return columns.map((column, index) => ({ ...column, cell: record.cells[index] ?? '' }))
}

function rowOf(record: CsvRecord, columns: readonly Column[]): TableRow {
  const cells = cellsOf(record, columns)
  const of = (role: Column['role']): string[] => cells.filter((one) => one.role === role).map((one) => one.cell)
  const keys = of('key').map((key) => key.trim())
  const entries = cells.filter((one) => one.role === 'value').map(({ name, cell }): [string, string] => [name, cell])
  const [from, to] = [readDay(of('from')[0] ?? ''), readDay(of('to')[0] ?? '')]
  const version = createHash('sha256').update(JSON.stringify([keys, entries.toSorted(), from ?? null, to ?? null]))
  return {
    keys,
    values: Object.fromEntries(entries),
    from,
    to,
    line: record.line,
    version: version.digest('hex').slice(0, 16),
  }
}

/** A day as people and spreadsheets write it: `2026-01-31`, `2026/1/31`. Empty = no limit. */
export function readDay(text: string): Day | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text) ?? []
  return Day.parse(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`)
}

const startOf = (row: TableRow): number => row.from?.epochDay ?? -Infinity
const endOf = (row: TableRow): number => row.to?.epochDay ?? Infinity

/** Rows of one key, sorted by their start, that count on the same day. */
function overlaps(group: readonly TableRow[], file: string): Problem[] {
  let latest = group[0]
  return group.slice(1).flatMap((row) => {
    const before = latest
    if (!before || endOf(row) > endOf(before)) latest = row
    if (!before || endOf(before) <= startOf(row)) return []
    const [one, other] = before.line < row.line ? [before, row] : [row, before]
    const place = { file, line: other.line, column: 1 }
    return [problem('table.overlap', { other: one.line, key: row.keys.join(', ') }, place)]
  })
}
