import {
  Decimal,
  encode,
  eventId,
  eventIdBytes,
  frame,
  HubError,
  toHeaders,
  worthOf,
  type Contract,
  type HubEvent,
  type Instant,
  type ParkReason,
  type ValueRecord,
} from '@shuniu/contracts'
import type { EventRow, Store } from '@shuniu/infra/store'
import type { Traces } from '@shuniu/infra/telemetry'
import type { SourceDocument } from '@shuniu/sdk'
import { detailOf, surprise, unpackMemory } from './detail.ts'
import type { Ending, Read } from './ending.ts'
import { scopeOf, type ConnectionPlan, type DocumentScope, type Mapping } from './mapping.ts'
import type { Receipt } from './receipt.ts'
import { revisionOf } from './revision.ts'
import { tellPublished } from './story.ts'

export interface DecideGround {
  readonly store: Store
  readonly schemaId: (contract: Contract) => number
  readonly traces?: Traces | undefined
}

type Decided = Exclude<Ending, { is: 'later' }>

/** From a document that was read to what becomes of its receipt. */
export async function decide(
  document: SourceDocument,
  receipt: Receipt,
  plan: ConnectionPlan,
  ground: DecideGround,
): Promise<Decided> {
  const { number, form, final } = document
  const read: Read = { number, form }
  const { from } = plan
  const mappings = plan.mappings.filter((one) => one.source === receipt.source && one.form === form)
  if (mappings.length === 0 || !from) return { is: 'skipped', because: 'no mapping', final, read }
  if (document.at.ms < from.ms) return { is: 'skipped', because: 'before cut-over', final, read }
  const { revision, changes } = await revisionOf(ground.store, plan.name, document)
  const parked = (reason: ParkReason, error: HubError): Decided => {
    return { is: 'parked', reason, detail: detailOf(error), final, read }
  }
  try {
    const scope = scopeOf(document, new Decimal(String(revision)))
    const wanted = await filterAsync(mappings, (mapping) => mapping.wants(scope))
    if (wanted.length === 0) return { is: 'skipped', because: 'where', final, read }
    if (wasMadeWithoutUs(document, from) && !unpackMemory(receipt.detail).released) {
      return parked('human', new HubError('ingress.made-without-us', { kind: document.kind, number }))
    }
    const making = { document, receipt, connection: plan.name, ground }
    const events = await eventsOf(making, wanted, scope)
    return { is: 'published', read, final, events, revision: changes }
  } catch (error) {
    return parked(error instanceof HubError ? 'invalid' : 'poison', surprise(error))
  }
}

/** A change or revocation of something that was done before the cut-over: whoever did it has to look. */
function wasMadeWithoutUs({ kind, rootAt }: SourceDocument, from: Instant): boolean {
  return kind !== 'new' && rootAt.ms < from.ms
}

async function filterAsync<T>(items: readonly T[], holds: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept: T[] = []
  for (const item of items) if (await holds(item)) kept.push(item)
  return kept
}

/** Two events of one type would have one id: nobody could say which is meant. */
function refuseTwins(wanted: readonly Mapping[]): void {
  const types = wanted.map(({ contract }) => contract.type)
  const twin = types.find((type, at) => types.indexOf(type) !== at)
  if (twin !== undefined) throw new HubError('ingress.same-type-twice', { type: twin })
}

interface Made {
  readonly id: string
  readonly row: EventRow
}

interface Making {
  readonly document: SourceDocument
  readonly receipt: Receipt
  readonly connection: string
  readonly ground: DecideGround
}

async function eventsOf(making: Making, wanted: readonly Mapping[], scope: DocumentScope): Promise<Made[]> {
  refuseTwins(wanted)
  const events: Made[] = []
  for (const { contract, data } of wanted) {
    const event = eventOf(making, contract, await data(scope))
    const payload = frame(making.ground.schemaId(contract), encode(contract, event.data))
    events.push({ id: event.id, row: rowOf(event, payload, making.document.rootAt) })
  }
  return events
}

/** The same fact met twice has the same id. */
function eventOf({ document, receipt, connection, ground }: Making, contract: Contract, data: ValueRecord): HubEvent {
  const { at: time, id, root, number, version } = document
  const { traces } = ground
  return {
    id: eventId({ time, connection, type: contract.type, document: id, version }),
    type: contract.type,
    topic: contract.topic,
    key: keyOf(contract, data),
    time,
    source: `/connections/${connection}`,
    subject: number,
    correlation: root,
    ...(traces && { traceparent: tellPublished(traces, contract.type, document, receipt) }),
    data,
  }
}

/** The event as the log keeps it. When its chain began travels along: flows look at it for their cut-over. */
function rowOf(event: HubEvent, data: Uint8Array, rootAt: Instant): EventRow {
  const { id, topic, key, time } = event
  const bytes = eventIdBytes(id)
  if (!bytes) throw new TypeError(`${id} is not the id of an event`)
  const attributes = JSON.stringify({ ...toHeaders(event), ce_roottime: rootAt.toString() })
  const worth = worthOf(event.data)
  return { eventId: bytes, topic, key, time: time.ms, attributes, data, ...(worth && { worth }) }
}

function keyOf(contract: Contract, data: ValueRecord): string {
  const key = data[contract.key]
  if (typeof key === 'string' && key !== '') return key
  throw new HubError('ingress.empty-key', { type: contract.type, field: contract.key })
}
