import { Day, Decimal, type ParkReason } from '@shuniu/contracts'
import { defineOperation, type PrepareContext, type Prepared } from '@shuniu/sdk'
import { z } from 'zod'
import { plain } from './answers.ts'
import { fromFound } from './found.ts'
import { contentText, differences, negated, type Content, type Line } from './lines.ts'
import type { Kingdee } from './link.ts'
import { emptyAnswer, lookUp, readVoucher } from './look-up.ts'
import { saveBody } from './model.ts'
import { periods } from './periods.ts'
import { quoted } from './query.ts'
import { outputOfVoucher, postSave, type VoucherOutput } from './save.ts'
import { withoutReference } from './summary.ts'
import { contentOf, makesVoucher } from './voucher-methods.ts'
import { ofBook, readVouchers, type Voucher } from './voucher-query.ts'

const input = z.strictObject({
  id: z.string().nullish().describe('Id of the voucher to reverse; left out, the one the undone step made'),
})
type Input = z.output<typeof input>

/** Reverses a voucher by red letters (红字冲销): same lines, same sides, negative amounts. Nothing is ever deleted. */
export const voucherReverse = defineOperation<Kingdee, Input, VoucherOutput>({
  ...makesVoucher,
  title: { en: 'Reverse a voucher', zh: '红字冲销凭证' },
  input,
  prepare: prepareReversal,
  send: (link, body, _reference, context) => postSave(link, 'voucher.reverse', body, context),
})

const park = (reason: ParkReason, en: string, zh: string): Prepared<VoucherOutput> => ({
  is: 'park',
  finding: { reason, message: { en, zh } },
})

async function prepareReversal(
  link: Kingdee,
  { id }: Input,
  reference: string,
  { undone, today }: PrepareContext,
): Promise<Prepared<VoucherOutput>> {
  const target = id ?? plain(undone?.output['id'])
  const made = undone && contentOf(undone.body)
  const voucher = await readVoucher(link, target, made?.book)
  if (!voucher) return park('deleted-in-target', `Voucher ${target} is gone.`, `凭证 ${target} 已不存在。`)
  const { number } = voucher
  if (voucher.isVoid) return park('deleted-in-target', `Voucher ${number} was voided.`, `凭证 ${number} 已作废。`)
  const earlier = await findReversal(link, voucher, reference)
  if (earlier) return settledBy(earlier, voucher)
  if (made && contentText(made) !== contentText(voucher)) return parkChanged(made, voucher)
  const day = Day.parse(today)
  const open = day && (await periods.openDay(link, voucher.book, day))
  if (!open)
    return park(
      'period-closed',
      `No period from ${today} on is open this year.`,
      `${today} 之后本年度没有未结账的期间。`,
    )
  return { is: 'body', body: reversalBody(link, voucher, open.day, reference) }
}

/** How the reversed voucher is named in a summary: 2026年11月记-27. */
const nameOf = ({ year, period, number }: Voucher): string => `${year}年${period}月${number}`

function reversalBody(link: Kingdee, voucher: Voucher, date: Day, reference: string) {
  const { book, word, wordNumber, lines } = voucher
  const reversed = lines.map((line): Line => {
    const summary = `冲销 ${nameOf(voucher)} ${withoutReference(line.summary)}`
    return { ...negated(line), summary }
  })
  const draft = { book, date, reference, attachments: new Decimal('0'), lines: reversed }
  return saveBody({ ...draft, word: { number: wordNumber, name: word } }, link.client.settings)
}

/** A voucher that already reverses this one: ours by its reference, or a person's by its summary. */
async function findReversal(link: Kingdee, voucher: Voucher, reference: string): Promise<Voucher | undefined> {
  const own = await lookUp(link, reference, voucher.book, voucher.id)
  if (own.found[0]) return fromFound(own.found[0])
  if (!own.proven) throw emptyAnswer()
  const pattern = `冲销%${nameOf(voucher)}%`
  const filter = `${ofBook(voucher.book)} and FDate>=${quoted(voucher.date)} and FEXPLANATION like ${quoted(pattern)}`
  const [named] = (await readVouchers(link, filter)).filter((one) => !one.isVoid && saysItReverses(one, voucher))
  return named && readVoucher(link, named.id, voucher.book)
}

/** The name right behind 冲销, and its number to the last digit: 记-2 is not 记-27. */
function saysItReverses(other: Voucher, voucher: Voucher): boolean {
  return other.lines.some(({ summary }) => {
    const rest = summary.replace(/^冲销\s*/, '')
    return rest !== summary && rest.startsWith(nameOf(voucher)) && !/^\d/.test(rest.slice(nameOf(voucher).length))
  })
}

function settledBy(earlier: Voucher, voucher: Voucher): Prepared<VoucherOutput> {
  const expected: Content = { ...voucher, date: earlier.date, lines: voucher.lines.map(negated) }
  if (contentText(expected) === contentText(earlier))
    return { is: 'done', output: outputOfVoucher(earlier), because: `${nameOf(earlier)} reverses it` }
  const [a, b] = [nameOf(earlier), nameOf(voucher)]
  return park('conflict', `${a} says it reverses ${b}, but its lines differ.`, `${a} 注明冲销 ${b}，但分录不一致。`)
}

const shown = 3
const listed = (lines: readonly string[]): string => lines.slice(0, shown).join(' ') || '-'

/** Somebody changed the voucher after we saved it: a person decides what is to be undone. */
function parkChanged(made: Content, voucher: Voucher): Prepared<VoucherOutput> {
  const { missing, added } = differences(made, voucher)
  const date = made.date === voucher.date ? '' : ` ${made.date} → ${voucher.date}`
  const detail = `${date} − ${listed(missing)} + ${listed(added)}`
  const { number } = voucher
  return park(
    'conflict',
    `Voucher ${number} was changed in Kingdee:${detail}`,
    `凭证 ${number} 已在金蝶中被修改：${detail}`,
  )
}
