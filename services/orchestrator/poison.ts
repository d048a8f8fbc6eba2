import { eventIdBytes, HubError } from '@shuniu/contracts'
import { incarnationOf, type Batch, type EventLog, type LogRecord } from '@shuniu/infra/log'
import type { Change, CommitOutcome, EventRow, Row, Store } from '@shuniu/infra/store'
import { maskText } from '@shuniu/infra/telemetry'
import type { Clock } from '@shuniu/infra/time'

export interface PoisonGround {
  readonly store: Store
  readonly clock: Clock
  /** The copy of a parked record for others; undefined when it gets none. */
  readonly copyOf: (row: Row<'poisoned'>) => Promise<EventRow | undefined>
  readonly failed: (error: unknown) => void
}

const minute = 60_000
/** A partition of which more cannot be read is not what it seems: a wrong registry, a wrong topic, an older hub. */
const mostPerMinute = 100
const atOnce = 100

/**
 * What nobody can read of a log that strangers write to. It is parked with its bytes and headers, for the log forgets; a copy
 * goes to a dead-letter topic, by the same way as events. The parked row is the truth, the copy is for tools.
 */
export class Poison {
  /** By life of a partition: when how many of it could not be read. */
  private readonly found = new Map<number, { readonly at: number; readonly count: number }[]>()
  private publishing: Promise<void> = Promise.resolve()

  constructor(private readonly ground: PoisonGround) {}

  /** Throws `log.poisoned` while too much of the batch's partition could not be read: the partition rests, and comes again. */
  admit({ records: [first] }: Batch): void {
    if (!first) return
    const since = this.ground.clock.uptime() - minute
    const recent = (this.found.get(incarnationOf(first.position)) ?? []).filter(({ at }) => at > since)
    this.found.set(incarnationOf(first.position), recent)
    const count = recent.reduce((sum, one) => sum + one.count, 0)
    if (count > mostPerMinute) throw new HubError('log.poisoned', { topic: first.topic, count })
  }

  /** So many of a batch could not be read, and are on disk now. */
  taken({ records: [first] }: Batch, count: number): void {
    if (!first || count === 0) return
    this.found.get(incarnationOf(first.position))?.push({ at: this.ground.clock.uptime(), count })
    this.publish()
  }

  /** Sends copies of what was parked, also of what an earlier life left; one that failed goes with the next. */
  publish(): void {
    this.publishing = this.publishing.then(() => this.publishAll()).catch(this.ground.failed)
  }

  /** Resolves when nothing is under way. */
  close(): Promise<void> {
    return this.publishing
  }

  private async publishAll(): Promise<void> {
    const { store } = this.ground
    for (;;) {
      const rows = await store.select('poisoned', { open: 'waiting' }, { order: { by: 'id' }, limit: atOnce })
      for (const row of rows) if ((await this.publishOne(row)) === 'stale') return
      if (rows.length < atOnce) return
    }
  }

  /** Refused: another process has sent it meanwhile. */
  private async publishOne(row: Row<'poisoned'>): Promise<CommitOutcome['is']> {
    const copy = await this.ground.copyOf(row)
    const update = (state: string): Change => ({
      update: 'poisoned',
      where: { id: row.id, state: 'waiting' },
      set: { state },
    })
    const outcome = await this.ground.store.commit(copy ? [update('sent'), { append: copy }] : [update('held')])
    return outcome.is
  }
}

/** What is kept of a record that nobody can read, in the commit of its parked run. */
export function keep(record: LogRecord, error: HubError, run: { readonly idOf: number }): Change {
  const { position, eventId, topic, key, time, attributes, data } = record
  const { code, message } = error
  const said = { code, message: maskText(message) }
  const row = { position, event_id: eventId, topic, key, time, attributes, data, ...said, run, state: 'waiting' }
  return { insert: 'poisoned', row, orSkip: true }
}

/**
 * The record that a run is about: from the log; or, where that forgot it, as it was kept when nobody could read it, or as it
 * left by the outbox.
 */
export async function recordOf(
  ground: { log: EventLog; store: Store },
  { event: position, event_id }: Pick<Row<'runs'>, 'event' | 'event_id'>,
): Promise<LogRecord | undefined> {
  const [record] = await ground.log.read({ from: position, limit: 1 })
  if (record?.position === position) return record
  // An event of the embedded log that this installation moved from (infra/move) stands in the row it had there.
  const isOfEmbedded = incarnationOf(position) === 0
  const [row] = isOfEmbedded
    ? await ground.store.select('events', { id: position })
    : await ground.store.select('poisoned', { position })
  if (!row) return sentAs(ground.store, position, event_id)
  const { event_id: eventId, topic, key, time, attributes, data } = row
  return { position, eventId, topic, key, time, attributes, data }
}

async function sentAs(store: Store, position: number, id: string | null): Promise<LogRecord | undefined> {
  const eventId = id === null ? undefined : eventIdBytes(id)
  const [row] = eventId ? await store.select('outbox', { event_id: eventId }) : []
  if (!row || !eventId) return undefined
  const { aggregatetype: topic, aggregateid: key, payload: data, time, attributes } = row
  return { position, eventId, topic, key, time, attributes, data }
}
