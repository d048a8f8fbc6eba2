import { HubError, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { packValue, unpackValue } from '@shuniu/infra/json'
import type { Change, Row } from '@shuniu/infra/store'
import type { ConnectedOperation, Found } from '@shuniu/sdk'
import { packEntries, type Journal } from '../run/journal.ts'
import type { Doubt } from './doubt.ts'
import type { CallRequest, LedgerGround, RunInHand } from './ground.ts'
import { sendWindow } from './ground.ts'

/** A ledger row before the store has given it its id. */
export type NewEffect = Omit<Row<'effects'>, 'id' | 'open'>

/** The times of a send that starts now, as boot and wall time in ms. */
export interface SendTimes {
  readonly sendBy: { readonly uptime: number; readonly wall: number }
  readonly answerBy: number
}

export function sendTimes({ clock }: LedgerGround, timeout: number): SendTimes {
  const uptime = clock.uptime() + sendWindow
  return { sendBy: { uptime, wall: clock.now() + sendWindow }, answerBy: uptime + timeout }
}

/** What a ledger row says about a send that is about to happen. */
export function sendingColumns(ground: LedgerGround, times: SendTimes, sends: number) {
  return {
    state: 'sending',
    epoch: ground.store.epoch,
    boot: ground.clock.bootId,
    send_by: times.sendBy.uptime,
    answer_by: times.answerBy,
    sent_at: ground.clock.now(),
    sends,
    look_ups: 0,
    absences: 0,
    absent_at: null,
    error: null,
  }
}

/** What the journal has to say in the commit that precedes this effect. */
export function journalColumns(journal: Journal): { journal_first: number; journal: string } {
  const { first, entries } = journal.unwritten()
  return { journal_first: first, journal: packEntries(entries) }
}

/**
 * What the run has to say in a commit that precedes no effect: settled effects, emitted events, and — because an event
 * once emitted is not emitted again — what was learned up to the last of them.
 */
export function drain(run: RunInHand): Change[] {
  const { first, entries } = run.journal.unwritten()
  const changes = run.pending.splice(0)
  if (!entries.some(({ kind }) => kind === 'emit')) return changes
  run.journal.wrote()
  return [...changes, { insert: 'journal', row: { run: run.row.id, first, entries: packEntries(entries) } }]
}

/** A new ledger row, ready to be sent. */
export function effectRow(
  ground: LedgerGround,
  run: RunInHand,
  call: CallRequest,
  operation: ConnectedOperation,
  made: { reference: string; asked: string; body: ValueRecord },
): NewEffect {
  const { definition } = operation
  return {
    ...sendingColumns(ground, sendTimes(ground, operation.timeout), 1),
    ...journalColumns(run.journal),
    reference: made.reference,
    run: run.row.id,
    flow: run.row.flow,
    key: run.row.key,
    revision: run.row.revision,
    leg: JSON.stringify(call.leg),
    connection: call.connection,
    operation: call.operation,
    source: run.row.source,
    number: run.row.number,
    kind: definition.effect,
    grade: definition.grade,
    input_hash: made.asked,
    body: packValue(made.body),
    fingerprint: definition.fingerprint(made.body),
    attempts: 0,
    document: null,
    document_number: null,
    output: null,
    undone_by: null,
    created_at: ground.clock.now(),
    settled_at: null,
  }
}

/** A confirmed document's id and number, as outputs name them. */
export function documentOf(output: ValueRecord): { document: string | null; document_number: string | null } {
  return { document: textOf(output['id']), document_number: textOf(output['number']) }
}

function textOf(value: Value | undefined): string | null {
  return value === undefined || value === null ? null : String(value)
}

export function doubtOf(row: Row<'effects'>): Doubt {
  return {
    boot: row.boot,
    answerBy: row.answer_by,
    sends: row.sends,
    lookUps: row.look_ups,
    absences: row.absences,
    absentAt: row.absent_at ?? undefined,
  }
}

/** A line of the effect's story, for `trace`. Never holds secrets: codes, counts and masked words only. */
export function traceLine(ground: Pick<LedgerGround, 'clock'>, reference: string, what: string, detail: ValueRecord): Change {
  return { insert: 'traces', row: { effect: reference, at: ground.clock.now(), what, detail: packValue(detail) } }
}

/** A stored body or output as values. */
export function unpackRecord(text: string | null): ValueRecord {
  const value = text === null ? null : unpackValue(text)
  return isRecord(value) ? value : {}
}

/** Validates what a connector returned against what it declared. */
export function outputRecord(operation: ConnectedOperation, output: unknown): ValueRecord {
  const parsed = operation.definition.output.parse(output)
  if (!isRecord(parsed)) throw new HubError('internal.bug', { what: `${operation.name} returned no record` })
  return parsed
}

export function shownFound(found: readonly Found[]): Value {
  return found.slice(0, 5).map(({ id, number, status }) => ({ id, number, status }))
}
