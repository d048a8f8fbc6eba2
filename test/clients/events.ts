import {
  contract,
  encode,
  eventId,
  eventIdBytes,
  frame,
  Instant,
  sampleOf,
  schemaNumber,
  toHeaders,
  type EventType,
  type HubEvent,
} from '@shuniu/contracts'
import type { EventRow } from '@shuniu/infra/store'

/** An event of a type that comes with the hub, with sample data; another number, another event. */
export function eventOf(type: EventType, number: number): HubEvent {
  const its = contract(type)
  const time = new Instant(1_772_672_523_000 + number)
  return {
    id: eventId({ time, connection: 'dingtalk-main', type, document: String(number), version: '1' }),
    type,
    topic: its.topic,
    key: `key-${number}`,
    time,
    source: '/flows/payment-to-voucher',
    subject: String(number),
    correlation: 'whole',
    data: { ...sampleOf(its), ...(type === 'finance.voucher.created' ? { number: `记-${number}` } : {}) },
  }
}

/** As the hub writes it. */
export function rowOf(event: HubEvent): EventRow {
  const its = contract(event.type)
  return {
    eventId: eventIdBytes(event.id) ?? new Uint8Array(),
    topic: event.topic,
    key: event.key,
    time: event.time.ms,
    attributes: JSON.stringify(toHeaders(event)),
    data: frame(schemaNumber(its.text), encode(its, event.data)),
  }
}
