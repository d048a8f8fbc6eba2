import { sleep, type Clock } from '../time/index.ts'
import { Owned, type Hold, type Ownership, type Work } from '../leases/index.ts'
import { hash52, partOf, type EventRow, type Row, type Store } from '../store/index.ts'

export interface RelayGround {
  readonly store: Pick<Store, 'select' | 'commit' | 'oldest'>
  readonly clock: Clock
  /** A topic is published by the owner of its name's partition. */
  readonly ownership: Ownership
  /** Publishes in this order, events of one key one behind the other. The error of each that is not in the log, maybe. */
  readonly publish: (events: readonly EventRow[]) => Promise<readonly unknown[]>
  readonly report: (message: string, detail: unknown) => void
  /** Somebody else owns the store now. */
  readonly lost: (error: unknown) => void
}

/** Less than a reader's memory of repeats: a batch that is published twice stands within. */
const batchSize = 400
/** How often it looks by itself, ms: a wake may be lost. */
const rhythm = 2_000
const rests = [100, 500, 2_000, 10_000] as const
/**
 * Sent rows are kept so long, ms: an undo needs the event it undoes, a run that waited for a person the one it is about, and
 * topics may forget sooner. Looked through so often.
 */
const keep = 800 * 86_400_000
const cleanEvery = 600_000
const cleanAtOnce = 500

/**
 * Publishes what stands in the outbox. What is waiting is told by its state, never by a last id: a commit with a lower id may
 * come later. One batch of a topic is under way at a time, in the order of the ids; what was published and not noted as sent is
 * published again, with the same ids.
 */
export class Relay {
  private readonly lanes = new Map<string, Lane>()
  private readonly stop = new AbortController()
  private readonly owned = new Owned(this.work(), this.stop.signal)
  private readonly finished: Promise<unknown>

  constructor(private readonly ground: RelayGround) {
    this.finished = Promise.all([
      ground.ownership.join(this.owned).catch((error: unknown) => ground.report('the outbox is not taken up', error)),
      this.every(rhythm, () => this.look()),
      this.every(cleanEvery, () => this.clean()),
    ])
  }

  /** Something was appended to these topics. */
  wake(topics: Iterable<string>): void {
    if (this.stop.signal.aborted) return
    for (const topic of topics) if (this.owned.has(hash52(topic))) this.laneOf(topic).wake()
  }

  /** Looks for all topics: somebody else appended something. */
  async look(): Promise<void> {
    this.wake(Object.keys(await this.ground.store.oldest('outbox', 'aggregatetype', { open: 'waiting' })))
  }

  /** Resolves when nothing is under way; what waits goes on in another life. */
  async close(): Promise<void> {
    this.stop.abort()
    await this.finished
    await Promise.all([...this.lanes.values()].map((lane) => lane.finished))
  }

  private laneOf(topic: string): Lane {
    let lane = this.lanes.get(topic)
    const hold = (): Hold | undefined => this.owned.holdOf(hash52(topic))
    if (!lane) this.lanes.set(topic, (lane = new Lane(topic, this.ground, hold, this.stop.signal)))
    return lane
  }

  private work(): Work {
    return {
      kind: 'topic',
      // Those it is about are known only behind it.
      takeUp: async () => void setImmediate(() => this.owned.told(undefined)),
      // A batch that is under way comes to its end; another is not begun.
      drop: (parts) =>
        Promise.all([...this.lanes.values()].filter(({ part }) => parts.has(part)).map(({ finished }) => finished)),
      notice: () => this.look(),
      look: () => this.look(),
      failed: (error) => this.ground.report('the outbox cannot be looked at', error),
    }
  }

  private async every(ms: number, work: () => Promise<void>): Promise<void> {
    const { clock, report } = this.ground
    const { signal } = this.stop
    while (!signal.aborted) {
      await work().catch((error: unknown) => report('the outbox cannot be looked at', error))
      await sleep(clock, ms, signal)
    }
  }

  /** From the oldest on, for as long as they are old: of what came later nothing is read. */
  private async clean(): Promise<void> {
    const { store, clock } = this.ground
    const before = clock.now() - keep
    const oldest = async (limit: number): Promise<number[]> => {
      const rows = await store.select('outbox', {}, { order: { by: 'id' }, limit })
      return rows.flatMap(({ id, sent_at }) => (sent_at !== null && sent_at < before ? id : []))
    }
    while ((await oldest(1)).length > 0 && !this.stop.signal.aborted) {
      const outcome = await store.commit([{ remove: 'outbox', where: { id: await oldest(cleanAtOnce) } }])
      if (outcome.is !== 'done') return
    }
  }
}

/** One topic: idle → publishing → idle; resting after a failure. */
class Lane {
  finished: Promise<void> = Promise.resolve()
  readonly part: number
  private woken = false
  private working = false

  constructor(
    private readonly topic: string,
    private readonly ground: RelayGround,
    private readonly hold: () => Hold | undefined,
    private readonly signal: AbortSignal,
  ) {
    this.part = partOf(hash52(topic))
  }

  wake(): void {
    this.woken = true
    if (!this.working) this.finished = this.work()
  }

  private async work(): Promise<void> {
    this.working = true
    let failures = 0
    while (this.woken && !this.signal.aborted) {
      this.woken = false
      try {
        if (await this.round()) this.woken = true
        failures = 0
      } catch (error) {
        this.ground.report(`events of ${this.topic} wait in the outbox`, error)
        await sleep(this.ground.clock, rests[Math.min(failures++, rests.length - 1)] ?? 0, this.signal)
        this.woken = true
      }
    }
    this.working = false
  }

  /** One batch. Returns whether there may be more; throws when not all of it was published. */
  private async round(): Promise<boolean> {
    const { store, publish, lost, ownership } = this.ground
    const hold = this.hold()
    if (!hold) return false
    const where = { aggregatetype: this.topic, open: 'waiting' }
    const rows = await store.select('outbox', where, { order: { by: 'id' }, limit: batchSize })
    if (rows.length === 0) return false
    const errors = await publish(rows.map(toEvent))
    const sent = rows.filter((_, at) => errors[at] === undefined).map(({ id }) => id)
    const set = { state: 'sent', sent_at: this.ground.clock.now() }
    const outcome = await store.commit([{ update: 'outbox', where: { id: sent }, set, many: true }, ...hold.fence])
    if (outcome.is === 'stale') {
      if (outcome.part === undefined) lost(new Error('the store belongs to a later start'))
      else ownership.doubt()
      return false
    }
    const failed = errors.find((error) => error !== undefined)
    if (failed !== undefined) throw failed
    return rows.length === batchSize
  }
}

function toEvent(row: Row<'outbox'>): EventRow {
  const { event_id: eventId, aggregatetype: topic, aggregateid: key, payload: data, time, attributes } = row
  return { eventId, topic, key, time, attributes, data }
}
