import type { Language } from '@shuniu/contracts'
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
    const what = {
      en: `sweep of ${days(window, 'en')} every ${days(every, 'en')}`,
      zh: `核对近 ${days(window, 'zh')}，每 ${days(every, 'zh')}一次`,
    }
    return { what, calls: Math.ceil((MONTH / every) * forms * pages) }
  })
  const documents = Math.ceil(documentsPerDay * 30)
  const outages = settings.callback === undefined ? 0 : OUTAGES
  const comments = settings.commentAs === undefined ? 0 : documents
  return {
    perMonth: settings.perMonth,
    lines: [
      { what: { en: 'approvals read', zh: '读取审批单' }, calls: documents },
      ...looks,
      {
        what: {
          en: `failed pushes after ${OUTAGES} starts or outages`,
          zh: `启动或中断 ${OUTAGES} 次后查询推送失败记录`,
        },
        calls: 2 * outages,
      },
      { what: { en: 'comments', zh: '添加评论' }, calls: comments },
    ],
  }
}

function days(ms: number, language: Language): string {
  const [count, unit] = ms < DAY ? [ms / 3_600_000, { en: 'h', zh: '小时' }] : [ms / DAY, { en: 'd', zh: '天' }]
  return `${count} ${unit[language]}`
}
