import { accountOf } from './accounts.ts'
import { parseAmount } from './amount.ts'
import { msgCode, Refusal } from './answers.ts'
import type { Ledger } from './desk.ts'
import { isUsable } from './model.ts'
import type { Draft } from './model.ts'
import { periodOf } from './periods.ts'
import { accountBooks, currencies, dimensions, rateTypes, voucherWords } from './tenant.ts'
import { total } from './voucher.ts'
import type { VoucherEntry } from './voucher.ts'

const invalid = (text: string, field: string | null = null): Refusal => new Refusal(msgCode.invalid, text, field)
const missing = (title: string, field: string): Refusal => invalid(`字段[${title}]是必录字段`, field)

const agrees = (sent: string, derived: number | undefined): boolean => sent === '' || Number(sent) === derived

/** Book, word and date, without which not even a draft can be numbered. */
export function checkHeader(draft: Draft): void {
  if (!accountBooks.some(({ number }) => number === draft.FAccountBookID)) throw missing('账簿', 'FAccountBookID')
  if (!voucherWords.some(({ number }) => number === draft.FVOUCHERGROUPID)) throw missing('凭证字', 'FVOUCHERGROUPID')
  if (!isDay(draft.FDate)) throw missing('日期', 'FDate')
  const [year, month] = draft.FDate.split('-').map(Number)
  // Own invention: the text; that year and period must agree with the date is kingdee.md §6.1.
  if (!agrees(draft.year, year)) throw invalid('会计年度与凭证日期不一致', 'FYEAR')
  if (!agrees(draft.period, month)) throw invalid('期间与凭证日期不一致', 'FPERIOD')
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** Own invention: the text (kingdee.md §12). */
export function checkPeriod(voucher: Pick<Draft, 'FAccountBookID' | 'FDate'>, { periods }: Ledger): void {
  if (periods.isClosed(voucher.FAccountBookID, periodOf(voucher.FDate)))
    throw invalid('凭证日期所在期间已结账', 'FDate')
}

/** Everything a saved voucher has to satisfy; a draft need not. */
export function checkVoucher(draft: Draft, ledger: Ledger): void {
  checkHeader(draft)
  checkPeriod(draft, ledger)
  if (draft.FEntity.length < 2) throw invalid('请输入凭证数据，凭证分录不合法！')
  for (const [index, entry] of draft.FEntity.entries()) checkEntry(entry, index + 1, ledger)
  if (total(draft, 'FDEBIT') !== total(draft, 'FCREDIT')) throw invalid('凭证借贷不平衡', 'FEntity')
}

function checkEntry(entry: VoucherEntry, line: number, ledger: Ledger): void {
  const account = accountOf(entry.FACCOUNTID)
  if (!account?.isLeaf || ledger.isForbidden(account.number)) throw invalid('请输入凭证数据，凭证分录不合法！')
  if (entry.FEXPLANATION.trim() === '') throw missing('摘要', 'FEXPLANATION')
  if (!currencies.some(({ number }) => number === entry.FCURRENCYID)) throw missing('币别', 'FCURRENCYID')
  if (!rateTypes.some((number) => number === entry.FEXCHANGERATETYPE)) throw missing('汇率类型', 'FEXCHANGERATETYPE')
  const absent = account.required.filter((slot) => !isUsable(slot, entry.FDetailID[slot] ?? ''))
  if (absent.length > 0) {
    const titles = absent.map((slot) => dimensions[slot]?.title ?? slot).join('、')
    throw invalid(
      `第${line}行分录：科目（${account.number}-${account.name}）设置的下列必录维度未录入或不可用：${titles}`,
    )
  }
  const [debit, credit] = [parseAmount(entry.FDEBIT), parseAmount(entry.FCREDIT)]
  // Own invention: both texts; that both sides must not be zero is kingdee.md §6.5.
  if (debit === 0n && credit === 0n) throw invalid(`第${line}行分录：借方金额和贷方金额不能同时为零`, 'FEntity')
  if (debit !== 0n && credit !== 0n) throw invalid(`第${line}行分录：借方金额和贷方金额不能同时录入`, 'FEntity')
}
