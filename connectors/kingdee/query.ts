import { Decimal, type Value } from '@shuniu/contracts'
import { plain } from './answers.ts'
import type { Client } from './client.ts'
import { failureOf } from './failures.ts'

/** A question to ExecuteBillQuery (kingdee.md §4.4). */
export interface Question {
  readonly form: string
  /** Field keys, in the order of the cells of a row. */
  readonly fields: readonly string[]
  readonly filter: string
  readonly order?: string
  /** At most so many rows; without it every row, page by page. */
  readonly top?: number
}

/** One row: field key → cell as text, dates as `yyyy-MM-dd…`, empty text for nothing. */
export type Row = Readonly<Record<string, string>>

/** The form of vouchers. */
export const voucherForm = 'GL_VOUCHER'

const pageSize = 2000
const mostPages = 500
const zero = new Decimal('0')

/** A text inside a filter. The only way a value gets into one: the filter is SQL-like and would be open to injection. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** `field in ('a','b')`; at least one text. */
export function oneOf(field: string, texts: Iterable<string>): string {
  return `${field} in (${[...texts].map(quoted).join(',')})`
}

/** Asks a question. Throws `CallFailure`; an empty list can also mean that the user may not see the rows. */
export async function ask(client: Client, question: Question): Promise<Row[]> {
  const rows: Row[] = []
  const limit = question.top ?? pageSize
  for (let page = 0; page < mostPages; page++) {
    const found = await askPage(client, question, page * pageSize, limit)
    rows.push(...found)
    if (question.top !== undefined || found.length < pageSize) break
  }
  return rows
}

async function askPage(client: Client, question: Question, start: number, limit: number): Promise<Row[]> {
  const data = {
    FormId: question.form,
    FieldKeys: question.fields.join(','),
    FilterString: question.filter,
    OrderString: question.order ?? '',
    TopRowCount: zero,
    StartRow: new Decimal(String(start)),
    Limit: new Decimal(String(limit)),
  }
  const answer = await client.post(
    'ExecuteBillQuery',
    { data },
    { operation: question.form === voucherForm ? 'voucher.find' : 'query' },
  )
  const rows = Array.isArray(answer) ? answer.map((row: Value) => toRow(question.fields, row)) : [undefined]
  const readable = rows.filter((row) => row !== undefined)
  if (readable.length < rows.length)
    throw failureOf('unreadable', { changes: false, words: 'not a table of the fields asked for' })
  return readable
}

function toRow(fields: readonly string[], cells: Value): Row | undefined {
  if (!Array.isArray(cells) || cells.length !== fields.length) return undefined
  return Object.fromEntries(fields.map((field, at) => [field, plain(cells[at])]))
}
