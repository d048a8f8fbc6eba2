import { incarnationOf, offsetOf } from '../log/place.ts'
import type { EventRow, Row, Store } from '../store/index.ts'
import { Incarnations } from './incarnations.ts'
import type { KafkaDriver } from './port.ts'
import { derived, wasGivenId } from './record.ts'

/** Where copies of what nobody could read go. Never read back as input. */
export function deadLetterTopic(topic: string, group: string): string {
  return `${topic}.${group}.dlq`
}

export function isDeadLetterTopic(topic: string): boolean {
  return topic.endsWith('.dlq')
}

/** How often a record was brought back from a dead-letter topic; whoever brings one back leaves the header on it. */
const replayCount = 'shuniu-replay-count'
/** One that comes back more often is parked as ever, but not copied again: somebody brings back what nobody can read. */
const mostReplays = 3

/** What earlier lives of a record in a dead-letter topic said about it. */
const isOurs = (name: string): boolean => name.startsWith('__connect.errors.') || name.startsWith('shuniu-')

export interface DeadLetterGround {
  readonly store: Store
  readonly kafka: Pick<KafkaDriver, 'clusterId'>
  readonly reader: string
  readonly prefix?: string
}

/**
 * Makes the copy of a parked record for its dead-letter topic: the original value, key and headers, the headers of Kafka
 * Connect's reporter (for the tools that know them), and ours. Undefined for one that came from there too often.
 */
export function deadLetters(ground: DeadLetterGround): (row: Row<'poisoned'>) => Promise<EventRow | undefined> {
  const { store, kafka, reader, prefix = '' } = ground
  const incarnations = new Incarnations(store, kafka)
  return async (row) => {
    const life = await incarnations.get(incarnationOf(row.position))
    const place = { topic: prefix + row.topic, partition: life?.partition ?? 0, offset: offsetOf(row.position) }
    const original: Record<string, unknown> = JSON.parse(row.attributes)
    const replays = replaysOf(original[replayCount])
    if (replays > mostReplays) return undefined
    const kept = Object.entries(original).filter(
      ([name]) => !isOurs(name) && !(name === 'ce_id' && isGiven(row, place)),
    )
    const headers = {
      ...Object.fromEntries(kept),
      ...connectHeaders(row, place, prefix + reader),
      ...ourHeaders(row, replays),
    }
    const topic = deadLetterTopic(row.topic, reader)
    return {
      eventId: derived(row.time, [topic, place]),
      topic,
      key: row.key,
      time: row.time,
      attributes: JSON.stringify(headers),
      data: row.data,
    }
  }
}

interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Ours is no part of the original. */
function isGiven({ event_id, topic }: Row<'poisoned'>, { partition, offset }: Place): boolean {
  return wasGivenId(event_id, topic, partition, offset)
}

/** As `DeadLetterQueueReporter` of Kafka Connect writes them: all are text. */
function connectHeaders({ code, message }: Row<'poisoned'>, { topic, partition, offset }: Place, group: string) {
  return {
    '__connect.errors.topic': topic,
    '__connect.errors.partition': String(partition),
    '__connect.errors.offset': String(offset),
    '__connect.errors.connector.name': group,
    '__connect.errors.task.id': '0',
    '__connect.errors.stage': code === 'event.attribute' ? 'HEADER_CONVERTER' : 'VALUE_CONVERTER',
    '__connect.errors.class.name': 'shuniu.Intake',
    '__connect.errors.exception.class.name': code,
    '__connect.errors.exception.message': message,
    '__connect.errors.exception.stacktrace': `${code}: ${message}`,
  }
}

function ourHeaders({ code, run }: Row<'poisoned'>, replays: number) {
  return {
    'shuniu-error-code': code,
    'shuniu-error-class': 'invalid',
    'shuniu-run-id': String(run),
    'shuniu-attempt': '1',
    [replayCount]: String(replays),
  }
}

/** 0 for a record that was never in a dead-letter topic; what is no count counts as too many. */
function replaysOf(header: unknown): number {
  if (header === undefined) return 0
  return typeof header === 'string' && /^\d{1,3}$/.test(header) ? Number(header) + 1 : Infinity
}
