import { HubError, nearest, type Day } from '@shuniu/contracts'
import { readCsv, writeRecord, type CsvRecord } from './csv.ts'
import { LARGEST_TABLE, parseTable, readDay, type Table } from './table.ts'
import { checkText } from './text-file.ts'

/** A row to be written. */
export interface TableEdit {
  readonly keys: readonly string[]
  /** Value columns; those left out keep their cell, or are empty in a new row. */
  readonly values: Readonly<Record<string, string>>
  /** First day on which the row counts: tells rows of one key apart. */
  readonly from?: Day | undefined
  /** First day on which it no longer counts; left out, an existing row keeps its own. */
  readonly to?: Day | undefined
}

/**
 * The text of a table with one row changed or appended; every other line stays as it is, byte for byte. Throws HubError when
 * the edit does not fit the columns or would make the table wrong.
 */
export function editTable(table: Table, edit: TableEdit): string {
  refuseEdit(table, edit)
  const { records } = readCsv(table.text, table.file)
  const existing = records.slice(1).find((record) => isSameRow(table, record, edit))
  const text = existing ? replaceRecord(table, existing, edit) : appendRecord(table, edit)
  const unreadable = checkText(text, table.file, LARGEST_TABLE).problems
  const { problems } = parseTable(table.shape.name, table.file, text)
  const wrong = [...unreadable, ...problems].find(({ severity }) => severity === 'error')
  if (wrong) throw wrong.error
  return text
}

function refuseEdit({ shape }: Table, edit: TableEdit): void {
  if (edit.keys.length !== shape.keys.length) throw wrongKeyCount(shape, edit.keys.length)
  const unknown = Object.keys(edit.values).find((column) => !shape.values.includes(column))
  if (unknown !== undefined) {
    const known = { nearest: nearest(unknown, shape.values, Infinity), columns: shape.values.join(', ') }
    throw new HubError('table.unknown-column', { name: shape.name, column: unknown, ...known })
  }
  if ((edit.from ?? edit.to) && !shape.dated) throw new HubError('table.not-dated', { name: shape.name })
}

/** The refusal of a look-up or an edit with too few or too many keys. */
export function wrongKeyCount({ name, keys }: Table['shape'], found: number): HubError {
  return new HubError('table.key-count', { name, expected: keys.length, found, columns: keys.join(', ') })
}

function isSameRow({ columns }: Table, record: CsvRecord, edit: TableEdit): boolean {
  const keys = record.cells.filter((_, index) => columns[index]?.role === 'key')
  const from = readDay(record.cells[columns.findIndex((column) => column.role === 'from')] ?? '')
  return keys.every((key, index) => key.trim() === edit.keys[index]?.trim()) && from?.text === edit.from?.text
}

function replaceRecord(table: Table, record: CsvRecord, edit: TableEdit): string {
  const { text } = table
  const lineEnd = /\r?\n$/.exec(text.slice(record.start, record.end))?.[0] ?? ''
  const row = writeRecord(cellsOf(table, edit, record.cells))
  return text.slice(0, record.start) + row + lineEnd + text.slice(record.end)
}

function appendRecord(table: Table, edit: TableEdit): string {
  const { text } = table
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const ended = text.endsWith('\n') ? text : text + lineEnd
  return ended + writeRecord(cellsOf(table, edit, [])) + lineEnd
}

function cellsOf({ columns }: Table, edit: TableEdit, before: readonly string[]): string[] {
  const keys = [...edit.keys]
  return columns.map(({ role, name }, index) => {
    const old = before[index] ?? ''
    if (role === 'key') return keys.shift() ?? ''
    if (role === 'value') return edit.values[name] ?? old
    return (role === 'from' ? edit.from?.text : edit.to?.text) ?? old
  })
}
