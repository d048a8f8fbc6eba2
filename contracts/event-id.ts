import { hash } from 'node:crypto'
import type { Instant } from './values.ts'

/** A fact as the re-read document gives it. In DingTalk `document` is the instance's own id, never the root's (design §6). */
export interface Fact {
  readonly time: Instant
  /** Name of the source connection. */
  readonly connection: string
  /** Type of the event. */
  readonly type: string
  readonly document: string
  readonly version: string
}

/**
 * The id of the event that tells of a fact: 48 bits of its time in ms, then 80 bits of a hash over the rest. The same fact
 * met twice, by push, sweep or replay, has the same id; ids sort by time. Written as 8-4-4-4-12 hex digits.
 * Throws a RangeError for a time before 1970: a connector that reads such a one has misread the document.
 */
export function eventId(fact: Fact): string {
  if (fact.time.ms < 0) throw new RangeError('the time of a fact lies before 1970')
  const what = JSON.stringify([fact.connection, fact.type, fact.document, fact.version])
  const time = fact.time.ms.toString(16).padStart(12, '0')
  return dashed(time + hash('sha256', what, 'hex').slice(0, 20))
}

/** The 16 bytes of an id, for keys in stores; they sort as the text does. Undefined when the text is no such id. */
export function eventIdBytes(id: string): Buffer | undefined {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : undefined
}

export function eventIdText(bytes: Uint8Array): string {
  return dashed(Buffer.from(bytes).toString('hex'))
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
