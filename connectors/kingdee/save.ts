import { Day, Decimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { day, decimal, type SendContext } from '@shuniu/sdk'
import { z } from 'zod'
import { list, plain } from './answers.ts'
import { failureOf } from './failures.ts'
import type { Kingdee } from './link.ts'
import { headOfModel } from './lines.ts'
import { modelOf } from './model.ts'
import { voucherForm } from './query.ts'
import type { Voucher } from './voucher-query.ts'

/** A voucher as flows see it after a step. */
export const voucherOutput = z.strictObject({
  id: z.string().describe('Kingdee’s id; the only safe address of a voucher'),
  number: z.string().describe('Word and number: 记-27. Numbers start anew every month'),
  word: z.string().describe('Voucher word: 记'),
  year: decimal(),
  period: decimal(),
  date: day(),
  status: z.string().describe('Z draft, A saved, B submitted, C audited, D sent back'),
  book: z.string(),
})
export type VoucherOutput = z.output<typeof voucherOutput>

const count = (text: string): Decimal => new Decimal(/^\d{1,9}$/.test(text) ? text : '0')

/** The output of a voucher that was read. */
export function outputOfVoucher(voucher: Voucher): VoucherOutput {
  const { id, number, word, year, period, status, book } = voucher
  return { id, number, word, status, book, year: count(year), period: count(period), date: dayOf(voucher.date) }
}

function dayOf(text: string): Day {
  const found = Day.parse(text)
  if (!found) throw failureOf('unreadable', { changes: false, words: `the date ${text}` })
  return found
}

/** One Save. Only an answer that names the new id is a success; anything else that is no refusal is in doubt. */
export async function postSave(
  { client }: Kingdee,
  operation: string,
  body: ValueRecord,
  send: SendContext,
): Promise<VoucherOutput> {
  const { date, book } = headOfModel(modelOf(body))
  const answer = await client.post('Save', { formid: voucherForm, data: body['data'] ?? null }, { operation, send })
  const { id, number } = readSaved(answer)
  const saved = dayOf(date)
  const word = plain(body['word'])
  return {
    id,
    word,
    book,
    number: number === '' ? '' : `${word}-${number}`,
    date: saved,
    year: new Decimal(String(saved.year)),
    period: new Decimal(String(saved.month)),
    status: 'A',
  }
}

/** Id and running number of a saved voucher; the number of a reply may be empty (kingdee.md §6.4). */
function readSaved(answer: Value): { id: string; number: string } {
  const result = isRecord(answer) && isRecord(answer['Result']) ? answer['Result'] : {}
  const id = plain(result['Id'])
  if (!/^[1-9]\d*$/.test(id)) throw failureOf('unreadable', { changes: true, words: 'a success without an id' })
  const returned = list(result['NeedReturnData'])[0]
  const number = isRecord(returned ?? null) && isRecord(returned) ? plain(returned['FVOUCHERGROUPNO']) : ''
  return { id, number: number === '' ? plain(result['Number']) : number }
}
