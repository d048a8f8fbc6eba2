import { HubError } from '@shuniu/contracts'
import { isPassing, type Row, type Store } from '@shuniu/infra/store'
import type { Hold } from '@shuniu/infra/leases'
import type { FlowEvent, Scope } from '../flow/plan.ts'
import type { Random } from '@shuniu/infra/time'
import { afterNothingHappened, invalidDetail, Unanswered } from '../ledger/trouble.ts'
import { leaveEvidence } from '../ledger/evidence.ts'
import { conclude, type ConclusionGround } from './conclude.ts'
import { Journal, restoreJournal } from './journal.ts'
import { LiveRun, type LiveGround } from './live.ts'
import { Interrupt, NotOurs, OutOfStep, park, Stale, type Standing } from './standing.ts'

export interface ExecutionGround extends ConclusionGround {
  readonly live: LiveGround
  readonly random: Random
  /** An answer lies beside the ledger: the run's new owner shall know. */
  readonly answered: (run: Row<'runs'>) => void
}

/** What an execution needs to know of a run. `fresh`: it never ran before, so nothing has to be restored. */
export interface Execution {
  readonly row: Row<'runs'>
  readonly event: FlowEvent
  readonly fresh: boolean
  /** Its partition. */
  readonly hold: Hold
  /** The steps of its flow, or of an undo. */
  work(scope: Scope, run: LiveRun): Promise<void>
}

/** Where the run stands now, and the tags of what it learned for others. */
export interface Executed {
  readonly standing: Standing
  readonly learned: readonly string[]
}

/** Executes a run from the top as far as it gets, and writes where it stands. */
export async function execute(ground: ExecutionGround, execution: Execution): Promise<Executed> {
  const run = await openRun(ground, execution)
  try {
    const standing = await conclude(ground, run, await attempt(ground, execution, run))
    return { standing, learned: run.learned }
  } catch (error) {
    if (error instanceof NotOurs && (await leaveEvidence(ground, run))) ground.answered(run.row)
    throw error
  }
}

async function openRun({ store, live }: ExecutionGround, { row, event, fresh, hold }: Execution): Promise<LiveRun> {
  if (fresh) return new LiveRun(live, row, event, new Journal(), new Map(), hold)
  const [journal, effects] = await restore(store, row.id)
  const byReference = new Map(effects.map((effect) => [effect.reference, effect]))
  return new LiveRun(live, row, event, restoreJournal(journal, effects), byReference, hold)
}

function restore(store: Store, run: number): Promise<[Row<'journal'>[], Row<'effects'>[]]> {
  const order = { by: 'id' } as const
  return Promise.all([store.select('journal', { run }, { order }), store.select('effects', { run }, { order })])
}

async function attempt({ random }: ExecutionGround, { event, work }: Execution, run: LiveRun): Promise<Standing> {
  try {
    await work({ event: event.data }, run)
    return { is: 'done' }
  } catch (error) {
    if (error instanceof Stale || error instanceof OutOfStep) throw error
    if (error instanceof Interrupt) return error.standing
    if (error instanceof Unanswered) {
      const { failure, connection } = error
      return afterNothingHappened(failure, run.attempts, random, { connection, step: run.path }).standing
    }
    return surprise(error, run)
  }
}

/** An attempt that nobody foresaw to fail is made so often, then a person is asked. */
const mostSurprises = 3

/** Deterministic errors of the flow park at once. What could not be written is tried again, by whoever executes. */
function surprise(error: unknown, { attempts, path }: LiveRun): Standing {
  if (isPassing(error)) throw error
  if (error instanceof HubError) return park('invalid', invalidDetail(error, path)).standing
  if (attempts < mostSurprises - 1) return { is: 'waiting', because: 'internal.bug', after: 1_000, attempt: true }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return park('poison', invalidDetail(new HubError('internal.bug', { what }, { cause: error }), path)).standing
}
