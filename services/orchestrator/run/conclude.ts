import type { Change, Row, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { commitWith, mayHaveMade, refusal, unlessWithdrawn } from '../ledger/commit.ts'
import type { RunInHand } from '../ledger/ground.ts'
import { Interrupt, packDetail, type Standing } from './standing.ts'

export interface ConclusionGround {
  readonly store: Store
  readonly clock: Clock
}

const open = ['queued', 'running', 'waiting']

/**
 * Writes where a run stands, in the commit of what it has pending; gives where it stands now. A run that has made nothing
 * ends as skipped when its document was withdrawn meanwhile, however the attempt went.
 */
export async function conclude(ground: ConclusionGround, run: RunInHand, standing: Standing): Promise<Standing> {
  const guard = standing.is === 'skipped' || mayHaveMade(run) ? [] : unlessWithdrawn(run)
  const outcome = await commitWith(ground.store, run, guard, ending(run, standing, ground.clock.now()))
  if (outcome.is === 'done') return standing
  const why = refusal(outcome, guard)
  if (!(why instanceof Interrupt)) throw why
  dropEvents(run)
  return conclude(ground, run, why.standing)
}

/** What became of effects is told all the same. */
function dropEvents({ pending }: RunInHand): void {
  pending.splice(0, pending.length, ...pending.filter((change) => !('append' in change)))
}

function ending(run: RunInHand, standing: Standing, now: number): Change[] {
  return [
    ...(standing.is === 'skipped' ? givenUp(run, now) : []),
    { update: 'runs', where: { id: run.row.id, state: open }, set: columnsOf(standing, run.attempts, now) },
    ...(standing.is === 'waiting' ? [] : [{ count: `deliveries.${standing.is}`, by: 1 }]),
  ]
}

function columnsOf(standing: Standing, attempts: number, now: number): Partial<Row<'runs'>> {
  switch (standing.is) {
    case 'done':
      return { state: 'done', reason: null, detail: null, finished_at: now, next_at: null }
    case 'skipped':
      return { state: 'skipped', reason: standing.because, finished_at: now, next_at: null }
    case 'waiting': {
      const next_at = standing.after === undefined ? null : Math.ceil(now + standing.after)
      return {
        state: 'waiting',
        reason: standing.because,
        attempts: attempts + (standing.attempt ? 1 : 0),
        next_at,
      }
    }
    case 'parked': {
      const { reason, detail, waitsFor = null } = standing
      return { state: 'parked', reason, detail: packDetail(detail), waits_for: waitsFor, next_at: null }
    }
  }
}

/** What was prepared and will never be sent. */
function givenUp({ effects }: RunInHand, now: number): Change[] {
  const set = { state: 'given up', settled_at: now }
  return [...effects.values()]
    .filter(({ state }) => state === 'prepared')
    .map(({ id }) => ({ update: 'effects', where: { id, state: 'prepared' }, set, orSkip: true }))
}
