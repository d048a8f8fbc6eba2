import type { SimAnswer } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import { answer, newError } from './answers.ts'
import { findForm } from './forms.ts'
import type { Instances } from './instances.ts'

const DAY = 86_400_000
const WIDEST = 120 * DAY
const PAGE = 20
const LOOP = 10_000

/** One check a parameter has to pass: its name, the vendor's code for it, and what it may be. */
const checks = [
  ['startTime', 'invalidInstanceListIdsStartTime', z.number()],
  ['endTime', 'invalidEndTime', z.number().optional()],
  ['nextToken', 'invalidNextToken', z.coerce.number().int().min(0).max(LOOP)],
  ['maxResults', 'invalidMaxResults', z.number().int().min(1).max(PAGE)],
  ['userIds', 'invalidUserIds', z.array(z.string()).max(10).optional()],
] as const

const shape = z.object({
  processCode: z.string(),
  startTime: z.number(),
  endTime: z.number().optional(),
  nextToken: z.coerce.number(),
  maxResults: z.number(),
  userIds: z.array(z.string()).optional(),
  statuses: z.array(z.string()).optional(),
})

/** A page of ids by time of creation (dingtalk.md §4.4). */
export function listIds(
  instances: Instances,
  asked: Readonly<Record<string, unknown>>,
  { historyDays, now }: { historyDays: number; now: number },
): SimAnswer {
  if (typeof asked.processCode !== 'string' || !findForm(asked.processCode)) {
    return newError(400, 'invalidProcessCode', 'processCode 无效')
  }
  for (const [name, code, allowed] of checks) {
    if (!allowed.safeParse(asked[name]).success) return newError(400, code, `${name} 无效`)
  }
  const parsed = shape.safeParse(asked)
  if (!parsed.success) return newError(400, 'invalidParameter', '参数错误')
  const { processCode, startTime, endTime = now, nextToken, maxResults, statuses, userIds } = parsed.data
  if (startTime < now - historyDays * DAY) return newError(400, 'invalidInstanceListIdsStartTime', '开始时间过早')
  if (endTime < startTime || endTime - startTime > WIDEST) {
    return newError(400, 'invalidEndTime', '时间范围不能超过120天')
  }
  const { ids, more } = instances.page({
    processCode,
    from: startTime,
    to: endTime,
    offset: nextToken,
    size: Math.min(maxResults, LOOP - nextToken),
    statuses,
    userIds,
  })
  const next = nextToken + ids.length
  return answer({ result: { list: ids, ...(more && next < LOOP && { nextToken: String(next) }) }, success: true })
}
