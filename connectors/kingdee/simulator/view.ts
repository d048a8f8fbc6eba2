import { accountOf } from './accounts.ts'
import { parseAmount, printAmount } from './amount.ts'
import { exactNumber } from './json.ts'
import { referenceField, voucherWords } from './tenant.ts'
import type { BaseRecord } from './tenant.ts'
import { total } from './voucher.ts'
import type { Voucher, VoucherEntry } from './voucher.ts'

const money = (text: string): unknown => exactNumber(printAmount(parseAmount(text) ?? 0n))
const named = (one: Pick<BaseRecord, 'id' | 'number' | 'name'> | undefined) =>
  one ? { Id: one.id, Number: one.number, Name: [{ Key: 2052, Value: one.name }] } : null

/** `Result.Result` of View: ORM property names, not F-keys; names are multi-language lists (kingdee.md §4.3). */
export const voucherView = (voucher: Voucher) => ({
  Id: voucher.FVOUCHERID,
  BillNo: '',
  DocumentStatus: voucher.FDocumentStatus,
  Date: `${voucher.FDate}T00:00:00`,
  YEAR: voucher.FYEAR,
  PERIOD: voucher.FPERIOD,
  VOUCHERGROUPNO: String(voucher.FVOUCHERGROUPNO),
  DEBITTOTAL: exactNumber(printAmount(total(voucher, 'FDEBIT'))),
  CREDITTOTAL: exactNumber(printAmount(total(voucher, 'FCREDIT'))),
  VOUCHERGROUPID: named(voucherWords.find(({ number }) => number === voucher.FVOUCHERGROUPID)),
  [referenceField]: voucher.F_HUB_SourceId,
  GL_VOUCHERENTRY: voucher.FEntity.map(entryView),
})

const entryView = (entry: VoucherEntry) => ({
  Id: entry.FEntryID,
  EXPLANATION: entry.FEXPLANATION,
  ACCOUNTID: named(accountOf(entry.FACCOUNTID)),
  DEBIT: money(entry.FDEBIT),
  CREDIT: money(entry.FCREDIT),
  BUSNO: entry.FBUSNO,
})
