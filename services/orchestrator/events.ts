import {
  contract,
  decode,
  encode,
  eventId,
  eventIdBytes,
  frame,
  fromHeaders,
  HubError,
  Instant,
  isRecord,
  toHeaders,
  unframe,
  type AvroSchema,
  type Contract,
  type EventHeaders,
  type HubEvent,
  type ValueRecord,
} from '@shuniu/contracts'
import type { LogRecord } from '@shuniu/infra/log'
import type { EventRow } from '@shuniu/infra/store'
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

/** What a record's attributes say of its event, before its data is read. Throws `contract.unknown` and `event.*`. */
export function readHead(record: LogRecord, schemas: Schemas): EventHead {
  const headers = headersOf(record.attributes)
  const { type } = contract(headers['ce_type'] ?? '', schemas.contracts)
  const event = fromHeaders(headers, { topic: record.topic, key: record.key, data: {} })
  const rootTime = Instant.parse(headers['ce_roottime'] ?? '')
  return {
    position: record.position,
    id: event.id,
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
  const { schema, payload } = unframe(record.data)
  if (schema.id === idOf(its)) return decode(its, payload)
  const writer = writerOf?.(schema.id)
  if (!writer) throw new HubError('event.unknown-schema', { id: schema.id, type: its.type })
  return decode(its, payload, { writer })
}

function headersOf(attributes: string): EventHeaders {
  const parsed: unknown = JSON.parse(attributes)
  const headers: Record<string, string> = {}
  if (isRecord(parsed))
    for (const [name, value] of Object.entries(parsed)) if (typeof value === 'string') headers[name] = value
  return headers
}

/** Makes the log row of an emitted event. Id from its cause, so that it cannot be emitted twice. */
export function eventMaker(schemas: Schemas, clock: Clock): MakeEvent {
  return ({ type, data, cause, flow, path }) => {
    const its = contract(type, schemas.contracts)
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
      ...(cause.traceparent === undefined ? {} : { traceparent: cause.traceparent }),
      data,
    }
    return eventRow(event, schemas)
  }
}

/** An event as the log keeps it: framed Avro, attributes as headers. */
export function eventRow(event: HubEvent, schemas: Schemas): EventRow {
  const its = contract(event.type, schemas.contracts)
  const bytes = eventIdBytes(event.id)
  if (!bytes) throw new HubError('internal.bug', { what: `event id ${event.id}` })
  return {
    eventId: bytes,
    topic: event.topic,
    key: event.key,
    time: event.time.ms,
    attributes: JSON.stringify(toHeaders(event)),
    data: frame(schemas.idOf(its), encode(its, event.data)),
  }
}
