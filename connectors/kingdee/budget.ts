import type { BudgetPlan } from '@shuniu/infra/outbound'
import type { Settings } from './settings.ts'

const days = 31
const workHours = 10

/** Calls of a month for so many vouchers a day. Base data is kept 10 minutes, so it costs by the hour, not by the voucher. */
export function budget(settings: Settings, { documentsPerDay }: { documentsPerDay: number }): BudgetPlan {
  const readsPerHour = Math.min(6 * 6, Math.ceil((documentsPerDay / workHours) * 5))
  return {
    perMonth: settings.limits.perMonth,
    lines: [
      { what: 'voucher.save', calls: documentsPerDay * days },
      { what: 'base data, words, books and periods', calls: readsPerHour * workHours * days },
      {
        what: 'look-ups of vouchers in doubt (1 of 100, five questions each)',
        calls: Math.ceil(documentsPerDay / 100) * 5 * days,
      },
      { what: 'log-ins', calls: 4 * days },
    ],
  }
}
