import { HubError, Instant } from '@shuniu/contracts'
import type { CallFailure } from '@shuniu/infra/outbound'
import type { Clock, Random } from '@shuniu/infra/time'
import { backoff, sentenceOf, type Connection } from '@shuniu/sdk'
import { detailOf, packMemory, parkDetail, unpackMemory } from './detail.ts'
import type { Ending } from './ending.ts'
import type { Receipt } from './receipt.ts'

/** Failed attempts of a class after which a person, or the connection's check, is needed; none of the others is repeated. */
const mostAttempts: Readonly<Partial<Record<CallFailure['failureClass'], number>>> = {
  transient: 12,
  // A read that ended in the open changed nothing.
  ambiguous: 12,
  auth: 12,
  // The vendor or our own limits only ask to wait.
  throttled: 60,
}

/**
 * No receipt waits longer (ms) for its next attempt: a vendor's longest retry-after and its spread, as `backoff` gives them.
 * A moment that is further ahead was written by another clock, which has been set right since.
 */
export const longestWait = 3_600_500

/** For so long a document that disagrees with its push is read again. */
const disagreesAtMost = 600_000
const firstGap = 5_000

/** The document could not be read: another attempt later, or the connector's own sentence for a person. */
export function afterFailure(failure: CallFailure, receipt: Receipt, connection: Connection, random: Random): Ending {
  const attempts = receipt.attempts + 1
  if (attempts < (mostAttempts[failure.failureClass] ?? 1)) {
    const memory = { ...unpackMemory(receipt.detail), because: failure.code }
    return {
      is: 'later',
      after: backoff(random, receipt.attempts, failure.retryAfter),
      attempts,
      detail: packMemory(memory),
    }
  }
  const reason = failure.failureClass === 'invalid' ? 'poison' : 'connection'
  return {
    is: 'parked',
    reason,
    detail: parkDetail(failure.code, sentenceOf(failure, connection.definition)),
    final: false,
  }
}

/** What was read disagrees with what was handed over: read again with gaps that double, for 10 min in all. */
export function afterDisagreement(because: string, receipt: Receipt, clock: Clock): Ending {
  const memory = unpackMemory(receipt.detail)
  const now = new Instant(clock.now())
  const known = memory.disagreesSince ?? now
  // What lies ahead was written by another clock: nobody knows since when.
  const since = known.ms > now.ms ? now : known
  const elapsed = now.ms - since.ms
  if (elapsed >= disagreesAtMost) {
    const error = new HubError('ingress.disagrees', { because })
    return { is: 'parked', reason: 'conflict', detail: detailOf(error), final: false }
  }
  const after = Math.min(Math.max(elapsed, firstGap), disagreesAtMost - elapsed)
  const detail = packMemory({ ...memory, because, disagreesSince: since })
  return { is: 'later', after, attempts: receipt.attempts, detail }
}
