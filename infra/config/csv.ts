import { problem, type Place, type Problem } from '@shuniu/contracts'
import { CsvError, parse } from 'csv-parse/sync'

/** One record of a CSV text: its cells without the spaces around them, and where it stands, line end included. */
export interface CsvRecord {
  readonly cells: readonly string[]
  readonly line: number
  readonly start: number
  readonly end: number
}

/** Reads comma-separated records as RFC 4180 has them; blank records (`,,` as well) are left out. */
export function readCsv(text: string, file: string): { records: readonly CsvRecord[]; problems: readonly Problem[] } {
  try {
    const rows: string[][] = parse(text, { trim: true, relax_column_count: true, record_delimiter: ['\r\n', '\n'] })
    const spans = spansOf(text)
    if (rows.length !== spans.length) return { records: [], problems: [badCsv('a quote is misplaced', file, 1)] }
    const records = spans.map((span, index) => ({ ...span, cells: rows[index] ?? [] }))
    return { records: records.filter(({ cells }) => cells.some((cell) => cell !== '')), problems: [] }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return { records: [], problems: [badCsv(error.message, file, Number(error['lines'] ?? 1))] }
  }
}

/** Where the records stand. A line end inside quotes belongs to its cell. */
function spansOf(text: string): Omit<CsvRecord, 'cells'>[] {
  const spans: Omit<CsvRecord, 'cells'>[] = []
  let [start, line, lines, quoted] = [0, 1, 1, false]
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted
    if (text[at] !== '\n') continue
    lines++
    if (quoted) continue
    spans.push({ line, start, end: at + 1 })
    ;[start, line] = [at + 1, lines]
  }
  return start < text.length ? [...spans, { line, start, end: text.length }] : spans
}

function badCsv(message: string, file: string, line: number): Problem {
  return problem('table.bad-csv', { message: message.replace(/\.$/, '') }, { file, line, column: 1 })
}

/** A record as text, without a line end; a cell is quoted only where it must be. */
export function writeRecord(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')
}

/** Where a record begins. */
export function placeOfRecord(file: string, record: CsvRecord): Place {
  return { file, line: record.line, column: 1 }
}
