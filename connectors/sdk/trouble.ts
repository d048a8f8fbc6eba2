import { fill, type Text } from '@shuniu/contracts'
import type { CallFailure } from '@shuniu/infra/outbound'
import type { Random } from '@shuniu/infra/time'
import type { ConnectorDefinition } from './connector.ts'

/** Base 1 s, factor 2, at most 5 min, full jitter; a wait the vendor asked for is kept, at most 1 h. Whole ms. */
export function backoff(random: Random, attempt: number, retryAfter?: number): number {
  const ceiling = Math.min(1_000 * 2 ** Math.min(attempt, 20), 300_000)
  const wait =
    retryAfter === undefined
      ? 200 + random.next() * ceiling
      : Math.min(Math.max(retryAfter, 100), 3_600_000) + random.next() * 500
  return Math.round(wait)
}

/** A failure for a person: the connector's own sentence and help where it declared one, else the vendor's words. */
export function sentenceOf(
  { code, message }: Pick<CallFailure, 'code' | 'message'>,
  { name, failures }: Pick<ConnectorDefinition, 'name' | 'failures'>,
): Text {
  const rule = code.startsWith(`${name}.`) ? failures[code.slice(name.length + 1)] : undefined
  if (!rule) return { en: message, zh: message }
  return {
    en: fill(`${rule.message.en} ${rule.help.en}`, { message }),
    zh: fill(`${rule.message.zh} ${rule.help.zh}`, { message }),
  }
}
