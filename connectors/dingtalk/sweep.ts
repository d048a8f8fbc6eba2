import { Decimal, type ValueRecord } from '@shuniu/contracts'
import type { Handed, Sweep } from '@shuniu/sdk'
import { unexpected } from './answers.ts'
import { handedOfSweep } from './events.ts'
import { callApi, type Session } from './session.ts'
import { filledText, recordOf, textsOf } from './tolerant.ts'
import { undelivered } from './undelivered.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Slices keep a form with 300 approvals a day below the 10,000 ids of one loop; the vendor allows 120 days. */
export const SLICE = 30 * DAY
export const PAGE = 20
/** A window may not start earlier than 365 days ago (dingtalk.md §4.4). */
const FURTHEST = 364 * DAY

/**
 * Finds what no push told: finished approvals by the time they were made. There is no "changed since", so
 * approvals that take longer than two days are found by the daily and the weekly look, which cost a page of ids
 * per 20 approvals; what is known as final costs nothing more.
 */
export const sweep: Sweep<Session> = {
  rhythm: [
    { window: 2 * DAY, every: HOUR },
    { window: 14 * DAY, every: DAY },
    { window: 120 * DAY, every: 7 * DAY },
  ],
  async page(session, { form, from, to, next }) {
    const now = session.ground.clock.now()
    const until = Math.min(to, now)
    const at = next === undefined ? { start: Math.max(from, now - FURTHEST), token: '0' } : positionOf(next)
    const end = Math.min(at.start + SLICE, until)
    if (end <= at.start) return { handed: [] }
    const page = await idsPage(session, { form, from: at.start, to: end, token: at.token })
    const following = page.next === undefined ? (end < until ? `${end}/0` : undefined) : `${at.start}/${page.next}`
    const handed = page.ids.map((id) => handedOfSweep(form, id))
    return following === undefined ? { handed } : { handed, next: following }
  },
  undelivered,
}

/** `<start of the slice>/<token of the vendor>`. */
function positionOf(next: string): { start: number; token: string } {
  const slash = next.indexOf('/')
  return { start: Number(next.slice(0, slash)), token: next.slice(slash + 1) }
}

interface IdsWindow {
  readonly form: string
  /** ms of creation, half-open. */
  readonly from: number
  readonly to: number
  readonly token: string
}

/** One call: up to 20 ids of approvals that were decided. */
async function idsPage(
  session: Session,
  { form, from, to, token }: IdsWindow,
): Promise<{ ids: readonly string[]; next?: string }> {
  const body: ValueRecord = {
    processCode: form,
    startTime: whole(from),
    // The vendor counts the last millisecond in.
    endTime: whole(to - 1),
    nextToken: /^\d{1,15}$/.test(token) ? new Decimal(token) : token,
    maxResults: whole(PAGE),
    statuses: ['COMPLETED'],
  }
  const path = '/v1.0/workflow/processes/instanceIds/query'
  const result = recordOf((await callApi(session, { operation: 'instance.list', method: 'POST', path, body })).result)
  if (!result || !Array.isArray(result.list)) throw unexpected('a page of instance ids without list')
  const next = filledText(result.nextToken)
  return next === undefined || next === token ? { ids: textsOf(result.list) } : { ids: textsOf(result.list), next }
}

const whole = (number: number): Decimal => new Decimal(String(Math.trunc(number)))

/** The newest decided approvals of a form; looks one day back, then a week, a month, four months. */
export async function samples(session: Session, form: string, last: number): Promise<readonly Handed[]> {
  const to = session.ground.clock.now()
  let found: readonly Handed[] = []
  for (const days of [1, 7, 30, 120]) {
    found = await everything(session, form, to - days * DAY, to)
    if (found.length >= last) break
  }
  return found.slice(-last)
}

type Page = Awaited<ReturnType<typeof sweep.page>>

async function everything(session: Session, form: string, from: number, to: number): Promise<readonly Handed[]> {
  const all: Handed[] = []
  let next: string | undefined
  do {
    const page: Page = await sweep.page(session, { form, from, to, ...(next !== undefined && { next }) })
    all.push(...page.handed)
    next = page.next
  } while (next !== undefined)
  return all
}
