import type { ValueRecord } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import type { CallFailure } from '@shuniu/infra/outbound'
import type { Change, Row } from '@shuniu/infra/store'
import type { ConnectedOperation } from '@shuniu/sdk'
import { crosswalkHash } from '../flow/crosswalk.ts'
import { crosswalkTag } from '../tags.ts'
import type { Effect, Hand, LedgerGround, Output } from './ground.ts'
import { documentOf, traceLine, unpackRecord } from './rows.ts'
import { failureLine } from './trouble.ts'

type Ground = Pick<LedgerGround, 'clock' | 'observe'>

/** States of an effect that was sent and whose end is not known. */
export const unsettled: readonly string[] = ['sending', 'in doubt', 'accepted']

/** What a ledger row says of a document that exists. */
export function confirmedColumns({ clock }: Pick<Ground, 'clock'>, output: ValueRecord) {
  return {
    state: 'confirmed',
    output: packValue(output),
    ...documentOf(output),
    error: null,
    settled_at: clock.now(),
  }
}

/** What a document comes from, and what made it. */
export interface Making {
  readonly run: { readonly row: Pick<Row<'runs'>, 'source' | 'key'> }
  readonly call: { readonly connection: string; readonly undone?: Pick<Effect, 'id'> }
  readonly operation: ConnectedOperation
  readonly reference: string
}

/** What else a document that exists changes: the crosswalk learns it, and what it undoes is undone. */
export function consequences({ run: { row }, call, operation, reference }: Making, document: string | null): Change[] {
  const kind = operation.definition.crosswalk
  const changes: Change[] = []
  if (kind !== undefined && document !== null) {
    const from = { from_connection: row.source, from_id: row.key, from_hash: crosswalkHash(kind, row.source, row.key) }
    const pair = { kind, ...from, to_connection: call.connection, to_id: document }
    changes.push({ insert: 'crosswalk', row: pair, orSkip: true })
  }
  if (call.undone) {
    const where = { id: call.undone.id, undone_by: null }
    changes.push({ update: 'effects', where, set: { undone_by: reference }, orSkip: true })
  }
  return changes
}

/** The tag of the pair that `consequences` writes, for runs that wait for it. */
export function learnedTag({ run: { row }, call, operation }: Making): string | undefined {
  const kind = operation.definition.crosswalk
  return kind === undefined ? undefined : crosswalkTag(kind, row.key, row.source, call.connection)
}

/** Noted for the run's next commit: a crash before it leaves `sending`, and the look-up finds the document. */
export function confirm(ground: Ground, hand: Hand, effect: Effect, output: ValueRecord, lookUps?: number): Output {
  const set = {
    ...confirmedColumns(ground, output),
    ...(lookUps === undefined ? {} : { look_ups: lookUps }),
  }
  change(hand, effect, set, consequences(hand, set.document))
  succeeded(ground, hand)
  return output
}

/** A step has worked: attempts count from here. */
export function succeeded({ observe }: Ground, hand: Hand): void {
  const tag = learnedTag(hand)
  if (tag !== undefined) hand.run.learned.push(tag)
  hand.run.attempts = 0
  observe(hand.call.connection, hand.call.operation, 'confirmed')
}

/** Changes a ledger row with the run's next commit; refused when the row is not what this attempt believes. */
export function change(
  { run }: Pick<Hand, 'run'>,
  effect: Effect,
  set: Partial<Effect>,
  more: readonly Change[] = [],
): Effect {
  run.pending.push({ update: 'effects', where: { id: effect.id, state: effect.state }, set }, ...more)
  const changed = { ...effect, ...set }
  run.effects.set(effect.reference, changed)
  return changed
}

/** The send came to nothing that counts: what the target, or the way to it, said. */
export function failed(ground: Ground, hand: Hand, effect: Effect, failure: CallFailure, set: Partial<Effect>): Effect {
  const line = failureLine(failure)
  const kept = failure.failureClass === 'invalid' ? { ...line, ...termsOf(hand, effect) } : line
  const trace = traceLine(ground, effect.reference, 'failed', kept)
  return change(hand, effect, { ...set, error: packValue(line) }, [trace])
}

/** Date and amount of a body that was refused: it is built anew, maybe with others. */
function termsOf({ operation }: Hand, { body }: Effect): ValueRecord {
  const { day, amount } = operation.definition.describe(unpackRecord(body))
  return { ...(day === undefined ? {} : { day }), ...(amount === undefined ? {} : { amount }) }
}

/** Never sent again. */
export function giveUp(ground: Ground, hand: Hand, effect: Effect, because: string, set: Partial<Effect> = {}): void {
  const trace = traceLine(ground, effect.reference, 'given up', { because })
  change(hand, effect, { ...set, state: 'given up', settled_at: ground.clock.now() }, [trace])
  ground.observe(hand.call.connection, hand.call.operation, 'given up')
}
