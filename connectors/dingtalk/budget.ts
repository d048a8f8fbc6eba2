import type { BudgetPlan } from '@shuniu/infra/outbound'
import type { Settings } from './settings.ts'
import { PAGE, SLICE, sweep } from './sweep.ts'

const DAY = 86_400_000
const MONTH = 30 * DAY
/** Assumed of a month. */
const OUTAGES = 10

/**
 * Counted calls of a month (dingtalk.md §8): token, contacts and stream are free. A page of ids holds 20 approvals;
 * each approval is read once, a change or revocation twice more.
 */
export function budget(
  settings: Settings,
  { documentsPerDay, forms }: { documentsPerDay: number; forms: number },
): BudgetPlan {
  const perForm = forms === 0 ? 0 : documentsPerDay / forms
  const looks = sweep.rhythm.map(({ window, every }) => {
    const slices = Math.ceil(window / SLICE)
    const pages = Math.max(slices, Math.ceil((perForm * window) / DAY / PAGE))
    return { what: `sweep of ${days(window)} every ${days(every)}`, calls: Math.ceil((MONTH / every) * forms * pages) }
  })
  const documents = Math.ceil(documentsPerDay * 30)
  const outages = settings.callback === undefined ? 0 : OUTAGES
  const comments = settings.commentAs === undefined ? 0 : documents
  return {
    perMonth: settings.perMonth,
    lines: [
      { what: 'approvals read', calls: documents },
      ...looks,
      { what: `failed pushes after ${OUTAGES} starts or outages`, calls: 2 * outages },
      { what: 'comments', calls: comments },
    ],
  }
}

const days = (ms: number): string => (ms < DAY ? `${ms / 3_600_000} h` : `${ms / DAY} d`)
