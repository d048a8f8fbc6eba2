import { sleep, type Clock } from '@shuniu/infra/time'
import type { Handed, Log, Sink } from '@shuniu/sdk'
import { messageOf } from './detail.ts'
import type { ConnectionPlan } from './mapping.ts'

export interface StreamsGround {
  readonly clock: Clock
  readonly report: Log
  readonly plans: readonly ConnectionPlan[]
  readonly receive: (connection: string, handed: readonly Handed[]) => Promise<void>
  /** Asks for a sweep: what was handed out while nobody listened may be lost. */
  readonly catchUp: (connection: string) => void
}

/** Vendors try again for about so long (dingtalk.md §2.2); what was born in a longer gap may never come. */
export const deafTooLong = 30_000
/** Gap before a stream that ended by mistake is run again. */
const afterMistake = 10_000

/** The long connections of all connections that want one. Each is up or down. */
export class Streams {
  private readonly stop = new AbortController()
  /** Uptime at which a stream went down. */
  private readonly lines = new Map<string, 'up' | number>()
  private running: Promise<void>[] = []

  constructor(private readonly ground: StreamsGround) {}

  start(): void {
    const wanted = this.ground.plans.filter(({ connection: { definition, settings } }) =>
      definition.stream?.wanted(settings),
    )
    this.running = wanted.map((plan) => this.serve(plan))
  }

  /** How long the stream of a connection has been down, in ms: 0 when it is up, undefined when there is none. */
  downFor(connection: string): number | undefined {
    const line = this.lines.get(connection)
    return line === 'up' ? 0 : line === undefined ? undefined : this.ground.clock.uptime() - line
  }

  async close(): Promise<void> {
    this.stop.abort()
    await Promise.all(this.running)
  }

  private async serve({ name, connection: { definition, link } }: ConnectionPlan): Promise<void> {
    const { clock, report } = this.ground
    const sink = this.sinkOf(name)
    this.down(name)
    while (!this.stop.signal.aborted) {
      try {
        await definition.stream?.run(link, sink, this.stop.signal)
      } catch (error) {
        report.error('ingress.stream-failed', { connection: name, error: messageOf(error) })
      }
      this.down(name)
      await sleep(clock, afterMistake, this.stop.signal)
    }
  }

  private sinkOf(connection: string): Sink {
    return {
      hand: (handed) => this.ground.receive(connection, handed),
      connected: (since) => {
        this.lines.set(connection, 'up')
        if (since > deafTooLong) this.ground.catchUp(connection)
      },
      disconnected: () => this.down(connection),
    }
  }

  private down(connection: string): void {
    if (typeof this.lines.get(connection) !== 'number') this.lines.set(connection, this.ground.clock.uptime())
  }
}
