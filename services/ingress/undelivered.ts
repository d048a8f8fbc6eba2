import { sleep, type Clock } from '@shuniu/infra/time'
import type { Handed, Log } from '@shuniu/sdk'
import { messageOf } from './detail.ts'
import { Stale } from './ground.ts'
import type { ConnectionPlan } from './mapping.ts'
import { isAffordable } from './sweep-plan.ts'

export interface UndeliveredGround {
  readonly clock: Clock
  readonly report: Log
  /** Makes receipts of what nobody knows yet. */
  readonly take: (source: string, handed: readonly Handed[]) => Promise<void>
  readonly lost: (error: unknown) => void
}

/** Vendors list what they gave up some minutes after its last attempt (dingtalk.md §2.2: 40 s, then three to five minutes). */
const listedAfter = 360_000

/**
 * What a vendor could not push while nobody listened and keeps for us: fetched when we listen again, and once more when the
 * last of it must be listed. It forgets what it has given; what is lost after that, or not given, the sweeps find later.
 */
export class Undelivered {
  private readonly stop = new AbortController()
  private running: Promise<void> | undefined
  private asked = false
  /** Uptime. */
  private askedAt = 0

  constructor(
    private readonly plan: ConnectionPlan,
    private readonly ground: UndeliveredGround,
  ) {}

  /** We listen again. */
  ask(): void {
    this.asked = true
    this.askedAt = this.ground.clock.uptime()
    this.running ??= this.run()
  }

  async close(): Promise<void> {
    this.stop.abort()
    await this.running
  }

  private async run(): Promise<void> {
    while (this.asked && !this.stop.signal.aborted) await this.fetchTwice()
    this.running = undefined
  }

  private async fetchTwice(): Promise<void> {
    const { clock } = this.ground
    await this.fetch()
    const left = (): number => this.askedAt + listedAfter - clock.uptime()
    while (left() > 0 && !this.stop.signal.aborted) await sleep(clock, left(), this.stop.signal)
    // Whoever asks from here on may mean what this fetch does not see any more.
    this.asked = false
    await this.fetch()
  }

  private async fetch(): Promise<void> {
    const { definition, outbound } = this.plan.connection
    for (const [name, { sweep }] of Object.entries(definition.sources)) {
      if ('none' in sweep || !sweep.undelivered || !isAffordable({ rank: 0 }, outbound.state())) continue
      try {
        await this.fetchAll(name, sweep.undelivered)
      } catch (error) {
        if (error instanceof Stale) this.ground.lost(error)
        else
          this.ground.report.warn('ingress.undelivered-failed', { connection: this.plan.name, error: messageOf(error) })
      }
    }
  }

  private async fetchAll(source: string, page: FetchPage): Promise<void> {
    for (let more = true; more && !this.stop.signal.aborted;) {
      const fetched = await page(this.plan.connection.link)
      await this.ground.take(source, fetched.handed)
      more = fetched.more
    }
  }
}

type FetchPage = (link: unknown) => Promise<{ readonly handed: readonly Handed[]; readonly more: boolean }>
