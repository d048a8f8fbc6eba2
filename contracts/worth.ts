import { isDecimal, type ValueRecord } from './values.ts'

/** An amount as dashboards draw it: a floating-point number. Nothing is ever booked or compared by it. */
export interface Worth {
  readonly amount: number
  readonly currency: string
}

/** What an event is worth, by the field names that our contracts share; undefined for one that tells of no money. */
export function worthOf({ amount, currency }: ValueRecord): Worth | undefined {
  return isDecimal(amount) && typeof currency === 'string' ? { amount: Number(amount.toString()), currency } : undefined
}
