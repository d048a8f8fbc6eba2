import { HubError, type FailureClass, type ParkReason, type ValueRecord } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import type { Random } from '@shuniu/infra/time'
import { backoff, sentenceOf, type Connection } from '@shuniu/sdk'
import { Interrupt, park, type ParkDetail } from '../run/standing.ts'
import { connectionTag } from '../tags.ts'

/** Attempts of one class after which a person (or the connection's check) is needed; none for the other classes. */
const mostAttempts: Readonly<Partial<Record<FailureClass, number>>> = {
  transient: 12,
  throttled: 60,
  auth: 3,
  // A read that ended in the open changed nothing either: it is simply tried again.
  ambiguous: 12,
}

/** Any error of a call as a failure with a class: what nobody classed is `ambiguous`. */
export function asFailure(error: unknown): CallFailure {
  if (error instanceof CallFailure) return error
  const message = error instanceof Error ? error.message : String(error)
  return new CallFailure('ambiguous', { code: 'internal.bug', message, cause: error })
}

/** A question to a target that was not answered: nothing was changed. Says whose question it was. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'
  constructor(
    readonly failure: CallFailure,
    readonly connection: Connection,
  ) {
    super(failure.message, { cause: failure })
  }
}

/** What a run does after a failure that certainly changed nothing: wait and try again, or stand still for a person. */
export function afterNothingHappened(
  failure: CallFailure,
  attempt: number,
  random: Random,
  where: { connection: Connection; step: string; effect?: string },
): Interrupt {
  if (attempt < (mostAttempts[failure.failureClass] ?? 0)) {
    const after = backoff(random, attempt, failure.retryAfter)
    return new Interrupt({ is: 'waiting', because: failure.code, after, attempt: true })
  }
  const reason: ParkReason = failure.failureClass === 'invalid' ? 'rejected' : 'connection'
  const { connection, step, effect } = where
  const detail = { ...detailOf(failure, connection), step, ...(effect === undefined ? {} : { effect }) }
  return park(reason, detail, reason === 'connection' ? connectionTag(connection.name) : undefined)
}

/** The failure for a person: the connector's own sentence and help where it declared one. */
export function detailOf(failure: CallFailure, connection: Connection): ParkDetail {
  return { code: failure.code, message: sentenceOf(failure, connection.definition) }
}

/** The failure as ledger and trace keep it. */
export function failureLine(failure: CallFailure): ValueRecord {
  return { code: failure.code, class: failure.failureClass, message: failure.message }
}

/** A deterministic error of the flow itself, for a person. */
export function invalidDetail(error: HubError, step: string): ParkDetail {
  return { step, code: error.code, message: { en: error.say('en'), zh: error.say('zh') } }
}
