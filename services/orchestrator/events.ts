import {
  contract,
  decode,
  encode,
  eventId,
  eventIdBytes,
  eventIdText,
  frame,
  fromHeaders,
  HubError,
  Instant,
  isRecord,
  schemaIdHeader,
  toHeaders,
  unframe,
  worthOf,
  type AvroSchema,
  type Contract,
  type EventHeaders,
  type HubEvent,
  type ValueRecord,
} from '@shuniu/contracts'
import type { LogRecord } from '@shuniu/infra/log'
import type { EventRow } from '@shuniu/infra/store'
import type { Traces } from '@shuniu/infra/telemetry'
import type { Clock } from '@shuniu/infra/time'
import type { EventHead, FlowEvent } from './flow/plan.ts'
import type { MakeEvent } from './run/live.ts'

/** How schemas are known by number on the wire. */
export interface Schemas {
  readonly contracts: readonly Contract[]
  idOf(contract: Contract): number
  /** The schema that events with this number were written with; undefined when nobody ever did. */
  writerOf?(id: number): AvroSchema | undefined
}

/**
 * What a record's attributes say of its event, before its data is read. What a foreign producer left out comes from the
 * record: the type from its topic, the time from when it was appended. Throws `contract.unknown` and `event.*`.
 */
export function readHead(record: LogRecord, schemas: Schemas): EventHead {
  const headers = headersOf(record.attributes)
  const { topic, key } = record
  const ofTopic = schemas.contracts.find((one) => one.topic === topic)?.type ?? ''
  const { type } = contract(headers['ce_type'] || ofTopic, schemas.contracts)
  // Of an id that is not ours, or none, the log has made one.
  const id = eventIdText(record.eventId)
  const fallback = { id, type, time: new Instant(record.time), source: `/topics/${topic}` }
  const event = fromHeaders(headers, { topic, key, data: {}, fallback })
  const rootTime = Instant.parse(headers['ce_roottime'] ?? '')
  return {
    position: record.position,
    id,
    type,
    time: event.time,
    ...(rootTime && { rootTime }),
    source: event.source.replace(/^\/connections\//, ''),
    correlation: event.correlation,
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
  }
}

/** Reads a record of the log as flows see it. Throws `contract.*` and `event.*` for what nobody can read. */
export function readEvent(record: LogRecord, schemas: Schemas, head = readHead(record, schemas)): FlowEvent {
  return { ...head, data: dataOf(record, contract(head.type, schemas.contracts), schemas) }
}

function dataOf(record: LogRecord, its: Contract, { idOf, writerOf }: Schemas): ValueRecord {
  const { schema, payload } = unframe(record.data, schemaHeaderOf(record.attributes))
  if (schema.id === idOf(its)) return decode(its, payload)
  const writer = writerOf?.(schema.id)
  if (!writer) throw new HubError('event.unknown-schema', { id: schema.id, type: its.type })
  return decode(its, payload, { writer })
}

/** The header that names the schema where nothing stands in front of the payload; bytes that are no text are in base64. */
function schemaHeaderOf(attributes: string): Uint8Array | undefined {
  if (!attributes.includes(schemaIdHeader)) return undefined
  const parsed: unknown = JSON.parse(attributes)
  const found = isRecord(parsed) ? parsed[schemaIdHeader] : undefined
  if (typeof found === 'string') return Buffer.from(found)
  const base64 = isRecord(found) ? found['base64'] : undefined
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined
}

/** Numbers of schemas that these records were written with and nobody here has heard of. */
export function unknownSchemas(
  records: readonly LogRecord[],
  { contracts, idOf, writerOf }: Schemas,
): readonly number[] {
  const ids = new Set(records.flatMap(schemaOf))
  for (const one of contracts) ids.delete(idOf(one))
  return [...ids].filter((id) => !writerOf?.(id))
}

function schemaOf({ data, attributes }: LogRecord): number[] {
  try {
    return [unframe(data, schemaHeaderOf(attributes)).schema.id]
  } catch {
    return []
  }
}

function headersOf(attributes: string): EventHeaders {
  const parsed: unknown = JSON.parse(attributes)
  const headers: Record<string, string> = {}
  if (isRecord(parsed))
    for (const [name, value] of Object.entries(parsed)) if (typeof value === 'string') headers[name] = value
  return headers
}

/** Makes the log row of an emitted event. Id from its cause, so that it cannot be emitted twice. */
export function eventMaker(schemas: Schemas, clock: Clock, traces?: Traces): MakeEvent {
  return ({ type, data, cause, flow, path }) => {
    const its = contract(type, schemas.contracts)
    const traceparent = tellEmitted(traces, type, cause, clock)
    const id = eventId({ time: cause.time, connection: `flow ${flow}`, type, document: cause.id, version: path })
    const event: HubEvent = {
      id,
      type,
      topic: its.topic,
      key: String(data[its.key] ?? ''),
      // A clock that was set back must not tell of an effect before its cause.
      time: new Instant(Math.max(clock.now(), cause.time.ms)),
      source: `/flows/${flow}`,
      subject: String(data['number'] ?? cause.correlation),
      correlation: cause.correlation,
      causation: cause.id,
      ...(traceparent === undefined ? {} : { traceparent }),
      data,
    }
    return eventRow(event, schemas)
  }
}

/** Where an emitted event stands: without traces, where its cause does. */
function tellEmitted(traces: Traces | undefined, type: string, cause: EventHead, clock: Clock): string | undefined {
  if (!traces) return cause.traceparent
  const under = traces.here ?? placeOf(traces, cause)
  const attributes = { 'shuniu.event_type': type }
  return traces.tell('emit', { under, kind: 'producer', attributes, since: clock.now() }).traceparent
}

/** What everything that follows from an event stands under. */
export function placeOf(
  traces: Traces,
  { traceparent, correlation }: Pick<EventHead, 'traceparent' | 'correlation'>,
): string {
  return traceparent ?? traces.origin(correlation)
}

/** An event as the log keeps it: framed Avro, attributes as headers. */
export function eventRow(event: HubEvent, schemas: Schemas): EventRow {
  const its = contract(event.type, schemas.contracts)
  const bytes = eventIdBytes(event.id)
  if (!bytes) throw new HubError('internal.bug', { what: `event id ${event.id}` })
  const worth = worthOf(event.data)
  return {
    eventId: bytes,
    topic: event.topic,
    key: event.key,
    time: event.time.ms,
    attributes: JSON.stringify(toHeaders(event)),
    data: frame(schemas.idOf(its), encode(its, event.data)),
    ...(worth && { worth }),
  }
}
