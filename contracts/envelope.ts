import { HubError } from './errors.ts'
import { Instant, type ValueRecord } from './values.ts'

/** An event of the hub: the attributes of CloudEvents 1.0 and its data, which follows the contract of its type. */
export interface HubEvent {
  readonly id: string
  /** `approval.payment.approved`, without a version. */
  readonly type: string
  readonly topic: string
  /** Keeps events in order: the contract's key field. */
  readonly key: string
  /** When the fact happened in its source, not when we learned of it. */
  readonly time: Instant
  /** Where it comes from, as a URI reference: `/connections/dingtalk-main`. */
  readonly source: string
  /** What it is about, as people call it: an approval number. */
  readonly subject: string
  /** One for the whole business transaction, the same from approval to voucher. */
  readonly correlation: string
  /** Id of the event that caused this one. */
  readonly causation?: string
  /** W3C trace context of the fact's first sight. */
  readonly traceparent?: string
  readonly data: ValueRecord
}

/** Headers of a record on the event log, as text; adapters turn them into bytes. */
export type EventHeaders = Readonly<Record<string, string>>

/** The media type of our values. No type is registered for Avro in Confluent's frame; this one is the binding's own example. */
export const contentType = 'application/avro'

/** CloudEvents' Kafka binding, binary mode. `dataschema` is where the writer's schema can be fetched. */
export function toHeaders(event: HubEvent, dataschema?: string): EventHeaders {
  return {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_subject: event.subject,
    ce_time: event.time.toString(),
    ce_correlationid: event.correlation,
    ce_partitionkey: event.key,
    'content-type': contentType,
    ...(event.causation !== undefined && { ce_causationid: event.causation }),
    ...(dataschema !== undefined && { ce_dataschema: dataschema }),
    ...(event.traceparent !== undefined && { ce_traceparent: event.traceparent, traceparent: event.traceparent }),
  }
}

/** What a record says beside its headers, and what stands in for attributes that a foreign producer left out. */
export interface RecordAround {
  readonly topic: string
  readonly key: string
  readonly data: ValueRecord
  readonly fallback?: {
    readonly id?: string
    readonly type?: string
    readonly time?: Instant
    readonly source?: string
  }
}

/**
 * Reads an event. Only the attributes above are taken; whatever else a producer wrote is ignored. What is missing and not
 * required gets its nearest equal: the subject the key, the correlation the id. Throws `event.attribute`.
 */
export function fromHeaders(headers: EventHeaders, around: RecordAround): HubEvent {
  const { topic, key, data, fallback = {} } = around
  if (headers['ce_specversion'] !== undefined && headers['ce_specversion'] !== '1.0') throw refused('specversion')
  const id = headers['ce_id'] || fallback.id || refuse('id')
  const traceparent = headers['ce_traceparent'] ?? headers['traceparent']
  const causation = headers['ce_causationid']
  return {
    id,
    type: headers['ce_type'] || fallback.type || refuse('type'),
    topic,
    key,
    time: readTime(headers['ce_time']) ?? fallback.time ?? refuse('time'),
    source: headers['ce_source'] || fallback.source || refuse('source'),
    subject: headers['ce_subject'] || key,
    correlation: headers['ce_correlationid'] || id,
    ...(causation !== undefined && { causation }),
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
    data,
  }
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/

function readTime(text: string | undefined): Instant | undefined {
  return text === undefined ? undefined : (Instant.parse(text) ?? refuse('time'))
}

function refuse(attribute: string): never {
  throw refused(attribute)
}

function refused(attribute: string): HubError {
  return new HubError('event.attribute', { attribute })
}
