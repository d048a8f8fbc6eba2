import { CallFailure, type Permit } from '@shuniu/infra/outbound'
import { Interrupt } from '../run/standing.ts'
import type { Effect, Hand, LedgerGround } from './ground.ts'
import { giveUp } from './outcome.ts'
import { journalColumns } from './rows.ts'
import { afterNothingHappened } from './trouble.ts'

/** The step is over without its notice; the flow goes on. */
export class WithoutNotice extends Error {
  override readonly name = 'WithoutNotice'
}

/** A place among the connection's calls. */
export function takePlace({ connection: { outbound }, call, run }: Hand): Promise<Permit> {
  return outbound.place(call.operation, run.hold.ending)
}

/** Runs what comes before a send: whatever fails there, nothing was sent. */
export async function unsent<T>(
  ground: LedgerGround,
  hand: Hand,
  effect: Effect | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Interrupt) throw troubled(ground, hand, effect, error)
    if (error instanceof CallFailure) throw nothingSent(ground, hand, effect, error)
    throw error
  }
}

/** Where the run stands after a failure that certainly changed nothing. */
export function nothingSent(ground: LedgerGround, hand: Hand, effect: Effect | undefined, failure: CallFailure): Error {
  const attempt = Math.max(hand.run.attempts, effect?.attempts ?? 0)
  const where = { connection: hand.connection, step: hand.call.path, ...(effect && { effect: effect.reference }) }
  return troubled(ground, hand, effect, afterNothingHappened(failure, attempt, ground.random, where))
}

/** A notice that says `onTrouble: continue` never stands in the way: what would park it gives it up. */
export function troubled(ground: LedgerGround, hand: Hand, effect: Effect | undefined, interrupt: Interrupt): Error {
  if (interrupt.standing.is !== 'parked' || hand.call.onTrouble !== 'continue') return interrupt
  note(hand, effect ? hand.reference : null)
  if (effect) abandon(ground, hand, effect)
  return new WithoutNotice()
}

/** The journal remembers the effect, or (null) that the flow went on without it. */
export function note(hand: Hand, answer: string | null): void {
  if (hand.noted) return
  hand.run.journal.note({ path: hand.call.path, kind: 'effect', asked: hand.asked, answer })
  hand.noted = true
}

/** Given up, its row says what this attempt learned: what an earlier one had learned before it was never kept. */
function abandon(ground: LedgerGround, hand: Hand, effect: Effect): void {
  const { journal } = hand.run
  const part = journal.unwritten()
  giveUp(ground, hand, effect, 'onTrouble: continue', part.entries.length > 0 ? journalColumns(journal) : {})
  journal.wrote(part)
}
