import { HubError } from '@shuniu/contracts'
import type { Change, CommitOutcome, Store } from '@shuniu/infra/store'
import { SimulatedClock, type Clock, type Timer } from '@shuniu/infra/time'

/**
 * What happens at a commit: its process dies just before, or just after, it is on disk. Or the word is lost: nobody hears
 * whether it is on disk, and it is not (`unheard`), or is (`unanswered`).
 */
export interface Crash {
  readonly commit: number
  readonly when: 'before' | 'after' | 'unheard' | 'unanswered'
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined)

/** One process: its clock and its store stop with it. Commits are counted, and the process dies where it is told to. */
export class Life {
  commits = 0
  crash: Crash | undefined
  readonly died: Promise<undefined>
  readonly clock: Clock
  readonly store: Store
  private dead = false
  private readonly die: () => void

  constructor(
    private readonly world: World,
    private readonly real: Store,
  ) {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.died = promise
    this.die = () => resolve(undefined)
    this.clock = this.clockOf(world.clock)
    this.store = {
      epoch: real.epoch,
      commit: (changes) => this.commit(changes),
      get: (table, id) => this.alive(() => real.get(table, id)),
      select: (table, where, options) => this.alive(() => real.select(table, where, options)),
      tally: (table, by, where) => this.alive(() => real.tally(table, by, where)),
      oldest: (table, by, where) => this.alive(() => real.oldest(table, by, where)),
    }
  }

  get isDead(): boolean {
    return this.dead
  }

  kill(): void {
    this.dead = true
    this.die()
  }

  /** What a dead process asked for never comes. */
  async alive<T>(work: () => Promise<T>): Promise<T> {
    if (this.dead) return never()
    const answer = await this.world.during(work)
    return this.dead ? never() : answer
  }

  private async commit(changes: readonly Change[]): Promise<CommitOutcome> {
    const number = ++this.commits
    const crash = this.crash?.commit === number ? this.crash.when : undefined
    if (crash === 'before') this.kill()
    return this.alive(async () => {
      if (crash === 'unheard') throw new HubError('store.unknown', { database: 'test' })
      const committed = await this.real.commit(changes)
      if (crash === 'after') this.kill()
      if (crash === 'unanswered') throw new HubError('store.unknown', { database: 'test' })
      return committed
    })
  }

  private clockOf(clock: Clock): Clock {
    const isAlive = (): boolean => !this.dead
    return {
      now: () => clock.now(),
      uptime: () => clock.uptime(),
      get bootId() {
        return clock.bootId
      },
      after: (ms, call): Timer => clock.after(ms, () => isAlive() && call()),
    }
  }
}

/** The time that everything under test lives in: it moves only when nothing is left to be done without it. */
export class World {
  private readonly simulated = new SimulatedClock(Date.parse('2026-03-10T08:00:00Z'))
  private readonly due = new Set<{ at: number }>()
  private busy = 0
  private turns = 0

  readonly clock: Clock = this.watched()

  /** Another boot of the machine: its clock starts afresh. */
  set bootId(id: string) {
    this.simulated.bootId = id
  }

  /** Moves the wall clock alone. */
  jump(ms: number): void {
    this.simulated.jump(ms)
  }

  begin(store: Store): Life {
    return new Life(this, store)
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.busy++
    this.turns++
    try {
      return await work()
    } finally {
      this.busy--
    }
  }

  /** Until nothing happens any more without time passing. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 6;) {
      const before = this.turns
      await new Promise<void>((resolve) => setImmediate(resolve))
      still = this.busy > 0 || this.turns !== before ? 0 : still + 1
    }
  }

  async pass(ms: number): Promise<void> {
    const end = this.clock.uptime() + ms
    await this.quiet()
    while (this.clock.uptime() < end) {
      const next = Math.min(end, ...[...this.due].map(({ at }) => at))
      await this.simulated.advance(Math.max(0, next - this.clock.uptime()))
      await this.quiet()
    }
  }

  private watched(): Clock {
    const { simulated } = this
    return {
      now: () => simulated.now(),
      uptime: () => simulated.uptime(),
      get bootId() {
        return simulated.bootId
      },
      after: (ms, call) => {
        const alarm = { at: simulated.uptime() + Math.max(0, ms) }
        this.due.add(alarm)
        const timer = simulated.after(ms, () => {
          this.due.delete(alarm)
          this.turns++
          call()
        })
        return {
          cancel: () => {
            this.due.delete(alarm)
            timer.cancel()
          },
        }
      },
    }
  }
}
