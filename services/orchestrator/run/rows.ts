import { hash52, type NewRow, type Row } from '@shuniu/infra/store'
import type { FlowEvent } from '../flow/plan.ts'

/** Deliveries of the hub: (event × flow). `kind` undo: the delivery of a withdrawal or of a higher revision. */
export type RunKind = 'flow' | 'undo'

export interface Delivery {
  readonly flow: string
  readonly version: string
  readonly key: string
  readonly revision: number
  readonly number: string | undefined
}

/** The hash that lanes, marks and look-ups of earlier runs go by. */
export function keyHash(flow: string, key: string): number {
  return hash52(flow, key)
}

/** A run as intake writes it. */
export function runRow(
  kind: RunKind,
  delivery: Delivery,
  event: FlowEvent,
  now: number,
  ended?: { state: 'skipped'; reason: string },
): NewRow<'runs'> {
  return {
    flow: delivery.flow,
    version: delivery.version,
    kind,
    key: delivery.key,
    key_hash: keyHash(delivery.flow, delivery.key),
    event: event.position,
    revision: delivery.revision,
    number: delivery.number ?? null,
    source: event.source,
    correlation: event.correlation,
    attempts: 0,
    created_at: now,
    state: ended?.state ?? 'queued',
    reason: ended?.reason ?? null,
    finished_at: ended ? now : null,
  }
}

/** The queue a run stands in. */
export function laneOf(row: Pick<Row<'runs'>, 'id' | 'kind' | 'key_hash'>): string {
  return row.kind === 'undo' ? `undo-${row.id}` : `key-${row.key_hash}`
}

/** A row as the store would give it back, from what was inserted. */
export function asRow(id: number, row: NewRow<'runs'>): Row<'runs'> {
  const empty = { reason: null, detail: null, waits_for: null, after_run: null, next_at: null, finished_at: null, noticed_at: null, number: null, open: null }
  return { ...empty, ...row, id }
}
