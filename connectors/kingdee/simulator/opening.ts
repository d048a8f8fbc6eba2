import type { Book } from '@shuniu/sdk/simulator'
import type { Desk } from './desk.ts'
import { today } from './periods.ts'
import { bookkeeper } from './tenant.ts'
import type { VoucherEntry } from './voucher.ts'

/** A new book starts with one voucher somebody else made: bank charges, audited, without any reference. */
export async function openingVoucher(
  book: Book,
  { vouchers, moment }: Desk,
  firstOpen: string,
  now: number,
): Promise<void> {
  if (book.list('voucher').length > 0) return
  const month = today(now).slice(0, 7)
  const FDate = `${month > firstOpen ? month : firstOpen}-01`
  const place = { FAccountBookID: '001', FDate, FVOUCHERGROUPID: 'PRE001' }
  const line = (FACCOUNTID: string, FDEBIT: string, FCREDIT: string): VoucherEntry => ({
    FEntryID: vouchers.newEntryId(),
    FEXPLANATION: '银行手续费',
    FACCOUNTID,
    FDetailID: {},
    FCURRENCYID: 'PRE001',
    FEXCHANGERATETYPE: 'HLTX01_SYS',
    FEXCHANGERATE: '1',
    FAMOUNTFOR: '36.50',
    FDEBIT,
    FCREDIT,
    FBUSNO: '',
  })
  await vouchers.write({
    FVOUCHERID: vouchers.newId(),
    ...place,
    FBUSDATE: '',
    FYEAR: Number(FDate.slice(0, 4)),
    FPERIOD: Number(FDate.slice(5, 7)),
    FVOUCHERGROUPNO: vouchers.newNumber(place),
    FDocumentStatus: 'C',
    FATTACHMENTS: '1',
    FReference: '',
    F_HUB_SourceId: '',
    FCreatorId: bookkeeper,
    FCHECKERID: bookkeeper,
    FCreateDate: moment(),
    FModifyDate: moment(),
    FEntity: [line('6603.01', '36.50', '0.00'), line('1002.01', '0.00', '36.50')],
  })
}
