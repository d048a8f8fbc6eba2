import {
  encode,
  Decimal,
  eventId,
  eventIdBytes,
  frame,
  HubError,
  toHeaders,
  type Contract,
  type HubEvent,
  type ValueRecord,
} from '@shuniu/contracts'
import type { EventRow, Store } from '@shuniu/infra/store'
import type { SourceDocument } from '@shuniu/sdk'
import { detailOf, unpackMemory } from './detail.ts'
import type { Ending, Read } from './ending.ts'
import { scopeOf, type ConnectionPlan, type Mapping } from './mapping.ts'
import type { Receipt } from './receipt.ts'
import { revisionOf } from './revision.ts'

export interface DecideGround {
  readonly store: Store
  readonly schemaId: (contract: Contract) => number
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
  const skipped = (because: string): Decided => ({ is: 'skipped', because, final, read })
  const parked = (reason: 'human' | 'invalid', error: HubError): Decided => ({
    is: 'parked',
    reason,
    detail: detailOf(error),
    final,
    read,
  })
  const mappings = plan.mappings.filter((one) => one.source === receipt.source && one.form === form)
  const { from } = plan
  if (mappings.length === 0 || !from) return skipped('no mapping')
  if (document.at.ms < from.ms) return skipped('before cut-over')
  try {
    const { revision, changes } = await revisionOf(ground.store, plan.name, document)
    const scope = scopeOf(document, new Decimal(String(revision)))
    const wanted = await filterAsync(mappings, (mapping) => mapping.wants(scope))
    if (wanted.length === 0) return skipped('where')
    const released = unpackMemory(receipt.detail).released === true
    if (document.kind !== 'new' && document.rootAt.ms < from.ms && !released) {
      return parked('human', new HubError('ingress.made-without-us', { kind: document.kind, number }))
    }
    refuseTwins(wanted)
    const events = []
    for (const { contract, data } of wanted) {
      events.push(eventOf(document, contract, await data(scope), plan.name, ground.schemaId))
    }
    return { is: 'published', read, final, events, revision: changes }
  } catch (error) {
    if (error instanceof HubError) return parked('invalid', error)
    throw error
  }
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

/** The event of a document, as the log keeps it. The same fact met twice has the same id. */
function eventOf(
  document: SourceDocument,
  contract: Contract,
  data: ValueRecord,
  connection: string,
  schemaId: DecideGround['schemaId'],
): { id: string; row: EventRow } {
  const { at, id: documentId, root, number, version, rootAt } = document
  const payload = encode(contract, data)
  const id = eventId({ time: at, connection, type: contract.type, document: documentId, version })
  const event: HubEvent = {
    id,
    type: contract.type,
    topic: contract.topic,
    key: keyOf(contract, data),
    time: at,
    source: `/connections/${connection}`,
    subject: number,
    correlation: root,
    data,
  }
  const attributes = { ...toHeaders(event), ce_roottime: rootAt.toString() }
  const row: EventRow = {
    eventId: eventIdBytes(id) ?? invalidId(id),
    topic: event.topic,
    key: event.key,
    time: at.ms,
    attributes: JSON.stringify(attributes),
    data: frame(schemaId(contract), payload),
  }
  return { id, row }
}

function keyOf(contract: Contract, data: ValueRecord): string {
  const key = data[contract.key]
  if (typeof key === 'string' && key !== '') return key
  throw new HubError('ingress.empty-key', { type: contract.type, field: contract.key })
}

function invalidId(id: string): never {
  throw new TypeError(`${id} is not the id of an event`)
}
