import { eventIdText, HubError } from '@shuniu/contracts'
import { Batcher } from '../kafka/batcher.ts'
import { Cursor, repeatWindow, type Finding } from '../kafka/cursor.ts'
import { isDeadLetterTopic } from '../kafka/dead-letter.ts'
import { Incarnations, type Incarnation } from '../kafka/incarnations.ts'
import type { KafkaDriver, Stretch } from '../kafka/port.ts'
import { GroupReader } from '../kafka/reader.ts'
import { Recent } from '../kafka/recent.ts'
import { markOf, toEvent, toOutgoing } from '../kafka/record.ts'
import { topicCounts } from '../kafka/topics.ts'
import type { EventRow, Store } from '../store/index.ts'
import type { Clock } from '../time/index.ts'
import { incarnationOf, offsetOf, placeOf } from './place.ts'
import type { EventLog, LogRecord } from './port.ts'

/** An event is found from the time of its fact on; so much may a source's clock be ahead of the broker's. */
const clocksDiffer = 3_600_000

export interface KafkaLogGround {
  readonly kafka: KafkaDriver
  readonly store: Store
  readonly clock: Clock
  /** Before the name of every topic and group, where installations share a cluster. */
  readonly prefix?: string
  /** The log is not what it was; a gap stops its partition. */
  readonly found: (finding: Finding) => void
  readonly report: (message: string, detail: unknown) => void
}

export interface KafkaLog extends EventLog {
  /**
   * Appends, and tells of each event the error it failed with, undefined when it is in the log. Rejects when nothing was sent.
   * What fails of a partition takes with it what stands behind.
   */
  publish(events: readonly EventRow[]): Promise<readonly unknown[]>
}

/**
 * The event log on Kafka. The position of record is in the store (`places`), the group's own offsets are a copy for
 * tools. Topics are never created here: what names one that is not there throws `log.topic-missing`.
 */
export function openKafkaLog(ground: KafkaLogGround): KafkaLog {
  const { kafka, store, clock, prefix = '', found, report } = ground
  const incarnations = new Incarnations(store, kafka)
  const countOf = topicCounts(kafka)
  const batcher = new Batcher((topic, partition, records) => kafka.send(topic, partition, records))
  const nameOf = (topic: string): string => topic.slice(prefix.length)

  /** The partitions of these topics, else all that were ever read or asked for. */
  const partitions = async (topics?: readonly string[]): Promise<Incarnation[]> => {
    for (const topic of topics ?? [])
      for (let partition = await countOf(prefix + topic); partition-- > 0;)
        await incarnations.newest(prefix + topic, partition)
    const wanted = (name: string): boolean => name.startsWith(prefix) && (topics?.includes(nameOf(name)) ?? true)
    return (await incarnations.all()).filter(({ topic }) => wanted(topic))
  }

  async function* recordsOf({ id, topic, partition }: Incarnation, from: number): AsyncGenerator<LogRecord, void> {
    const recent = new Recent(repeatWindow)
    for (let at = from; ;) {
      const { records, next } = await readFrom(kafka, topic, partition, at)
      for (const record of records) {
        const mark = markOf(record)
        if (!recent.has(mark))
          yield { ...toEvent(nameOf(topic), partition, record), position: placeOf(id, record.offset) }
        recent.add(mark)
      }
      if (next === at) return
      at = next
    }
  }

  const publish = async (events: readonly EventRow[]): Promise<readonly unknown[]> => {
    const counts = await Promise.all(events.map(({ topic }) => countOf(prefix + topic)))
    const added = events.map((event, at) => {
      const partition = kafka.partitionOf(event.key, counts[at] ?? 1)
      return batcher.add(prefix + event.topic, partition, toOutgoing(event))
    })
    const settled = await Promise.allSettled(added)
    return settled.map((one) => (one.status === 'rejected' ? (one.reason ?? new Error('not sent')) : undefined))
  }

  return {
    isApart: true,
    publish,
    async append(events) {
      // All are answered before a failure is told: what its caller repeats must not overtake them.
      const failed = (await publish(events)).find((error) => error !== undefined)
      if (failed !== undefined) throw failed
    },
    async subscribe(name, topics, handle) {
      const copies = topics.find(isDeadLetterTopic)
      if (copies !== undefined) throw new HubError('log.dead-letter', { topic: copies })
      await Promise.all(topics.map((topic) => countOf(prefix + topic)))
      const cursors = { reader: name, store, kafka, incarnations, found, nameOf }
      return new GroupReader({
        group: prefix + name,
        topics: topics.map((topic) => prefix + topic),
        kafka,
        clock,
        open: (topic, partition) => Cursor.open(cursors, topic, partition),
        handle,
        report,
      })
    },
    async read({ topics, from, limit }) {
      const records: LogRecord[] = []
      for (const one of await partitions(topics)) {
        if (one.id < incarnationOf(from)) continue
        for await (const record of recordsOf(one, one.id === incarnationOf(from) ? offsetOf(from) : 0)) {
          records.push(record)
          if (records.length === limit) return records
        }
      }
      return records
    },
    async find(eventId) {
      const id = eventIdText(eventId)
      const time = Math.max(1, Buffer.from(eventId).readUIntBE(0, 6) - clocksDiffer)
      for (const one of await partitions()) {
        const from = (await kafka.offsetsAt(one.topic, time)).get(one.partition) ?? 0
        for await (const record of recordsOf(one, from)) if (eventIdText(record.eventId) === id) return record
      }
      return undefined
    },
    async ends(topics) {
      const ends: number[] = []
      for (const [topic, lives] of Map.groupBy(await partitions(topics), (one) => one.topic)) {
        const extents = await kafka.extents(topic)
        for (const { id, partition } of lives) ends.push(placeOf(id, extents.get(partition)?.end ?? 0))
      }
      return ends
    },
  }
}

/**
 * Reads from an offset; when that is gone, from the earliest that is there. A leader that moved, or its broken connection,
 * is asked for once more.
 */
async function readFrom(kafka: KafkaDriver, topic: string, partition: number, from: number): Promise<Stretch> {
  try {
    return await kafka.read(topic, partition, from)
  } catch {
    const { earliest = 0, end = 0 } = (await kafka.extents(topic)).get(partition) ?? {}
    return from > end ? { records: [], next: from } : kafka.read(topic, partition, Math.max(from, earliest))
  }
}
