import { HubError, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { packValue, unpackValue } from '@shuniu/infra/json'
import type { Change } from '@shuniu/infra/store'
import type { ConnectedOperation, Found } from '@shuniu/sdk'
import { packEntries, type Journal } from '../run/journal.ts'
import type { Doubt } from './doubt.ts'
import { sendWindow, type Effect, type Hand, type LedgerGround } from './ground.ts'

/** A ledger row before the store has given it its id. */
export type NewEffect = Omit<Effect, 'id'>

/** What a ledger row says about a send that is about to happen. `sent_at` is wall time, the others are boot time, in ms. */
export function sendingColumns({ store, clock }: LedgerGround, timeout: number, sends: number) {
  const sendBy = clock.uptime() + sendWindow
  return {
    state: 'sending',
    epoch: store.epoch,
    boot: clock.bootId,
    boots: null,
    send_by: sendBy,
    answer_by: sendBy + timeout,
    sent_at: clock.now(),
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

/** A ledger row, ready to be sent: a new one, or what certainly does not exist built anew. */
export function effectRow(
  ground: LedgerGround,
  { run, call, operation, reference, asked }: Hand,
  { body, fingerprint }: { readonly body: ValueRecord; readonly fingerprint: string },
  before: Pick<Effect, 'attempts' | 'sends'> | undefined,
): NewEffect {
  const { definition } = operation
  return {
    ...sendingColumns(ground, operation.timeout, (before?.sends ?? 0) + 1),
    ...journalColumns(run.journal),
    ...identityOf({ run, call }),
    reference,
    run: run.row.id,
    flow: run.row.flow,
    leg: JSON.stringify(call.leg),
    number: run.row.number,
    kind: definition.effect,
    grade: definition.grade,
    input_hash: asked,
    body: packValue(body),
    fingerprint,
    attempts: before?.attempts ?? 0,
    document: null,
    document_number: null,
    output: null,
    undone_by: null,
    created_at: ground.clock.now(),
    settled_at: null,
  }
}

/** Which document it is. What undoes an effect belongs to that effect, whatever asked for it. */
export function identityOf({ run: { row }, call }: Pick<Hand, 'run' | 'call'>) {
  const { source, revision } = call.undone ?? row
  return { connection: call.connection, operation: call.operation, source, key: row.key, revision }
}

/** Flow, step, and the key of each list entry on the way to it. */
export function legOf({ leg }: Pick<Effect, 'leg'>): { flow: string; step: string; keys: readonly string[] } {
  const parts: unknown = JSON.parse(leg)
  const [flow = '', step = '', ...keys] = Array.isArray(parts) ? parts.map(String) : []
  return { flow, step, keys }
}

/** A confirmed document's id and number, as outputs name them. */
export function documentOf(output: ValueRecord): { document: string | null; document_number: string | null } {
  return { document: textOf(output['id']), document_number: textOf(output['number']) }
}

function textOf(value: Value | undefined): string | null {
  return value === undefined || value === null ? null : String(value)
}

/** `timeout`: what its operation gives an answer. */
export function doubtOf(effect: Effect, timeout: number): Doubt {
  return {
    boot: effect.boot,
    answerBy: effect.answer_by,
    sends: effect.sends,
    lookUps: effect.look_ups,
    absences: effect.absences,
    absentAt: effect.absent_at ?? undefined,
    // Whoever sees the row sees it after its commit, from which `sendBy` is counted.
    reach: sendWindow + timeout,
    elsewhere: bootsOf(effect),
  }
}

function bootsOf({ boots }: Effect): Record<string, number> {
  const parsed: unknown = boots === null ? {} : JSON.parse(boots)
  const entries = isRecord(parsed) ? Object.entries(parsed) : []
  return Object.fromEntries(entries.flatMap(([boot, at]) => (typeof at === 'number' ? [[boot, at]] : [])))
}

export function doubtColumns({ boot, answerBy, lookUps, absences, absentAt, elsewhere }: Doubt) {
  return {
    state: 'in doubt',
    boot,
    boots: Object.keys(elsewhere).length === 0 ? null : JSON.stringify(elsewhere),
    answer_by: answerBy,
    look_ups: lookUps,
    absences,
    absent_at: absentAt ?? null,
  }
}

/** A line of the effect's story, for `trace`. Never holds secrets: codes, counts and masked words only. */
export function traceLine(
  { clock }: Pick<LedgerGround, 'clock'>,
  reference: string,
  what: string,
  detail: ValueRecord,
): Change {
  return { insert: 'traces', row: { effect: reference, at: clock.now(), what, detail: packValue(detail) } }
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
