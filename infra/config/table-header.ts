import { problem, type Problem } from '@shuniu/contracts'
import { placeOfRecord, type CsvRecord } from './csv.ts'

/** What the columns of a table are. */
export interface TableShape {
  readonly name: string
  /** Names of the key columns, in the order in which keys are given. */
  readonly keys: readonly string[]
  readonly values: readonly string[]
  /** True with columns `from` and `to`: a look-up needs a day. */
  readonly dated: boolean
}

/** A column of the file, in the file's order. */
export interface Column {
  readonly role: 'key' | 'value' | 'from' | 'to'
  readonly name: string
}

/** A header that was understood. */
export interface TableHeader {
  readonly shape: TableShape
  readonly columns: readonly Column[]
}

const KEY = 'key:'
const refusedNames = new Set(Object.getOwnPropertyNames(Object.prototype))

/**
 * The columns of a table are told by its header alone: the first column is the key, the rest are values. Where several
 * columns are the key, each of them is headed `key:name`. Columns headed `from` and `to` hold the days between which a row
 * counts. So `category,account` has one key; `key:category,key:company,account,from,to` has two and is dated.
 */
export function readHeader(
  name: string,
  file: string,
  record: CsvRecord,
): { header?: TableHeader; problems: Problem[] } {
  const columns = columnsOf(record.cells)
  const wanted = wrongWith(columns)
  if (wanted) {
    const parameters = { header: record.cells.join(','), wanted }
    return { problems: [problem('table.bad-header', parameters, placeOfRecord(file, record))] }
  }
  const named = (role: Column['role']): string[] => columns.filter((one) => one.role === role).map((one) => one.name)
  const dated = columns.some((column) => column.role === 'from')
  return { header: { shape: { name, keys: named('key'), values: named('value'), dated }, columns }, problems: [] }
}

function columnsOf(cells: readonly string[]): Column[] {
  const marked = cells.some((cell) => cell.startsWith(KEY))
  return cells.map((cell, index) => {
    if (cell === 'from' || cell === 'to') return { role: cell, name: cell }
    const isKey = marked ? cell.startsWith(KEY) : index === 0
    return { role: isKey ? 'key' : 'value', name: cell.replace(/^key:\s*/, '') }
  })
}

/** What a header lacks, in signs that need no language. */
function wrongWith(columns: readonly Column[]): string | undefined {
  const names = columns.map((column) => column.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  const refused = names.find((name) => refusedNames.has(name))
  const has = (role: Column['role']): boolean => columns.some((column) => column.role === role)
  if (names.includes('')) return 'name ≠ ""'
  if (twice !== undefined) return `1 × ${twice}`
  if (refused !== undefined) return `≠ ${refused}`
  if (!has('key') || !has('value')) return 'key,value'
  return has('from') === has('to') ? undefined : 'from,to'
}
