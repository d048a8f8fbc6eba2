import { Day, type ValueRecord } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import { CallFailure, type Permit } from '@shuniu/infra/outbound'
import type { Change, CommitOutcome, Row } from '@shuniu/infra/store'
import type { ConnectedOperation, Connection } from '@shuniu/sdk'
import { crosswalkHash, periodTag } from '../flow/lookups.ts'
import { askedOf } from '../run/journal.ts'
import { Interrupt, park, Stale } from '../run/standing.ts'
import { gapAfter, inThisBoot, judge } from './doubt.ts'
import type { CallRequest, LedgerGround, Output, RunInHand } from './ground.ts'
import { prepareCall } from './prepare.ts'
import { referenceOf } from './reference.ts'
import {
  documentOf,
  drain,
  doubtOf,
  effectRow,
  type NewEffect,
  outputRecord,
  sendingColumns,
  sendTimes,
  shownFound,
  traceLine,
  unpackRecord,
} from './rows.ts'
import { afterNothingHappened, asFailure, detailOf } from './trouble.ts'

const unsettled = ['sending', 'in doubt', 'accepted'] as const

/** One effect being worked on. */
interface Hand {
  readonly run: RunInHand
  readonly call: CallRequest
  readonly connection: Connection
  readonly operation: ConnectedOperation
  readonly reference: string
  readonly asked: string
}

/**
 * The ledger: performs each effect at most once. A row goes
 * (nothing) → sending → confirmed | rejected | prepared (certainly not executed) | in doubt → confirmed | sending again |
 * given up. The row is on disk as `sending` before the first byte leaves; how it ended is written with the run's next commit.
 */
export class Ledger {
  constructor(private readonly ground: LedgerGround) {}

  /** Returns the document's output, or throws the `Interrupt` that says where the run stands. */
  async perform(run: RunInHand, call: CallRequest): Promise<Output> {
    const { connection, operation } = this.operationOf(call)
    const { key, source, revision } = run.row
    const identity = { connection: call.connection, operation: call.operation, source, key, leg: call.leg, revision }
    const reference = referenceOf(identity)
    const asked = askedOf(call.input)
    const hand: Hand = { run, call, connection, operation, reference, asked }
    run.journal.recall(call.path, 'effect', asked)
    const effect = run.effects.get(reference)
    const output = effect ? await this.goOn(hand, effect) : await this.begin(hand, undefined)
    return { ...output, reference }
  }

  private operationOf(call: CallRequest): { connection: Connection; operation: ConnectedOperation } {
    const connection = this.ground.connections.get(call.connection)
    const operation = connection?.operations.get(call.operation)
    if (connection && operation) return { connection, operation }
    const name = `${call.connection}/${call.operation}`
    const message = { en: `${name} does not exist any more.`, zh: `${name} 已不存在。` }
    throw park('connection', { step: call.path, message }, `connection:${call.connection}`)
  }

  private async goOn(hand: Hand, effect: Row<'effects'>): Promise<Output> {
    if (effect.state === 'confirmed') return unpackRecord(effect.output)
    if (effect.state === 'given up') return this.afterGivenUp(effect)
    if (effect.state === 'prepared' || effect.state === 'rejected') return this.begin(hand, effect)
    return this.settle(hand, effect)
  }

  private afterGivenUp(effect: Row<'effects'>): Output {
    if (effect.kind === 'notice') return {}
    throw new Interrupt({ is: 'skipped', because: 'withdrawn' })
  }

  /** Builds and sends what certainly does not exist. */
  private async begin(hand: Hand, existing: Row<'effects'> | undefined): Promise<Output> {
    const { run, call, operation } = hand
    if (run.pending.length > 0) await this.flush(run)
    const prepared = await this.nothingHappens(hand, existing, () => prepareCall(this.ground, hand))
    if (prepared.is === 'done') return this.alreadyDone(hand, existing, prepared.output)
    run.journal.note({ path: call.path, kind: 'effect', asked: hand.asked, answer: hand.reference })
    const made = { reference: hand.reference, asked: hand.asked, body: prepared.body }
    const row = { ...effectRow(this.ground, run, call, operation, made), attempts: existing?.attempts ?? 0 }
    if (this.ground.resync()) return this.beginInDoubt(hand, existing, row)
    const permit = await this.place(hand, existing)
    const effect = await this.write(hand, existing, { ...row, ...this.times(operation, 1) }, permit)
    if (effect.state !== 'sending' || effect.run !== run.row.id) return this.goOn(hand, effect)
    return this.send(hand, effect, prepared.body, permit)
  }

