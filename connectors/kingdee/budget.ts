import type { BudgetPlan } from '@shuniu/infra/outbound'

const days = 31
const workHours = 10
/** Kinds of base data, each read at most once in ten minutes. */
const mostReadsPerHour = 6 * 6

/** Calls of a month for so many vouchers a day. Kingdee publishes no limit; the plan shows what the load will be. */
export function budget({ documentsPerDay }: { readonly documentsPerDay: number }): BudgetPlan {
  const readsPerHour = Math.min(mostReadsPerHour, Math.ceil((documentsPerDay / workHours) * 5))
  return {
    perMonth: 0,
    lines: [
      { what: 'voucher.save', calls: documentsPerDay * days },
      { what: 'base data, words, books and periods', calls: readsPerHour * workHours * days },
      { what: 'look-ups: 1 voucher of 100, five questions', calls: Math.ceil(documentsPerDay / 100) * 5 * days },
      { what: 'log-ins', calls: 4 * days },
    ],
  }
}
