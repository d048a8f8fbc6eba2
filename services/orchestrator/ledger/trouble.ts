import { HubError, type ParkReason, type Text } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import type { Random } from '@shuniu/infra/time'
import type { Connection } from '@shuniu/sdk'
import { Interrupt, park, type ParkDetail } from '../run/standing.ts'

/** Attempts of one class after which a person (or the connection's check) is needed. */
const mostAttempts = { transient: 12, throttled: 60, auth: 3 } as const

/** Base 1 s, factor 2, at most 5 min, full jitter; a wait the vendor asked for is kept, at most 1 h. */
export function backoff(random: Random, attempt: number, retryAfter: number | undefined): number {
  if (retryAfter !== undefined) return Math.min(Math.max(retryAfter, 100), 3_600_000) + random.next() * 500
  const ceiling = Math.min(1_000 * 2 ** Math.min(attempt, 20), 300_000)
  return 200 + random.next() * ceiling
}

/** Any error of a call as a failure with a class: what nobody classed is `ambiguous`. */
export function asFailure(error: unknown): CallFailure {
  if (error instanceof CallFailure) return error
  const message = error instanceof Error ? error.message : String(error)
  return new CallFailure('ambiguous', { code: 'internal.bug', message, cause: error })
}

/** What a run does after a failure that certainly changed nothing: wait and try again, or stand still for a person. */
export function afterNothingHappened(
  failure: CallFailure,
  attempt: number,
  random: Random,
  where: { connection: Connection; step: string; effect?: string },
): Interrupt {
  const most = failure.failureClass in mostAttempts ? mostAttempts[failure.failureClass as 'auth'] : 0
  // A read that ended in the open changed nothing either: it is simply tried again.
  const again = failure.failureClass === 'ambiguous' ? mostAttempts.transient : most
  if (attempt < again) {
    const after = backoff(random, attempt, failure.retryAfter)
    return new Interrupt({ is: 'waiting', because: failure.code, after, attempt: true })
  }
  const reason: ParkReason = failure.failureClass === 'invalid' ? 'rejected' : 'connection'
  return park(reason, { ...detailOf(failure, where.connection), step: where.step, ...effectOf(where) }, connectionTag(reason, where))
}

function effectOf(where: { effect?: string }): { effect?: string } {
  return where.effect === undefined ? {} : { effect: where.effect }
}

function connectionTag(reason: ParkReason, where: { connection: Connection }): string | undefined {
  return reason === 'connection' ? `connection:${where.connection.name}` : undefined
}

/** The failure for a person: the connector's own sentence and help where it declared one. */
export function detailOf(failure: CallFailure, connection: Connection): ParkDetail {
  return { code: failure.code, message: sentenceOf(failure, connection) }
}

function sentenceOf(failure: CallFailure, connection: Connection): Text {
  const prefix = `${connection.definition.name}.`
  const rule = failure.code.startsWith(prefix)
    ? connection.definition.failures[failure.code.slice(prefix.length)]
    : undefined
  if (!rule) return { en: failure.message, zh: failure.message }
  const filled = (text: string): string => text.replaceAll('{message}', failure.message)
  return {
    en: `${filled(rule.message.en)} ${rule.help.en}`,
    zh: `${filled(rule.message.zh)} ${rule.help.zh}`,
  }
}

/** A deterministic error of the flow itself, for a person. */
export function invalidDetail(error: HubError, step: string): ParkDetail {
  return { step, code: error.code, message: { en: error.say('en'), zh: error.say('zh') } }
}