  private times(operation: ConnectedOperation, sends: number) {
    return sendingColumns(this.ground, sendTimes(this.ground, operation.timeout), sends)
  }

  private place(hand: Hand, existing: Row<'effects'> | undefined): Promise<Permit> {
    return this.nothingHappens(hand, existing, () => hand.connection.outbound.place(hand.call.operation))
  }

  /** Runs what comes before a send: whatever fails there, nothing was sent. */
  private async nothingHappens<T>(hand: Hand, existing: Row<'effects'> | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof Interrupt) throw this.troubled(hand, error)
      if (!(error instanceof CallFailure)) throw error
      const attempt = Math.max(hand.run.row.attempts, existing?.attempts ?? 0)
      const where = { connection: hand.connection, step: hand.call.path }
      throw this.troubled(hand, afterNothingHappened(error, attempt, this.ground.random, where))
    }
  }

  /** A notice that says `onTrouble: continue` never stands in the way: what would park it gives it up. */
  private troubled(hand: Hand, interrupt: Interrupt): Interrupt {
    const parks = interrupt.standing.is === 'parked'
    return parks && hand.call.onTrouble === 'continue' ? new NoticeGivenUp(interrupt.standing) : interrupt
  }

  /** The one commit before the first byte. Answers with the row as it stands, which may be another run's. */
  private async write(
    hand: Hand,
    existing: Row<'effects'> | undefined,
    row: NewEffect,
    permit?: Permit,
  ): Promise<Row<'effects'>> {
    const { run } = hand
    const write: Change = existing
      ? { update: 'effects', where: { id: existing.id, state: ['prepared', 'rejected'] }, set: row }
      : { insert: 'effects', row, ifAbsent: true }
    const outcome = await this.ground.store.commit([...this.unmarked(run), write, ...this.running(run)]).catch((error: unknown) => {
      permit?.release()
      throw error
    })
    if (outcome.is === 'done') {
      run.journal.wrote()
      const effect = { ...row, open: row.state, id: existing?.id ?? outcome.ids[this.unmarked(run).length] ?? 0 }
      run.effects.set(hand.reference, effect)
      return effect
    }
    permit?.release()
    return this.refused(hand, outcome)
  }

  private async refused(hand: Hand, outcome: Exclude<CommitOutcome, { is: 'done' }>): Promise<Row<'effects'>> {
    if (outcome.is === 'stale') throw new Stale()
    if (outcome.why === 'guard' && outcome.at === 0) throw new Interrupt({ is: 'skipped', because: 'withdrawn' })
    const [other] = await this.ground.store.select('effects', { reference: hand.reference })
    if (!other) throw new Stale()
    hand.run.effects.set(hand.reference, other)
    return other
  }

  /** Read in the same commit as every send: nothing that has been withdrawn is sent. An undo is what a mark asks for. */
  private unmarked({ row }: RunInHand): Change[] {
    if (row.kind === 'undo') return []
    const where = { flow: row.flow, key: row.key, key_hash: row.key_hash, up_to: { atLeast: row.revision } }
    return [{ expect: 'marks', where, none: true }]
  }

  private running(run: RunInHand): Change[] {
    if (run.row.state === 'running' || run.row.kind === 'undo') return []
    return [{ update: 'runs', where: { id: run.row.id }, set: { state: 'running' } }]
  }

  private async send(hand: Hand, effect: Row<'effects'>, body: ValueRecord, permit: Permit): Promise<Output> {
    const { operation, connection, reference } = hand
    const sendBy = { uptime: effect.send_by, wall: (effect.sent_at ?? 0) + 2_000 }
    try {
      const context = { sendBy, permit, timeout: operation.timeout }
      const output = await operation.definition.send(connection.link, body, reference, context)
      return this.confirm(hand, effect, outputRecord(operation, output))
    } catch (error) {
      return this.afterSend(hand, effect, asFailure(error))
    } finally {
      permit.release()
    }
  }

  /** Noted for the run's next commit: a crash before it leaves `sending`, and the look-up finds the document. */
  private confirm(hand: Hand, effect: Row<'effects'>, output: ValueRecord, lookUps = effect.look_ups): Output {
    const { run, call, operation } = hand
    const set = {
      state: 'confirmed',
      output: packValue(output),
      ...documentOf(output),
      error: null,
      look_ups: lookUps,
      settled_at: this.ground.clock.now(),
    }
    run.pending.push({ update: 'effects', where: { id: effect.id, state: [...unsettled] }, set })
    const kind = operation.definition.crosswalk
    if (kind && set.document) run.pending.push(this.learned(run, call, kind, set.document))
    if (call.undone) {
      const undone = { id: call.undone.id, undone_by: null }
      run.pending.push({ update: 'effects', where: undone, set: { undone_by: effect.reference }, orSkip: true })
    }
    run.effects.set(effect.reference, { ...effect, ...set })
    this.ground.observe(call.connection, call.operation, 'confirmed')
    return output
  }

  private learned(run: RunInHand, call: CallRequest, kind: string, document: string): Change {
    const from = { kind, from_connection: run.row.source, from_id: run.row.key }
    const row = { ...from, from_hash: crosswalkHash(kind, run.row.source, run.row.key), to_connection: call.connection, to_id: document }
    return { insert: 'crosswalk', row, orSkip: true }
  }

  /** Shown by `prepare`: the target already is as this effect would make it. */
  private async alreadyDone(hand: Hand, existing: Row<'effects'> | undefined, output: ValueRecord): Promise<Output> {
    const { run, call, operation, reference, asked } = hand
    run.journal.note({ path: call.path, kind: 'effect', asked, answer: reference })
    const row = effectRow(this.ground, run, call, operation, { reference, asked, body: {} })
    const effect = await this.write(hand, existing, { ...row, sends: 0 })
    return effect.state === 'sending' ? this.confirm(hand, effect, output) : this.goOn(hand, effect)
  }

  private async afterSend(hand: Hand, effect: Row<'effects'>, failure: CallFailure): Promise<Output> {
    this.ground.observe(hand.call.connection, hand.call.operation, failure.failureClass)
    switch (failure.failureClass) {
      case 'ambiguous':
      case 'duplicate':
        return this.settle(hand, await this.change(hand, effect, { state: 'in doubt', error: errorText(failure) }, failure))
      case 'invalid':
        return this.refusedByTarget(hand, effect, failure)
      default: {
        const attempts = effect.attempts + 1
        await this.change(hand, effect, { state: 'prepared', attempts, error: errorText(failure) }, failure)
        const where = { connection: hand.connection, step: hand.call.path, effect: effect.reference }
        throw await this.orGiveUp(hand, effect, afterNothingHappened(failure, attempts, this.ground.random, where))
      }
    }
  }

  private async refusedByTarget(hand: Hand, effect: Row<'effects'>, failure: CallFailure): Promise<never> {
    await this.change(hand, effect, { state: 'rejected', error: errorText(failure), settled_at: this.ground.clock.now() }, failure)
    const closed = await this.periodClosed(hand, effect)
    const detail = { ...detailOf(failure, hand.connection), step: hand.call.path, effect: effect.reference }
    const interrupt = closed ? park('period-closed', detail, closed) : park('rejected', detail)
    throw await this.orGiveUp(hand, effect, interrupt)
  }

  /** A refusal is `period-closed` only if a read of the period says so. */
  private async periodClosed(hand: Hand, effect: Row<'effects'>): Promise<string | undefined> {
    const { periods } = hand.connection.definition
    const described = hand.operation.definition.describe(unpackRecord(effect.body))
    if (!periods || !described.day || !described.book) return undefined
    const day = Day.parse(described.day)
    if (!day) return undefined
    const open = await periods.isOpen(hand.connection.link, described.book, day).catch(() => true)
    return open ? undefined : periodTag(hand.connection.name, described.book, day.text)
  }

  private async orGiveUp(hand: Hand, effect: Row<'effects'>, interrupt: Interrupt): Promise<Interrupt> {
    if (hand.call.onTrouble !== 'continue' || interrupt.standing.is !== 'parked') return interrupt
    await this.giveUp(hand, effect, 'onTrouble: continue')
    return new NoticeGivenUp(interrupt.standing)
  }

  private async giveUp(hand: Hand, effect: Row<'effects'>, because: string): Promise<void> {
    const set = { state: 'given up', settled_at: this.ground.clock.now() }
    await this.change(hand, effect, set, undefined, because)
    this.ground.observe(hand.call.connection, hand.call.operation, 'given up')
  }

  /** In doubt: looks the document up by our reference and goes on as `judge` says. */
  private async settle(hand: Hand, effect: Row<'effects'>): Promise<Output> {
    const { operation, connection, reference } = hand
    const { definition } = operation
    if (definition.effect === 'notice') {
      await this.giveUp(hand, effect, 'nobody knows whether it arrived; a notice is not repeated')
      return {}
    }
    if (!definition.find || !definition.fingerprintFound || !definition.outputOf) throw await this.undecidable(hand, effect)
    const body = unpackRecord(effect.body)
    const known = await this.knownDocument(hand)
    const seen = await definition.find(connection.link, reference, body, known).catch((error: unknown) => asFailure(error))
    if (seen instanceof CallFailure) throw await this.blindLookUp(hand, effect, seen)
    const [first] = seen.found
    const equal = first !== undefined && definition.fingerprintFound(first) === effect.fingerprint
    const { uptime, boot } = { uptime: this.ground.clock.uptime(), boot: this.ground.clock.bootId }
    const sight = { found: seen.found.length, equal, proven: seen.proven }
    const verdict = judge(doubtOf(effect), sight, { uptime, boot }, this.rule(operation))
    const line = { found: shownFound(seen.found), proven: seen.proven, verdict: verdict.is }
    hand.run.pending.push(traceLine(this.ground, reference, 'look-up', line))
    switch (verdict.is) {
      case 'confirmed':
        if (!first) throw new Stale()
        return this.confirm(hand, effect, outputRecord(operation, definition.outputOf(first)), effect.look_ups + 1)
      case 'absent':
        return this.sendAgain(hand, effect, body)
      case 'parked':
        throw park(verdict.reason, { ...this.doubtDetail(hand, verdict.reason), facts: line })
      case 'look again': {
        const { boot: inBoot, answerBy, lookUps, absences, absentAt } = verdict.doubt
        const set = { boot: inBoot, answer_by: answerBy, look_ups: lookUps, absences, absent_at: absentAt ?? null }
        await this.change(hand, effect, { ...set, state: 'in doubt' })
        throw new Interrupt({ is: 'waiting', because: 'in doubt', after: verdict.after, attempt: false })
      }
    }
  }

  private rule(operation: ConnectedOperation) {
    return { quarantine: operation.quarantine, ...operation.lookUps }
  }

  /** A failed look-up says nothing: stay in doubt, look again later. */
  private async blindLookUp(hand: Hand, effect: Row<'effects'>, failure: CallFailure): Promise<Interrupt> {
    const look_ups = effect.look_ups + 1
    const moved = inThisBoot(doubtOf(effect), { uptime: this.ground.clock.uptime(), boot: this.ground.clock.bootId })
    const set = { state: 'in doubt', look_ups, boot: moved.boot, answer_by: moved.answerBy }
    await this.change(hand, effect, set, failure)
    return new Interrupt({ is: 'waiting', because: 'in doubt', after: gapAfter(look_ups), attempt: false })
  }

  /** Grade C: nobody can look it up. A person decides, with candidates where the target can list some. */
  private async undecidable(hand: Hand, effect: Row<'effects'>): Promise<Interrupt> {
    const { definition } = hand.operation
    const body = unpackRecord(effect.body)
    const candidates = await definition.candidates?.(hand.connection.link, body).catch(() => [])
    const facts = { candidates: shownFound(candidates ?? []) }
    return park('in-doubt', { ...this.doubtDetail(hand, 'in-doubt'), facts })
  }

  private doubtDetail(hand: Hand, reason: 'conflict' | 'duplicate' | 'in-doubt') {
    const { reference, call } = hand
    const messages = {
      conflict: {
        en: `A document with our reference ${reference} exists but its amounts, lines or date differ.`,
        zh: `目标系统中已有带我方参考号 ${reference} 的单据，但金额、分录或日期不一致。`,
      },
      duplicate: {
        en: `More than one document carries our reference ${reference}.`,
        zh: `目标系统中有多张单据带有我方参考号 ${reference}。`,
      },
      'in-doubt': {
        en: `Nobody can tell whether ${call.connection}/${call.operation} was executed. Look in the target, then resolve or retry.`,
        zh: `无法确认 ${call.connection}/${call.operation} 是否已执行。请在目标系统中核对后“确认”或“重试”。`,
      },
    }
    return { step: call.path, effect: reference, message: messages[reason] }
  }

  /** Shown to be absent: the same reference and the same body once more — unless it has been withdrawn meanwhile. */
  private async sendAgain(hand: Hand, effect: Row<'effects'>, body: ValueRecord): Promise<Output> {
    const permit = await this.place(hand, effect)
    const set = this.times(hand.operation, effect.sends + 1)
    const outcome = await this.ground.store.commit([
      ...this.unmarked(hand.run),
      { update: 'effects', where: { id: effect.id, state: [...unsettled] }, set },
      ...drain(hand.run),
    ])
    if (outcome.is === 'done') {
      const again = { ...effect, ...set }
      hand.run.effects.set(effect.reference, again)
      return this.send(hand, again, body, permit)
    }
    permit.release()
    if (outcome.is === 'stale' || outcome.at !== 0 || hand.run.row.kind === 'undo') throw new Stale()
    await this.giveUp(hand, effect, 'withdrawn')
    throw new Interrupt({ is: 'skipped', because: 'withdrawn' })
  }

  /** Resync: as if it had been sent when this hub started; absence has to be shown first. */
  private async beginInDoubt(
    hand: Hand,
    existing: Row<'effects'> | undefined,
    row: NewEffect,
  ): Promise<Output> {
    const doubtful = { ...row, sends: 0, send_by: this.ground.startedAt, answer_by: this.ground.startedAt }
    const effect = await this.write(hand, existing, { ...doubtful, state: 'in doubt' })
    return this.goOn(hand, effect)
  }

  /** Writes a change of the effect with what the run has pending. */
  private async change(
    hand: Hand,
    effect: Row<'effects'>,
    set: Partial<Row<'effects'>>,
    failure?: CallFailure,
    because?: string,
  ): Promise<Row<'effects'>> {
    const changes: Change[] = [{ update: 'effects', where: { id: effect.id }, set }]
    if (failure) changes.push(traceLine(this.ground, effect.reference, 'failed', failureLine(failure)))
    if (because) changes.push(traceLine(this.ground, effect.reference, 'given up', { because }))
    hand.run.pending.push(...changes)
    await this.flush(hand.run)
    const changed = { ...effect, ...set }
    hand.run.effects.set(effect.reference, changed)
    return changed
  }

  private async flush(run: RunInHand): Promise<void> {
    const outcome = await this.ground.store.commit(drain(run))
    if (outcome.is !== 'done') throw new Stale()
  }

  private readonly known = new Map<string, string>()

  /** A document the ledger knows to exist in this target: look-ups prove with it that they can see. */
  private async knownDocument({ call }: Hand): Promise<string | undefined> {
    const kept = this.known.get(call.connection)
    if (kept) return kept
    const where = { connection: call.connection, operation: call.operation, state: 'confirmed' }
    const [row] = await this.ground.store.select('effects', where, { order: { by: 'id', down: true }, limit: 1 })
    if (row?.document) this.known.set(call.connection, row.document)
    return row?.document ?? undefined
  }
}

/** The step is over without its notice; the flow goes on. */
export class NoticeGivenUp extends Interrupt {}

function errorText(failure: CallFailure): string {
  return packValue(failureLine(failure))
}

function failureLine(failure: CallFailure): ValueRecord {
  return { code: failure.code, class: failure.failureClass, message: failure.message }
}
