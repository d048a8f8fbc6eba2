import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { eventIdBytes, eventIdText, Instant } from '@shuniu/contracts'
import type { EventRow } from '../store/index.ts'
import type { Headers, Incoming, Outgoing } from './port.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * An event as a record: the key is the business key, each attribute a header (CloudEvents 1.0, binary mode), the value the
 * bytes as they are. `ce_id` and `ce_time` among the attributes are the event's id and time.
 */
export function toOutgoing({ key, attributes, data }: EventRow): Outgoing {
  return { key, value: data, headers: toHeaders(JSON.parse(attributes)) }
}

/**
 * A record as an event, whoever wrote it: nothing is refused here, so that what cannot be read is parked and not in the
 * way. A header that is no text becomes `{"base64":"…"}`, one that came twice a list. Without `ce_id` the id comes from
 * topic, partition and offset; an id that is not ours is hashed with its source.
 */
export function toEvent(topic: string, partition: number, record: Incoming): EventRow {
  const attributes = Object.fromEntries(Object.entries(record.headers).map(([name, bytes]) => [name, asText(bytes)]))
  const time = timeOf(attributes['ce_time']) ?? record.timestamp
  const given = attributes['ce_id']
  const eventId =
    typeof given === 'string'
      ? (eventIdBytes(given) ?? derived(time, [attributes['ce_source'], given]))
      : derived(record.timestamp, [topic, partition, record.offset])
  return {
    eventId,
    topic,
    key: record.key === null ? '' : Buffer.from(record.key).toString(),
    time,
    attributes: JSON.stringify(typeof given === 'string' ? attributes : { ...attributes, ce_id: eventIdText(eventId) }),
    data: record.value ?? new Uint8Array(),
  }
}

/** Equal for a record and its repeat; a record without `ce_id` is like no other. */
export function markOf({ headers, value, offset, timestamp }: Incoming): string {
  const content = crc32(value ?? '').toString(36)
  const id = asText(headers['ce_id'])
  return id === undefined
    ? `@${offset} ${timestamp} ${content}`
    : JSON.stringify([asText(headers['ce_source']) ?? '', id, content])
}

type Text = string | { readonly base64: string } | readonly Text[] | undefined

function asText(content: Headers[string]): Text {
  if (content === undefined || typeof content === 'string') return content
  if (!(content instanceof Uint8Array)) return content.map(asText)
  try {
    return utf8.decode(content)
  } catch {
    return { base64: Buffer.from(content).toString('base64') }
  }
}

function toHeaders(attributes: object): Headers {
  return Object.fromEntries(Object.entries(attributes).map(([name, text]) => [name, asBytes(text)]))
}

function asBytes(text: unknown): Uint8Array | string | (Uint8Array | string)[] {
  if (Array.isArray(text)) return text.map(asBytes).flat()
  if (typeof text !== 'object' || text === null || !('base64' in text)) return String(text)
  return Buffer.from(String(text.base64), 'base64')
}

function timeOf(text: Text): number | undefined {
  return typeof text === 'string' ? Instant.parse(text)?.ms : undefined
}

/** Whether `toEvent` gave a record its id, because it had none of its own. */
export function wasGivenId(eventId: Uint8Array, topic: string, partition: number, offset: number): boolean {
  return derived(0, [topic, partition, offset]).subarray(6).equals(eventId.subarray(6))
}

/** 48 bits of time and 80 of a hash, as our own ids have it. */
export function derived(time: number, what: readonly unknown[]): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(Math.min(Math.max(0, time), 2 ** 48 - 1), 0, 6)
  hash('sha256', JSON.stringify(what), 'buffer').copy(bytes, 6, 0, 10)
  return bytes
}
