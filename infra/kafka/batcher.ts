import { HubError } from '@shuniu/contracts'
import type { Outgoing } from './port.ts'

/** What one send carries at most, and what may wait altogether. */
export interface BatcherLimits {
  readonly records: number
  readonly bytes: number
  readonly waitingBytes: number
}

export const usualLimits: BatcherLimits = { records: 500, bytes: 512 * 1024, waitingBytes: 32 * 1024 * 1024 }

interface Waiting {
  readonly record: Outgoing
  readonly bytes: number
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

type Send = (topic: string, partition: number, records: readonly Outgoing[]) => Promise<void>

/**
 * Gathers records in front of a producer. Each topic-partition is a lane: idle → sending → idle, with at most one send
 * under way; what came meanwhile goes with the next one, at once. No timer.
 * A send that fails takes with it what waits behind it: sent on its own, it would overtake what its caller repeats.
 */
export class Batcher {
  private readonly lanes = new Map<string, Waiting[]>()
  private readonly underWay = new Set<Promise<void>>()
  private waitingBytes = 0

  constructor(
    private readonly send: Send,
    private readonly limits: BatcherLimits = usualLimits,
  ) {}

  /** Resolves when the record is acknowledged. Throws `log.overloaded` when too much waits already. */
  add(topic: string, partition: number, record: Outgoing): Promise<void> {
    const bytes = sizeOf(record)
    if (this.waitingBytes > 0 && this.waitingBytes + bytes > this.limits.waitingBytes)
      return Promise.reject(new HubError('log.overloaded', { bytes: this.waitingBytes }))
    this.waitingBytes += bytes
    return new Promise((done, failed) => {
      const name = `${topic}/${partition}`
      const lane = this.lanes.get(name)
      if (lane) return void lane.push({ record, bytes, done, failed })
      const opened: Waiting[] = [{ record, bytes, done, failed }]
      this.lanes.set(name, opened)
      const running = this.run(name, topic, partition, opened).finally(() => this.underWay.delete(running))
      this.underWay.add(running)
    })
  }

  /** Resolves when everything that was added is answered. */
  async drain(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay)
  }

  private async run(name: string, topic: string, partition: number, lane: Waiting[]): Promise<void> {
    // What is added in the same turn goes together.
    await Promise.resolve()
    while (lane.length > 0) {
      const batch = this.take(lane)
      const records = batch.map(({ record }) => record)
      try {
        await this.send(topic, partition, records)
        this.settle(batch, ({ done }) => done())
      } catch (error) {
        this.settle([...batch, ...lane.splice(0)], ({ failed }) => failed(error))
      }
    }
    this.lanes.delete(name)
  }

  private settle(batch: readonly Waiting[], tell: (one: Waiting) => void): void {
    for (const one of batch) {
      this.waitingBytes -= one.bytes
      tell(one)
    }
  }

  /** At least one, however large it is. */
  private take(lane: Waiting[]): Waiting[] {
    let [count, bytes] = [0, 0]
    for (const one of lane) {
      bytes += one.bytes
      if (count > 0 && (count === this.limits.records || bytes > this.limits.bytes)) break
      count++
    }
    return lane.splice(0, count)
  }
}

/** About what it takes on the wire. */
function sizeOf({ key, value, headers }: Outgoing): number {
  let bytes = key.length + value.byteLength
  for (const [name, content] of Object.entries(headers)) bytes += name.length + (content?.length ?? 0)
  return bytes
}
