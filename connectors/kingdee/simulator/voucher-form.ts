import { accounts } from './accounts.ts'
import { parseAmount, printAmount } from './amount.ts'
import type { Cell, Column } from './columns.ts'
import { column, reference } from './forms.ts'
import type { Form } from './forms.ts'
import { accountBooks, currencies, dimensions, referenceField, voucherWords } from './tenant.ts'
import { total } from './voucher.ts'
import type { Voucher, VoucherEntry } from './voucher.ts'
import type { Vouchers } from './vouchers.ts'

/** One row for each entry (kingdee.md §4.4); a draft without entries has one row without an entry. */
export interface VoucherRow {
  readonly voucher: Voucher
  readonly entry: VoucherEntry | undefined
}

const ofHeader = (key: string, type: Column<VoucherRow>['type'], read: (voucher: Voucher) => Cell) =>
  column<VoucherRow>(key, type, ({ voucher }) => read(voucher))
const ofEntry = (key: string, type: Column<VoucherRow>['type'], read: (entry: VoucherEntry) => Cell) =>
  column<VoucherRow>(key, type, ({ entry }) => (entry ? read(entry) : null))
const amount = (key: string, read: (entry: VoucherEntry) => string) =>
  ofEntry(key, 'amount', (entry) => printAmount(parseAmount(read(entry)) ?? 0n))

const chart = accounts.map((account) => ({ ...account, org: '100' }))

const headerColumns = [
  ofHeader('FVOUCHERID', 'integer', (voucher) => voucher.FVOUCHERID),
  ofHeader('FBillNo', 'text', () => ''),
  ...reference<VoucherRow>('FAccountBookID', accountBooks, ({ voucher }) => voucher.FAccountBookID),
  ofHeader('FDate', 'day', (voucher) => `${voucher.FDate}T00:00:00`),
  ofHeader('FBUSDATE', 'day', (voucher) => (voucher.FBUSDATE === '' ? null : `${voucher.FBUSDATE}T00:00:00`)),
  ofHeader('FYEAR', 'integer', (voucher) => voucher.FYEAR),
  ofHeader('FPERIOD', 'integer', (voucher) => voucher.FPERIOD),
  ...reference<VoucherRow>('FVOUCHERGROUPID', voucherWords, ({ voucher }) => voucher.FVOUCHERGROUPID),
  ofHeader('FVOUCHERGROUPNO', 'integer', (voucher) => voucher.FVOUCHERGROUPNO),
  ofHeader('FDocumentStatus', 'text', (voucher) => voucher.FDocumentStatus),
  ofHeader('FATTACHMENTS', 'integer', (voucher) => Number(voucher.FATTACHMENTS)),
  ofHeader('FReference', 'text', (voucher) => voucher.FReference),
  ofHeader(referenceField, 'text', (voucher) => voucher.F_HUB_SourceId),
  ofHeader('FDEBITTOTAL', 'amount', (voucher) => printAmount(total(voucher, 'FDEBIT'))),
  ofHeader('FCREDITTOTAL', 'amount', (voucher) => printAmount(total(voucher, 'FCREDIT'))),
  ofHeader('FPosted', 'flag', () => false),
  ofHeader('FInvalid', 'flag', () => false),
  ofHeader('FCreatorId.FName', 'text', (voucher) => voucher.FCreatorId),
  ofHeader('FCHECKERID.FName', 'text', (voucher) => voucher.FCHECKERID),
  ofHeader('FCHECKERID', 'text', (voucher) => voucher.FCHECKERID),
  ofHeader('FPOSTERID', 'text', () => ''),
  ofHeader('FCASHIERID', 'text', () => ''),
  ofHeader('FCreateDate', 'day', (voucher) => voucher.FCreateDate),
  ofHeader('FModifyDate', 'day', (voucher) => voucher.FModifyDate),
]

const entryColumns = [
  ofEntry('FEntity_FEntryID', 'integer', (entry) => entry.FEntryID),
  ofEntry('FEXPLANATION', 'text', (entry) => entry.FEXPLANATION),
  ...reference<VoucherRow>('FACCOUNTID', chart, ({ entry }) => entry?.FACCOUNTID ?? ''),
  ...reference<VoucherRow>('FCURRENCYID', currencies, ({ entry }) => entry?.FCURRENCYID ?? ''),
  ofEntry('FEXCHANGERATETYPE.FNumber', 'text', (entry) => entry.FEXCHANGERATETYPE),
  amount('FEXCHANGERATE', (entry) => entry.FEXCHANGERATE),
  amount('FAMOUNTFOR', (entry) => entry.FAMOUNTFOR),
  amount('FDEBIT', (entry) => entry.FDEBIT),
  amount('FCREDIT', (entry) => entry.FCREDIT),
  ofEntry('FDC', 'integer', (entry) => (parseAmount(entry.FDEBIT) === 0n ? 2 : 1)),
  ofEntry('FBUSNO', 'text', (entry) => entry.FBUSNO),
  ...Object.entries(dimensions).flatMap(([slot, { records }]) =>
    reference<VoucherRow>(`FDetailID.${slot}`, records, ({ entry }) => entry?.FDetailID[slot] ?? ''),
  ),
]

/** Fields of the header and of the entries, for QueryBusinessInfo. */
export const voucherEntities = { FBillHead: headerColumns, FEntity: entryColumns }

const rowsOf = (voucher: Voucher): VoucherRow[] =>
  voucher.FEntity.length === 0 ? [{ voucher, entry: undefined }] : voucher.FEntity.map((entry) => ({ voucher, entry }))

/** GL_VOUCHER for queries. Posting is done in the system itself, so FPosted is always false. */
export const voucherForm = (vouchers: Vouchers): Form<VoucherRow> => ({
  id: 'GL_VOUCHER',
  title: '凭证',
  key: 'FVOUCHERID',
  columns: [...headerColumns, ...entryColumns],
  rows: (pins) => Iterator.from(vouchers.candidates(pins)).flatMap(rowsOf),
})
