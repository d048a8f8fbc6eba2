import type { EventData, EventType, HubEvent } from '@shuniu/contracts'

/** An event of a type that comes with the hub, its data typed by its contract. */
export type EventOf<Type extends EventType> = Omit<HubEvent, 'type' | 'data'> & {
  readonly type: Type
  readonly data: EventData[Type]
}

/** Narrows an event to its type: `if (isEvent(event, 'finance.voucher.created')) event.data.amount`. */
export function isEvent<Type extends EventType>(event: HubEvent, type: Type): event is HubEvent & EventOf<Type> {
  return event.type === type
}

/** A record as Kafka clients hand it over; a message of kafkajs is one, with its topic added. */
export interface KafkaRecord {
  readonly topic: string
  readonly key: Uint8Array | string | null
  readonly value: Uint8Array | null
  readonly headers?: Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>> | undefined
  /** ms since 1970 when it was appended. */
  readonly timestamp?: string | number
  readonly partition?: number
  readonly offset?: string | number
}
type HeaderValue = Uint8Array | string
