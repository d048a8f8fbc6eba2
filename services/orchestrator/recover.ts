import type { Row, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { laneOf } from './run/rows.ts'
import type { Scheduler } from './run/scheduler.ts'

/**
 * Takes up what an earlier life left. What it was sending is in doubt now, whoever stopped it and however; every run that
 * has not ended stands in its queue again, parked and waiting ones holding theirs.
 */
export async function recover(store: Store, clock: Clock, scheduler: Scheduler): Promise<void> {
  const sending = await store.select('effects', { open: ['sending'] })
  if (sending.length > 0)
    await store.commit(
      sending.map(({ id }) => ({ update: 'effects', where: { id, state: 'sending' }, set: { state: 'in doubt' } })),
    )
  const runs = await store.select('runs', { open: ['queued', 'running', 'waiting', 'parked'] }, { order: { by: 'id' } })
  for (const run of runs) scheduler.add(queued(run), when(run, clock.now()))
}

function queued(run: Row<'runs'>) {
  return { id: run.id, lane: laneOf(run), ...(run.after_run === null ? {} : { after: run.after_run }) }
}

function when(run: Row<'runs'>, now: number): { held?: boolean; after?: number } {
  if (run.state === 'parked') return { held: true }
  if (run.state !== 'waiting' || run.next_at === null) return {}
  return { after: Math.max(0, run.next_at - now) }
}
