import type { Hold, Owned, Work } from '@shuniu/infra/leases'
import type { Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { readBack, recover, takeUp } from './recover.ts'
import type { Scheduler } from './run/scheduler.ts'

export interface OwnedRunsGround {
  readonly store: Store
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** A run that is not in our hands any more. */
  readonly forget: (run: number) => void
  /** Wakes runs that wait for what an earlier owner learned, and did not come to tell them. */
  readonly wakeLearned: () => Promise<void>
  readonly failed: (error: unknown) => void
}

/** While so many runs need nobody to go on, those of which nobody told are looked for more rarely: ms. */
const busy = 2_000
const lookWhenBusy = 60_000

/** The runs of the partitions that are ours. */
export class OwnedRuns implements Work {
  readonly kind = 'run'
  private lookedAt = -Infinity
  private hasNew = false

  constructor(private readonly ground: OwnedRunsGround) {}

  takeUp(holds: readonly Hold[]): Promise<void> {
    const { store, clock, scheduler } = this.ground
    this.hasNew = true
    return recover(store, clock, scheduler, holds)
  }

  drop(parts: ReadonlySet<number>): Promise<unknown> {
    const { ids, ended } = this.ground.scheduler.drop(parts)
    ids.forEach(this.ground.forget)
    return ended
  }

  async notice(ids: readonly number[], owned: Owned): Promise<void> {
    const { store, clock, scheduler, forget } = this.ground
    const rows = await store.select('runs', { id: ids }, { order: { by: 'id' } })
    for (const run of rows.filter(({ key_hash }) => owned.has(key_hash))) {
      if (run.open === null) {
        scheduler.end(run.id)
        forget(run.id)
      } else if (!scheduler.has(run.id)) takeUp(scheduler, clock, run)
      else if (run.state === 'queued') scheduler.release(run.id)
      // An answer to its send lies beside the ledger.
      else if (run.state === 'waiting') scheduler.wake(run.id)
    }
  }

  async look(parts: readonly number[]): Promise<void> {
    const { store, clock, scheduler } = this.ground
    const now = clock.uptime()
    if (scheduler.backlog > busy && now < this.lookedAt + lookWhenBusy) return
    this.lookedAt = now
    const states = await store.tally('runs', 'state', { open: { not: null }, key_hash: { part: parts } })
    const open = Object.values(states).reduce((sum, count) => sum + count, 0)
    const isKnown = open === scheduler.size && (states['parked'] ?? 0) === scheduler.size - scheduler.backlog
    if (!isKnown) await readBack(store, clock, scheduler, parts)
    if (this.hasNew) await this.ground.wakeLearned()
    this.hasNew = false
  }

  failed(error: unknown): void {
    this.ground.failed(error)
  }
}
