import type { Embedded } from '../embedded/index.ts'
import { openEmbeddedStore, type EventRow, type Row } from '../store/index.ts'
import type { Clock } from '../time/index.ts'
import { sleep } from '../time/index.ts'
import type { Batch, EventLog, LogRecord, Subscription } from './port.ts'

/** Records handed to a reader at once: few enough that reading them does not hold up the loop. */
const batchSize = 64
const pauses = [100, 500, 2_000, 10_000] as const

/** The event log in the embedded file: one partition, in order of arrival. */
export function openEmbeddedLog(embedded: Embedded, clock: Clock): EventLog {
  const store = openEmbeddedStore(embedded)
  const readers = new Set<Reader>()
  embedded.onFlushed((groups) => {
    const topics = new Set(
      groups.flatMap((changes) => changes.flatMap((one) => ('append' in one ? [one.append.topic] : []))),
    )
    if (topics.size > 0) for (const reader of readers) reader.wake(topics)
  })
  return {
    async append(events) {
      await store.commit(events.map((append) => ({ append })))
    },
    async subscribe(name, topics, handle) {
      const reader = new Reader(name, topics, handle, store, clock)
      await reader.start()
      readers.add(reader)
      return {
        pause: () => reader.pause(),
        resume: () => reader.resume(),
        close: async () => {
          readers.delete(reader)
          await reader.close()
        },
      }
    },
    async read({ topics, from, limit }) {
      const where = { id: { atLeast: from }, ...(topics ? { topic: topics } : {}) }
      return (await store.select('events', where, { order: { by: 'id' }, limit })).map(toRecord)
    },
    async find(eventId) {
      const [row] = await store.select('events', { event_id: eventId })
      return row && toRecord(row)
    },
    async ends() {
      const [row] = await store.select('events', {}, { order: { by: 'id', down: true }, limit: 1 })
      return [(row?.id ?? 0) + 1]
    },
  }
}

function toRecord(row: Row<'events'>): LogRecord {
  const event: EventRow = {
    eventId: row.event_id,
    topic: row.topic,
    key: row.key,
    time: row.time,
    attributes: row.attributes,
    data: row.data,
  }
  return { ...event, position: row.id }
}

/** One named reader: idle → reading → handing out → idle; woken by commits that append to its topics. */
class Reader implements Pick<Subscription, 'pause' | 'resume' | 'close'> {
  private position = 0
  private woken = true
  private paused = false
  private readonly stop = new AbortController()
  private wait: (() => void) | undefined
  private finished: Promise<void> = Promise.resolve()

  constructor(
    private readonly name: string,
    private readonly topics: readonly string[],
    private readonly handle: (batch: Batch) => Promise<void>,
    private readonly store: ReturnType<typeof openEmbeddedStore>,
    private readonly clock: Clock,
  ) {}

  async start(): Promise<void> {
    this.position = await this.stored()
    this.finished = this.loop()
  }

  wake(topics: ReadonlySet<string>): void {
    if (this.topics.some((topic) => topics.has(topic))) this.rouse()
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    this.rouse()
  }

  async close(): Promise<void> {
    this.stop.abort()
    this.rouse()
    await this.finished
  }

  private rouse(): void {
    this.woken = true
    this.wait?.()
  }

  private async loop(): Promise<void> {
    let failures = 0
    while (!this.stop.signal.aborted) {
      if (this.paused || !this.woken) await new Promise<void>((resolve) => (this.wait = resolve))
      if (this.paused || this.stop.signal.aborted) continue
      this.woken = false
      const moved = await this.round()
      failures = moved ? 0 : failures + 1
      if (!moved) await sleep(this.clock, pauses[Math.min(failures, pauses.length) - 1] ?? 0, this.stop.signal)
    }
  }

  /** One batch; false when it was not taken. */
  private async round(): Promise<boolean> {
    const where = { id: { atLeast: this.position }, topic: this.topics }
    const rows = await this.store.select('events', where, { order: { by: 'id' }, limit: batchSize })
    const last = rows.at(-1)
    if (!last) return true
    const row = { reader: this.name, topic: '*', position: last.id + 1 }
    this.woken = true
    try {
      await this.handle({ records: rows.map(toRecord), moved: { upsert: 'positions', row } })
    } catch {
      return false
    }
    this.position = await this.stored()
    return this.position === last.id + 1
  }

  private async stored(): Promise<number> {
    const [row] = await this.store.select('positions', { reader: this.name, topic: '*' })
    return row?.position ?? 0
  }
}
