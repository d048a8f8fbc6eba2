import { parseAmount } from './amount.ts'
import type { Amount } from './amount.ts'
import { voucherWords } from './tenant.ts'

/** Z draft, A saved, B submitted, C audited, D sent back (kingdee.md §5). */
export type Status = 'Z' | 'A' | 'B' | 'C' | 'D'

/** One line. References are numbers of base data, amounts exact decimal texts with at least two places. */
export interface VoucherEntry {
  readonly FEntryID: number
  readonly FEXPLANATION: string
  readonly FACCOUNTID: string
  /** Slot → number, e.g. `{FFLEX5: 'D01'}`. */
  readonly FDetailID: Readonly<Record<string, string>>
  readonly FCURRENCYID: string
  readonly FEXCHANGERATETYPE: string
  readonly FEXCHANGERATE: string
  readonly FAMOUNTFOR: string
  readonly FDEBIT: string
  readonly FCREDIT: string
  readonly FBUSNO: string
}

/** A voucher as the book keeps it: header and entries by their F-keys. */
export interface Voucher {
  readonly FVOUCHERID: number
  readonly FAccountBookID: string
  /** `yyyy-MM-dd` */
  readonly FDate: string
  readonly FBUSDATE: string
  readonly FYEAR: number
  readonly FPERIOD: number
  readonly FVOUCHERGROUPID: string
  readonly FVOUCHERGROUPNO: number
  readonly FDocumentStatus: Status
  readonly FATTACHMENTS: string
  readonly FReference: string
  readonly F_HUB_SourceId: string
  readonly FCreatorId: string
  readonly FCHECKERID: string
  readonly FCreateDate: string
  readonly FModifyDate: string
  readonly FEntity: readonly VoucherEntry[]
}

/** 记-27 */
export function voucherNumber(voucher: Voucher): string {
  const word = voucherWords.find(({ number }) => number === voucher.FVOUCHERGROUPID)
  return `${word?.name ?? '?'}-${voucher.FVOUCHERGROUPNO}`
}

/** The sum of one side. */
export const total = (voucher: Pick<Voucher, 'FEntity'>, side: 'FDEBIT' | 'FCREDIT'): Amount =>
  voucher.FEntity.reduce((sum, entry) => sum + (parseAmount(entry[side]) ?? 0n), 0n)
