import { randomUUID } from 'node:crypto'
import type { KafkaDriver } from '../kafka/port.ts'
import { witnessTopic } from '../kafka/topic-plan.ts'
import type { Database } from '../postgres/driver.ts'
import { pastOf, type Past } from '../postgres/past.ts'
import type { Store } from '../store/port.ts'
import { sleep, type Clock } from '../time/index.ts'

/** Between two testimonies, ms. */
const rhythm = 5_000

export interface WitnessGround {
  readonly database: Database
  readonly store: Store
  readonly kafka: Pick<KafkaDriver, 'send' | 'read' | 'extents'>
  readonly prefix: string
  readonly clock: Clock
  readonly report: (message: string, detail: unknown) => void
  /** The database is not the one any more that this process counts on. */
  readonly lost: (error: unknown) => void
}

/**
 * The event log knows how far the store had come, so that a store that fails over to a standby that lags, or is restored from
 * a backup, is found out before anything is sent on it.
 */
export class Witness {
  private readonly name = randomUUID()
  private readonly stop = new AbortController()
  private running: Promise<void> = Promise.resolve()

  private constructor(
    private readonly ground: WitnessGround,
    /** What the database was when this process came to it. */
    readonly past: Past,
    /** It knows less than was seen of it, or has another past: nothing may be sent without a look first. */
    readonly isRolledBack: boolean,
  ) {}

  /** Compares the database with what was last seen of it, and testifies what it is now. */
  static async open(ground: WitnessGround): Promise<Witness> {
    const { database, store } = ground
    const testimonies = await readAll(ground)
    const past = await pastOf(database)
    const isRolledBack = contradicts(past, testimonies)
    if (!isRolledBack) return new Witness(ground, past, false).begin()
    const generation = Math.max(past.generation, ...testimonies.map((one) => one.generation)) + 1
    await store.commit([
      { upsert: 'meta', row: { name: 'generation', value: String(generation) } },
      { upsert: 'meta', row: { name: 'resync', value: 'on' } },
    ])
    return new Witness(ground, { ...past, generation }, true).begin()
  }

  async close(): Promise<void> {
    this.stop.abort()
    await this.running
  }

  private async begin(): Promise<this> {
    await this.testify(this.past)
    this.running = this.run()
    return this
  }

  private async run(): Promise<void> {
    const { database, clock, report, lost } = this.ground
    const { signal } = this.stop
    for (let last = this.past; ;) {
      await sleep(clock, rhythm, signal)
      if (signal.aborted) return
      try {
        const now = await pastOf(database)
        if (contradicts(now, [last])) return lost(new Error('the database was exchanged for an older one'))
        await this.testify((last = now))
      } catch (error) {
        report('the witness could not testify', error)
      }
    }
  }

  private async testify(past: Past): Promise<void> {
    const value = Buffer.from(JSON.stringify(past))
    await this.ground.kafka.send(topicOf(this.ground), 0, [{ key: this.name, value, headers: {} }])
  }
}

const topicOf = ({ prefix }: Pick<WitnessGround, 'prefix'>): string => prefix + witnessTopic

/** Whether anybody has seen more of it, or another one. What was seen before an earlier roll-back was told counts no more. */
export function contradicts(now: Past, testimonies: readonly Past[]): boolean {
  return testimonies.some((seen) => {
    if (seen.generation !== now.generation) return seen.generation > now.generation
    return seen.system !== now.system || seen.timeline !== now.timeline || seen.ledger > now.ledger
  })
}

/** Every testimony that is still there: a process that died keeps its last one, so the highest counts, whoever wrote last. */
async function readAll(ground: WitnessGround): Promise<Past[]> {
  const topic = topicOf(ground)
  const { earliest = 0, end = 0 } = (await ground.kafka.extents(topic)).get(0) ?? {}
  const testimonies: Past[] = []
  for (let at = earliest; at < end;) {
    const { records, next } = await ground.kafka.read(topic, 0, at)
    for (const { value } of records) testimonies.push(...understood(value))
    if (next === at) break
    at = next
  }
  return testimonies
}

function understood(value: Uint8Array | null): Past[] {
  try {
    const { system, timeline, ledger, generation } = JSON.parse(Buffer.from(value ?? []).toString()) as Partial<Past>
    if (typeof system !== 'string' || typeof timeline !== 'string') return []
    return [{ system, timeline, ledger: Number(ledger), generation: Number(generation) }]
  } catch {
    return []
  }
}
