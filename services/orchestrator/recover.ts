import type { Change, Row, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { findPair } from './flow/crosswalk.ts'
import type { Parking } from './parking.ts'
import { queuedOf } from './run/rows.ts'
import type { Scheduler, Start } from './run/scheduler.ts'
import { Stale } from './run/standing.ts'
import { pairOf } from './tags.ts'

/** No wait is longer (a vendor's Retry-After is cut there): what says more was written by another clock. ms */
const longestWait = 3_600_500

/**
 * Takes up what an earlier life left. What it was sending is in doubt now, whoever stopped it and however; every run that
 * has not ended stands in its queue again, parked and waiting ones holding theirs.
 */
export async function recover(store: Store, clock: Clock, scheduler: Scheduler): Promise<void> {
  const sending = await store.select('effects', { open: 'sending' })
  if (sending.length > 0) {
    const outcome = await store.commit(sending.map(inDoubt))
    if (outcome.is !== 'done') throw new Stale('the store belongs to a later start')
  }
  const runs = await store.select('runs', { open: ['queued', 'running', 'waiting', 'parked'] }, { order: { by: 'id' } })
  for (const run of runs) scheduler.add(queuedOf(run), startOf(run, clock.now()))
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
