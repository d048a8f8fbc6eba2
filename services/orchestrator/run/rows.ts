import { hash52, partOf, type NewRow, type Row } from '@shuniu/infra/store'
import type { EventHead, FlowEvent, FlowPlan } from '../flow/plan.ts'
import type { Queued } from './scheduler.ts'
import { packDetail, type Standing } from './standing.ts'

/** Deliveries of the hub: (event × flow). `kind` undo: the delivery of a withdrawal or of a higher revision. */
export type RunKind = 'flow' | 'undo'

export interface Delivery {
  readonly flow: string
  readonly version: string
  readonly key: string
  readonly revision: number
  readonly number: string | undefined
}

/** What an event is to a flow. Throws HubError for an event whose key cannot be told. */
export function deliveryOf(plan: FlowPlan, event: FlowEvent): Delivery {
  return {
    flow: plan.flow,
    version: plan.version,
    key: plan.keyOf(event),
    revision: plan.revisionOf(event),
    number: plan.numberOf(event),
  }
}

/**
 * The hash that lanes, marks and look-ups of earlier runs go by. Where no flow is, the key is the event's own id: its first
 * 52 bits are as good, and in order of time, so that these rows stand together in the index.
 */
export function keyHash(flow: string, key: string): number {
  const ordered = flow === '' ? /^([\da-f]{8})-?([\da-f]{4})-?([\da-f])/.exec(key) : null
  return ordered ? Number.parseInt(ordered.slice(1).join(''), 16) : hash52(flow, key)
}

/** How a run may stand when it is first written. */
export type Beginning = Extract<Standing, { is: 'skipped' | 'parked' }>

/** A run as intake writes it: queued, or where it stands already. */
export function runRow(
  kind: RunKind,
  delivery: Delivery,
  event: Pick<EventHead, 'position' | 'id' | 'source' | 'correlation'>,
  now: number,
  beginning?: Beginning,
): NewRow<'runs'> {
  return {
    flow: delivery.flow,
    version: delivery.version,
    kind,
    key: delivery.key,
    key_hash: keyHash(delivery.flow, delivery.key),
    event: event.position,
    // Where no flow is, the key is the id.
    event_id: delivery.flow === '' ? null : event.id,
    revision: delivery.revision,
    number: delivery.number ?? null,
    source: event.source,
    correlation: event.correlation,
    attempts: 0,
    created_at: now,
    ...beginningColumns(beginning, now),
  }
}

function beginningColumns(beginning: Beginning | undefined, now: number) {
  if (!beginning) return { state: 'queued' }
  if (beginning.is === 'skipped') return { state: 'skipped', reason: beginning.because, finished_at: now }
  return { state: 'parked', reason: beginning.reason, detail: packDetail(beginning.detail) }
}

/**
 * A run as the scheduler sees it. Undo runs of a key go one after the other, and wait for what the key's runs still do.
 * Where no flow is, nothing has to wait: two events of one moment have the same hash.
 */
export function queuedOf(row: Pick<Row<'runs'>, 'id' | 'kind' | 'flow' | 'key_hash' | 'after_run'>): Queued {
  const undoLane = `undo-${row.key_hash}`
  const of = { id: row.id, part: partOf(row.key_hash) }
  if (row.kind === 'undo') return { ...of, lane: undoLane }
  if (row.flow === '') return { ...of, lane: `run-${row.id}` }
  const after = row.after_run === null ? {} : { after: row.after_run }
  return { ...of, lane: `key-${row.key_hash}`, wakes: undoLane, ...after }
}

const empty = {
  event_id: null,
  reason: null,
  detail: null,
  waits_for: null,
  after_run: null,
  next_at: null,
  finished_at: null,
  noticed_at: null,
  number: null,
}

/** A row as the store would give it back, from what was inserted. */
export function asRow(id: number, row: NewRow<'runs'>): Row<'runs'> {
  return { ...empty, open: openOf(row.state), ...row, id }
}

function openOf(state: string): string | null {
  return state === 'done' || state === 'skipped' ? null : state
}
