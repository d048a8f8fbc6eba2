import { HubError } from '@shuniu/contracts'
import type { LogRecord } from '@shuniu/infra/log'
import type { NewRow, Row } from '@shuniu/infra/store'
import type { EventHead, FlowEvent, FlowPlan } from './flow/plan.ts'
import { invalidDetail } from './ledger/trouble.ts'
import { deliveryOf, runRow, type Beginning, type Delivery } from './run/rows.ts'

/** One run to write, with what belongs into its commit. */
export interface Intended {
  readonly row: NewRow<'runs'>
  /** What the run is about; absent when nobody can read it. */
  readonly event?: FlowEvent
  /** Set when the run is an undo: the revision up to which its key is withdrawn. */
  readonly mark?: number
  /** It starts when the undo run written just before it has ended. */
  readonly afterUndo?: boolean
  /** What nobody can read, where the log may forget it before a person has looked. */
  readonly kept?: { readonly record: LogRecord; readonly error: HubError }
}

/** A run that is no flow's yet: an event nobody reads, or can read, or whose key cannot be told. */
const nobody = { flow: '', version: '', revision: 1, number: undefined }
const skip = (because: string): Beginning => ({ is: 'skipped', because })

/** An event that no flow wants: one delivery, skipped; nobody reads its data. */
export function nobodys(head: EventHead, now: number): Intended {
  return { row: runRow('flow', { ...nobody, key: head.id }, head, now, skip('no flow')) }
}

/** What stands in the log at a place and cannot be read. */
export interface Unreadable {
  readonly position: number
  readonly key: string
  readonly error: unknown
  /** The record itself, where it has to be kept. */
  readonly record?: LogRecord | undefined
}

/** An event that nobody can read: parked; taken in again when a person says so. */
export function unreadable({ position, key, error, record }: Unreadable, now: number): Intended {
  const known = error instanceof HubError ? error : new HubError('internal.bug', { what: String(error) })
  const parked: Beginning = { is: 'parked', reason: 'poison', detail: invalidDetail(known, 'event') }
  const row = runRow('flow', { ...nobody, key }, { position, id: key, source: '', correlation: key }, now, parked)
  return { row, ...(record && { kept: { record, error: known } }) }
}

/** What the store holds under a key's hash; another key may have the same. */
export interface Earlier {
  readonly runs: readonly Row<'runs'>[]
  readonly marks: readonly Row<'marks'>[]
}

/** Whether an event has its run already: a log may hold it twice, at two places. */
export function wasTaken({ flow }: FlowPlan, { id, source }: FlowEvent, { runs }: Earlier): boolean {
  return runs.some((row) => row.flow === flow && row.event_id === id && row.source === source)
}

/** What an event means to a flow. What the flow cannot make of it parks as `invalid`, and is taken in again on a retry. */
export function intendOrPark(plan: FlowPlan, event: FlowEvent, earlier: Earlier, now: number): Intended[] {
  try {
    return intend(plan, event, earlier, now)
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    const parked: Beginning = { is: 'parked', reason: 'invalid', detail: invalidDetail(error, plan.on) }
    const delivery = { ...nobody, flow: plan.flow, key: event.id }
    return [{ event, row: runRow('flow', delivery, event, now, parked) }]
  }
}

/** What an event means to a flow: a run, one that is skipped with its reason, an undo, or both. Throws HubError. */
export function intend(plan: FlowPlan, event: FlowEvent, known: Earlier, now: number): Intended[] {
  const delivery = deliveryOf(plan, event)
  const { flow, key, revision } = delivery
  const isOurs = (row: { readonly flow: string; readonly key: string }): boolean => row.flow === flow && row.key === key
  const earlier = known.runs.filter((row) => isOurs(row) && row.kind === 'flow')
  const byUs = !wasMadeWithoutUs(plan, event, earlier)
  if (plan.on !== event.type) {
    const beginning = byUs ? undefined : madeWithoutUs
    return [{ event, row: runRow('undo', delivery, event, now, beginning), mark: revision }]
  }
  const withdrawn = known.marks.some((mark) => isOurs(mark) && mark.up_to >= revision)
  const because = reasonToSkip(plan, event, delivery, earlier) ?? (withdrawn ? 'withdrawn' : undefined)
  const beginning = because === undefined ? (byUs || revision === 1 ? undefined : madeWithoutUs) : skip(because)
  const run: Intended = { event, row: runRow('flow', delivery, event, now, beginning) }
  return takesBack(because) ? withUndo(run, delivery, event, earlier, now) : [run]
}

/** A document that changed is not what was booked any more, even if the flow does not want what it is now. */
const takesBack = (because: string | undefined): boolean => because === undefined || because === 'where'

/** Reasons of runs that have made nothing and never will. */
const madeNothing: readonly (string | null)[] = ['where', 'before cut-over', 'duplicate', 'superseded']

/** A higher revision first undoes what the lower ones made. */
function withUndo(
  run: Intended,
  delivery: Delivery,
  event: FlowEvent,
  earlier: readonly Row<'runs'>[],
  now: number,
): Intended[] {
  const { revision } = delivery
  if (!earlier.some((row) => row.revision < revision && !madeNothing.includes(row.reason))) return [run]
  const before = { ...delivery, revision: revision - 1 }
  return [
    { event, row: runRow('undo', before, event, now), mark: before.revision },
    { ...run, afterUndo: true },
  ]
}

function reasonToSkip(
  plan: FlowPlan,
  event: FlowEvent,
  { revision }: Delivery,
  earlier: readonly Row<'runs'>[],
): string | undefined {
  if (event.time.ms < plan.since.ms) return 'before cut-over'
  const others = earlier.filter((row) => row.event !== event.position)
  if (others.some((row) => row.revision > revision)) return 'superseded'
  if (!plan.wants(event)) return 'where'
  if (others.some((row) => row.revision === revision && row.reason !== 'where')) return 'duplicate'
  return undefined
}

/** A change or revocation of something that was done before the flow began: its document, if any, is none of ours. */
function wasMadeWithoutUs(plan: FlowPlan, event: FlowEvent, earlier: readonly Row<'runs'>[]): boolean {
  const others = earlier.filter((row) => row.event !== event.position)
  if (others.some(({ reason }) => reason !== 'before cut-over')) return false
  return others.length > 0 || (event.rootTime !== undefined && event.rootTime.ms < plan.since.ms)
}

const madeWithoutUs: Beginning = {
  is: 'parked',
  reason: 'human',
  detail: {
    step: 'cut-over',
    message: {
      en: 'The approval is older than `since` of the flow: if its document exists, it was made without us. See to it by hand; then drop this. Retry does what the flow says all the same.',
      zh: '该审批早于流程的 `since`：其单据（如有）并非由枢纽生成。请人工处理后“放弃”；“重试”则仍按流程执行。',
    },
  },
}
