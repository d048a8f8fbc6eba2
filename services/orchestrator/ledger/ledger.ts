import type { ValueRecord } from '@shuniu/contracts'
import type { Permit } from '@shuniu/infra/outbound'
import { askedOf } from '../run/journal.ts'
import { park, withdrawn } from '../run/standing.ts'
import { connectionTag } from '../tags.ts'
import { flush } from './commit.ts'
import { FirstSend } from './first-send.ts'
import type { CallRequest, Effect, Hand, LedgerGround, Output, RunInHand } from './ground.ts'
import { confirmedColumns, consequences, succeeded } from './outcome.ts'
import { prepareCall, type PreparedCall } from './prepare.ts'
import { referenceOf } from './reference.ts'
import { effectRow, identityOf, traceLine, unpackRecord, type NewEffect } from './rows.ts'
import { send, settleEffect } from './send.ts'
import { note, takePlace, unsent, WithoutNotice } from './turn.ts'
import { adopt, writeEffect } from './write.ts'

/**
 * The ledger: performs each effect at most once. A row goes
 * (nothing) → sending → confirmed | rejected | prepared (certainly not executed) | in doubt → confirmed | sending again |
 * given up. The row is on disk as `sending` before the first byte leaves; how it ended is written with the run's next commit.
 */
export class Ledger {
  private readonly firstSend: FirstSend

  constructor(private readonly ground: LedgerGround) {
    this.firstSend = new FirstSend(ground)
  }

  /** Returns the document's output and our reference, or throws the `Interrupt` that says where the run stands. */
  async perform(run: RunInHand, call: CallRequest): Promise<Output> {
    const hand = this.handOf(run, call)
    const { reference } = hand
    const told = run.journal.recall(call.path, 'effect', hand.asked)
    if (told?.answer === null) return { reference }
    hand.noted = told !== undefined
    try {
      const effect = run.effects.get(reference) ?? (told && (await adopt(this.ground.store, hand)))
      return { ...(await this.outputOf(hand, effect)), reference }
    } catch (error) {
      if (error instanceof WithoutNotice) return { reference }
      throw error
    }
  }

  /** What is confirmed needs nobody any more; for the rest the connection must have room. */
  private async outputOf(hand: Hand, effect: Effect | undefined): Promise<Output> {
    if (effect?.state === 'confirmed') return unpackRecord(effect.output)
    const { doors, traces } = this.ground
    const { connection, operation } = hand.call
    const run = hand.run.row.id
    const work = (): Promise<Output> =>
      doors.pass(connection, run, () => (effect ? this.goOn(hand, effect) : this.begin(hand, undefined)))
    const attributes = { 'shuniu.connection': connection, 'shuniu.operation': operation, 'shuniu.step': hand.call.path }
    try {
      return await (traces ? traces.within('effect', { attributes }, work) : work())
    } finally {
      doors.leave(connection, run)
    }
  }

  private handOf(run: RunInHand, call: CallRequest): Hand {
    const connection = this.ground.connections.get(call.connection)
    const operation = connection?.operations.get(call.operation)
    if (!connection || !operation) {
      const name = `${call.connection}/${call.operation}`
      const message = { en: `${name} does not exist any more.`, zh: `${name} 已不存在。` }
      throw park('connection', { step: call.path, message }, connectionTag(call.connection))
    }
    const reference = referenceOf({ ...identityOf({ run, call }), leg: call.leg })
    return { run, call, connection, operation, reference, asked: askedOf(call.input), noted: false }
  }

  private async goOn(hand: Hand, effect: Effect): Promise<Output> {
    switch (effect.state) {
      case 'confirmed':
        return unpackRecord(effect.output)
      case 'given up':
        // What was given up certainly was not executed: a later withdrawal means the document it leaves standing, too.
        if (effect.kind === 'money' && hand.run.row.kind === 'undo') return this.begin(hand, effect)
        throw effect.kind === 'notice' ? new WithoutNotice() : withdrawn()
      case 'prepared':
      case 'rejected':
        return this.begin(hand, effect)
      default:
        return settleEffect(this.ground, hand, effect)
    }
  }

  /** Builds and sends what certainly does not exist. */
  private async begin(hand: Hand, existing: Effect | undefined): Promise<Output> {
    const { ground } = this
    if (hand.run.pending.length > 0) await flush(ground.store, hand.run)
    const permit = await unsent(ground, hand, existing, () => takePlace(hand))
    try {
      const prepared = await unsent(ground, hand, existing, async () => {
        await this.firstSend.before(hand)
        return prepareCall(ground, hand)
      })
      note(hand, hand.reference)
      return await (prepared.is === 'done'
        ? this.alreadyDone(hand, existing, prepared, permit)
        : this.dispatch(hand, existing, prepared.body, permit))
    } finally {
      permit.release()
    }
  }

  private async dispatch(hand: Hand, existing: Effect | undefined, body: ValueRecord, permit: Permit): Promise<Output> {
    const made = { body, fingerprint: hand.operation.definition.fingerprint(body) }
    const row = effectRow(this.ground, hand, made, existing)
    const resync = this.ground.resync()
    const written = await writeEffect(this.ground.store, hand, existing, resync ? this.neverSent(row) : row)
    if (written.adopted || resync) return this.goOnWithout(permit, hand, written.effect)
    return send(this.ground, hand, written.effect, body, permit)
  }

  /** Whatever comes next takes a place of its own: with one kept, as many runs as places would wait for each other for ever. */
  private goOnWithout(permit: Permit, hand: Hand, effect: Effect): Promise<Output> {
    permit.release()
    return this.goOn(hand, effect)
  }

  /** Resync: as if it had been sent when this hub started; its absence has to be shown first. */
  private neverSent(row: NewEffect): NewEffect {
    const { startedAt } = this.ground
    return { ...row, state: 'in doubt', sends: 0, send_by: startedAt, answer_by: startedAt }
  }

  /** Shown by `prepare`: the target already is as this effect would make it. */
  private async alreadyDone(
    hand: Hand,
    existing: Effect | undefined,
    { output, because }: Extract<PreparedCall, { is: 'done' }>,
    permit: Permit,
  ): Promise<Output> {
    const { ground } = this
    const set = confirmedColumns(ground, output)
    const made = effectRow(ground, hand, { body: {}, fingerprint: '' }, existing)
    const trace = traceLine(ground, hand.reference, 'already done', { because })
    const more = [trace, ...consequences(hand, set.document)]
    const written = await writeEffect(ground.store, hand, existing, { ...made, ...set, sends: 0, sent_at: null }, more)
    if (written.adopted) return this.goOnWithout(permit, hand, written.effect)
    succeeded(ground, hand)
    return output
  }
}
