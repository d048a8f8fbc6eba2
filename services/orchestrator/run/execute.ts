import { HubError } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import type { Change, Row, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { Ledger } from '../ledger/ledger.ts'
import type { FlowEvent, Scope } from '../flow/plan.ts'
import { drain } from '../ledger/rows.ts'
import { invalidDetail } from '../ledger/trouble.ts'
import { Journal, restoreJournal } from './journal.ts'
import { LiveRun, type MakeEvent } from './live.ts'
import { Interrupt, park, Stale, type Standing } from './standing.ts'

export interface ExecutionGround {
  readonly store: Store
  readonly clock: Clock
  readonly ledger: Ledger
  readonly makeEvent: MakeEvent
}

/** What an execution needs to know of a run. `fresh`: it never ran before, so nothing has to be restored. */
export interface Execution {
  readonly row: Row<'runs'>
  readonly event: FlowEvent
  readonly fresh: boolean
  /** The steps of its flow, or of an undo. */
  work(scope: Scope, run: LiveRun): Promise<void>
}

/** Executes a run from the top as far as it gets, and writes where it stands. */
export async function execute(ground: ExecutionGround, execution: Execution): Promise<Standing> {
  const run = await openRun(ground, execution)
  const standing = await attempt(execution, run)
  await conclude(ground, run, standing)
  return standing
}

async function openRun(ground: ExecutionGround, { row, event, fresh }: Execution): Promise<LiveRun> {
  const [journal, effects] = fresh ? [[], []] : await restore(ground.store, row.id)
  const byReference = new Map(effects.map((effect) => [effect.reference, effect]))
  const restored = fresh ? new Journal() : restoreJournal(journal, effects)
  return new LiveRun(row, restored, byReference, event, ground.ledger, ground.makeEvent)
}

function restore(store: Store, run: number): Promise<[Row<'journal'>[], Row<'effects'>[]]> {
  return Promise.all([store.select('journal', { run }), store.select('effects', { run }, { order: { by: 'id' } })])
}

async function attempt({ row, event, work }: Execution, run: LiveRun): Promise<Standing> {
  try {
    await work({ event: event.data }, run)
    return { is: 'done' }
  } catch (error) {
    if (error instanceof Stale) throw error
    if (error instanceof Interrupt) return error.standing
    return surprise(error, row, run.path)
  }
}

/** Deterministic errors of the flow park at once; what nobody foresaw is tried three times first. */
function surprise(error: unknown, row: Row<'runs'>, step: string): Standing {
  if (error instanceof HubError && error.code === 'store.full')
    return { is: 'waiting', because: error.code, after: 2_000, attempt: false }
  if (error instanceof HubError) return park('invalid', invalidDetail(error, step)).standing
  if (row.attempts < 2) return { is: 'waiting', because: 'internal.bug', after: 1_000, attempt: true }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return park('poison', invalidDetail(new HubError('internal.bug', { what }), step)).standing
}

const open = ['queued', 'running', 'waiting']

async function conclude({ store, clock }: ExecutionGround, run: LiveRun, standing: Standing): Promise<void> {
  const set = columnsOf(standing, run.row, clock.now())
  const changes: Change[] = [
    ...(standing.is === 'done' ? run.pending : drain(run)),
    ...(standing.is === 'skipped' ? givenUp(run, clock.now()) : []),
    { update: 'runs', where: { id: run.row.id, state: open }, set },
    ...countsOf(standing),
  ]
  const outcome = await store.commit(changes)
  if (outcome.is !== 'done') throw new Stale()
}

function columnsOf(standing: Standing, row: Row<'runs'>, now: number): Partial<Row<'runs'>> {
  switch (standing.is) {
    case 'done':
      return { state: 'done', reason: null, detail: null, finished_at: now, next_at: null }
    case 'skipped':
      return { state: 'skipped', reason: standing.because, finished_at: now, next_at: null }
    case 'waiting': {
      const attempts = standing.attempt ? row.attempts + 1 : row.attempts
      const next_at = standing.after === undefined ? null : Math.ceil(now + standing.after)
      return { state: 'waiting', reason: standing.because, attempts, next_at }
    }
    case 'parked': {
      const detail = packValue({ ...standing.detail, message: { ...standing.detail.message } })
      return { state: 'parked', reason: standing.reason, detail, waits_for: standing.waitsFor ?? null, next_at: null }
    }
  }
}

/** What was prepared and will never be sent. */
function givenUp(run: LiveRun, now: number): Change[] {
  return [...run.effects.values()]
    .filter(({ state }) => state === 'prepared')
    .map(({ id }) => ({
      update: 'effects',
      where: { id, state: 'prepared' },
      set: { state: 'given up', settled_at: now },
      orSkip: true,
    }))
}

function countsOf(standing: Standing): Change[] {
  return standing.is === 'waiting' ? [] : [{ count: `deliveries.${standing.is}`, by: 1 }]
}
