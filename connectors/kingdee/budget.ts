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
      { what: { en: 'vouchers saved', zh: '保存凭证' }, calls: documentsPerDay * days },
      {
        what: { en: 'base data, words, books and periods', zh: '读取基础资料、凭证字、账簿、会计期间' },
        calls: readsPerHour * workHours * days,
      },
      {
        what: { en: 'look-ups: 1 voucher of 100, five questions', zh: '按参考号查询：每 100 张凭证 1 张，各 5 次' },
        calls: Math.ceil(documentsPerDay / 100) * 5 * days,
      },
      { what: { en: 'log-ins', zh: '登录' }, calls: 4 * days },
    ],
  }
}
