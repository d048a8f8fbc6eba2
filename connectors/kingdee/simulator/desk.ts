import type { Periods } from './periods.ts'
import type { Vouchers } from './vouchers.ts'

/** What the checks have to know of the ledger. */
export interface Ledger {
  readonly periods: Periods
  /** An account somebody has disabled. */
  isForbidden(account: string): boolean
}

/** What every voucher operation works on. */
export interface Desk extends Ledger {
  readonly vouchers: Vouchers
  /** Now, `yyyy-MM-ddTHH:mm:ss`, local. */
  moment(): string
}
