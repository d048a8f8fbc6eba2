import type { OutboundState } from '@shuniu/infra/outbound'
import type { Sweep } from '@shuniu/sdk'
import { mappedForms, type ConnectionPlan } from './mapping.ts'
import type { Receipt } from './receipt.ts'

/** One rhythm of the sweep of one form. */
export interface Round {
  readonly source: string
  readonly form: string
  readonly sweep: Sweep<unknown>
  /** 0 is the narrowest and most frequent. */
  readonly rank: number
  /** ms. */
  readonly window: number
  readonly every: number
}

/** What a round looks at: documents created in [from, to), ms. */
export interface Span {
  readonly from: number
  readonly to: number
}

const day = 86_400_000
/** A round begins a little before the end of the last: the vendor's clock is not ours. */
const overlap = 600_000

/** All rounds of a connection, the narrowest of each form first. */
export function roundsOf(plan: ConnectionPlan): Round[] {
  return mappedForms(plan).flatMap(({ source, form }) => {
    const sweep = plan.connection.definition.sources[source]?.sweep
    if (!sweep || 'none' in sweep) return []
    return sweep.rhythm.map(({ window, every }, rank) => ({ source, form, sweep, rank, window, every }))
  })
}

/**
 * What a round looks at now. The first one of a form begins at the cut-over, the next ones where the last ended, or further
 * back by their window. Wide rounds reach over the cut-over: what was made before it may have been decided after it.
 */
export function spanOf(round: Round, cutOver: number, seenUntil: number | undefined, now: number): Span {
  if (seenUntil === undefined) return { from: cutOver, to: now }
  const from = Math.min(now - round.window, seenUntil - overlap)
  const [, second] = round.sweep.rhythm
  const earliest = round.rank === 0 || !second ? cutOver : cutOver - second.window
  return { from: Math.max(from, earliest), to: now }
}

/** Share of the month's calls that has to be left: the rest belongs to what was pushed. */
const reserve = [0.05, 0.2] as const

export function isAffordable(round: Pick<Round, 'rank'>, { breaker, usedThisMonth, perMonth }: OutboundState): boolean {
  if (breaker === 'open') return false
  const kept = perMonth * (round.rank === 0 ? reserve[0] : reserve[1])
  return perMonth === 0 || perMonth - usedThisMonth > kept
}

/**
 * Why no sweep has to look at a document of which these receipts are known: it was read as final, or a person has to look
 * first. What a push told of it and nobody could settle is not settled by a sweep either.
 */
export function reasonToLeave(receipts: readonly Receipt[]): 'read before' | 'parked before' | undefined {
  if (receipts.some(({ final }) => final === 1)) return 'read before'
  return receipts.some(({ state }) => state === 'parked') ? 'parked before' : undefined
}

/**
 * The key under which a sweep hands over a document; undefined when nobody has to look at it: there is a reason to leave it,
 * or a sweep has handed it over within the last day, or a sweep's receipt still waits for us. A day ahead is as far as one
 * behind: then the clock has been set right since.
 */
export function sweepKey(subject: string, earlier: readonly Receipt[], now: number): string | undefined {
  if (reasonToLeave(earlier)) return undefined
  const swept = earlier.filter(({ origin }) => origin === 'sweep')
  if (swept.some(({ state, received_at }) => state !== 'skipped' || Math.abs(now - received_at) < day)) return undefined
  return swept.length === 0 ? `sweep:${subject}` : `sweep:${subject}@${new Date(now).toISOString().slice(0, 10)}`
}
