import type { Hold } from '@shuniu/infra/leases'
import { partCount, type Change, type Row, type Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { findPair } from './flow/crosswalk.ts'
import { staleness } from './ledger/commit.ts'
import type { Parking } from './parking.ts'
import { queuedOf } from './run/rows.ts'
import type { Scheduler, Start } from './run/scheduler.ts'
import { OutOfStep } from './run/standing.ts'
import { pairOf } from './tags.ts'

/** No wait is longer (a vendor's Retry-After is cut there): what says more was written by another clock. ms */
const longestWait = 3_600_500

/**
 * Takes up what an earlier life, or an earlier owner of these partitions, left. What was being sent is in doubt now, whoever
 * stopped it and however; every run that has not ended stands in its queue again, parked and waiting ones holding theirs.
 */
export async function recover(store: Store, clock: Clock, scheduler: Scheduler, holds: readonly Hold[]): Promise<void> {
  const runs = await openRuns(
    store,
    holds.map(({ part }) => part),
  )
  const ours = new Set(runs.map(({ id }) => id))
  const sending = (await store.select('effects', { open: 'sending' })).filter(({ run }) => ours.has(run))
  if (sending.length > 0) {
    const outcome = await store.commit([...sending.map(inDoubt), ...holds.flatMap(({ fence }) => fence)])
    if (outcome.is === 'stale') throw staleness(outcome)
    if (outcome.is !== 'done') throw new OutOfStep('what was being sent was changed meanwhile')
  }
  for (const run of runs) takeUp(scheduler, clock, run)
}

/** An open run stands in its queue. */
export function takeUp(scheduler: Scheduler, clock: Clock, run: Row<'runs'>): void {
  scheduler.add(queuedOf(run), startOf(run, clock.now()))
}

function openRuns(store: Store, parts: readonly number[]): Promise<Row<'runs'>[]> {
  const open = ['queued', 'running', 'waiting', 'parked']
  const where = parts.length === partCount ? { open } : { open, key_hash: { part: parts } }
  return store.select('runs', where, { order: { by: 'id' } })
}

/** Compares what is in hand with the rows, after commits of which nobody knew whether they happened. */
export async function readBack(
  store: Store,
  clock: Clock,
  scheduler: Scheduler,
  parts: readonly number[],
): Promise<void> {
  const parked = scheduler.parkedRuns
  const runs = await openRuns(store, parts)
  const states = new Map(runs.map(({ id, state }) => [id, state]))
  for (const run of runs) takeUp(scheduler, clock, run)
  for (const id of parked) {
    if (!states.has(id)) scheduler.end(id)
    else if (states.get(id) !== 'parked') scheduler.release(id)
  }
}

function inDoubt({ id }: Row<'effects'>): Change {
  return { update: 'effects', where: { id, state: 'sending' }, set: { state: 'in doubt' } }
}

function startOf({ state, next_at }: Row<'runs'>, now: number): Start {
  if (state === 'parked') return { parked: true }
  if (state !== 'waiting' || next_at === null) return {}
  return { after: Math.min(Math.max(0, next_at - now), longestWait) }
}

/** Runs that wait for a pair of the crosswalk which an earlier life learned, and did not come to tell them. */
export async function wakeLearned(store: Store, parking: Pick<Parking, 'wake'>): Promise<void> {
  const awaited = await store.tally('runs', 'waits_for', {
    open: 'parked',
    reason: 'unmapped',
    waits_for: { not: null },
  })
  for (const tag of Object.keys(awaited)) {
    const pair = pairOf(tag)
    if (pair && (await findPair(store, ...pair))) await parking.wake([tag], 'its pair is known')
  }
}
