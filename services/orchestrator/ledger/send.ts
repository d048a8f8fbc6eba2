import type { ValueRecord } from '@shuniu/contracts'
import { CallFailure, type Permit } from '@shuniu/infra/outbound'
import type { Change } from '@shuniu/infra/store'
import { Interrupt, park } from '../run/standing.ts'
import { commitWith, flush, mustBeOurs, refusal, unlessWithdrawn } from './commit.ts'
import { sendWindow, type Effect, type Hand, type LedgerGround, type Output } from './ground.ts'
import { confirm, failed, giveUp } from './outcome.ts'
import { closedPeriod } from './period.ts'
import { outputRecord, sendingColumns } from './rows.ts'
import { settle } from './settle.ts'
import { nothingSent, takePlace, troubled, unsent, WithoutNotice } from './turn.ts'
import { asFailure, detailOf } from './trouble.ts'

/** Sends an effect whose row is on disk as `sending`, once, and sees to it until it is known what became of it. */
export async function send(
  ground: LedgerGround,
  hand: Hand,
  effect: Effect,
  body: ValueRecord,
  permit: Permit,
): Promise<Output> {
  const sent = await transmit(hand, effect, body, permit)
  if (!(sent instanceof CallFailure)) return confirm(ground, hand, effect, sent)
  ground.observe(hand.call.connection, hand.call.operation, sent.failureClass)
  switch (sent.failureClass) {
    case 'ambiguous':
    case 'duplicate':
      return inDoubt(ground, hand, effect, sent)
    case 'invalid':
      throw await refused(ground, hand, effect, sent)
    default: {
      const set = { state: 'prepared', attempts: effect.attempts + 1, sends: effect.sends - 1 }
      throw nothingSent(ground, hand, failed(ground, hand, effect, sent, set), sent)
    }
  }
}

async function transmit(
  { operation, connection, reference }: Hand,
  effect: Effect,
  body: ValueRecord,
  permit: Permit,
): Promise<ValueRecord | CallFailure> {
  const sendBy = { uptime: effect.send_by, wall: (effect.sent_at ?? 0) + sendWindow }
  try {
    const context = { sendBy, permit, timeout: operation.timeout }
    return outputRecord(operation, await operation.definition.send(connection.link, body, reference, context))
  } catch (error) {
    return asFailure(error)
  } finally {
    permit.release()
  }
}

async function inDoubt(ground: LedgerGround, hand: Hand, effect: Effect, failure: CallFailure): Promise<Output> {
  const doubtful = failed(ground, hand, effect, failure, { state: 'in doubt' })
  // A look-up may take long: meanwhile the row says what is known. A notice is not looked up.
  if (effect.kind === 'money') await flush(ground.store, hand.run)
  return settleEffect(ground, hand, doubtful)
}

/** The target's own refusal: `period-closed` only if a read of the period says so. */
async function refused(ground: LedgerGround, hand: Hand, effect: Effect, failure: CallFailure): Promise<Error> {
  const set = { state: 'rejected', sends: effect.sends - 1, settled_at: ground.clock.now() }
  const rejected = failed(ground, hand, effect, failure, set)
  const closed = await closedPeriod(hand, effect)
  const detail = { ...detailOf(failure, hand.connection), step: hand.call.path, effect: effect.reference }
  const parked = closed === undefined ? park('rejected', detail) : park('period-closed', detail, closed)
  return troubled(ground, hand, rejected, parked)
}

/** Finds out what became of an effect that was sent, and sends it again when nothing did. */
export async function settleEffect(ground: LedgerGround, hand: Hand, effect: Effect): Promise<Output> {
  if (effect.kind === 'notice') {
    giveUp(ground, hand, effect, 'nobody knows whether it arrived; a notice is not repeated')
    throw new WithoutNotice()
  }
  const settled = await settle(ground, hand, effect)
  if (settled.is === 'absent') return sendAgain(ground, hand, effect, settled.body)
  return confirm(ground, hand, effect, settled.output, settled.lookUps)
}

/** Shown to be absent: the same reference and the same body once more — unless it has been withdrawn meanwhile. */
async function sendAgain(ground: LedgerGround, hand: Hand, effect: Effect, body: ValueRecord): Promise<Output> {
  const permit = await unsent(ground, hand, effect, () => takePlace(hand))
  try {
    mustBeOurs(hand.run)
    const set = sendingColumns(ground, hand.operation.timeout, effect.sends + 1)
    const guard = unlessWithdrawn(hand.run)
    const update: Change = { update: 'effects', where: { id: effect.id, state: effect.state }, set }
    const outcome = await commitWith(ground.store, hand.run, guard, [update])
    if (outcome.is !== 'done') throw notAgain(ground, hand, effect, refusal(outcome, guard))
    const again = { ...effect, ...set }
    hand.run.effects.set(effect.reference, again)
    return await send(ground, hand, again, body, permit)
  } finally {
    permit.release()
  }
}

function notAgain(ground: LedgerGround, hand: Hand, effect: Effect, why: Error): Error {
  if (why instanceof Interrupt) giveUp(ground, hand, effect, 'withdrawn')
  return why
}
