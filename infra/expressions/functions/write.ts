import { Instant, isDecimal, Duration, Day, type Value } from '@shuniu/contracts'
import { checkDigits, kindOf } from '../values.ts'
import type { Site } from '../site.ts'

/** How a single value is written as text: plain digits, ISO 8601, seconds. Lists, records and null have no text. */
export function textOf(site: Site, value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (isDecimal(value)) return checkDigits(site, value).toFixed()
  if (value instanceof Day) return value.text
  if (value instanceof Instant) return instantText(value)
  if (value instanceof Duration) return durationText(value)
  throw site.fail('expression.wrong-type', {
    expected: 'string | decimal | bool | date | instant | duration',
    found: kindOf(value),
  })
}

/** `2026-01-05T03:30:00Z`, with milliseconds only when there are some. */
export function instantText(instant: Instant): string {
  return instant.toString().replace('.000Z', 'Z')
}

/** Seconds as CEL writes them: `90s`, `-1.5s`. */
export function durationText(duration: Duration): string {
  return `${duration.ms / 1000}s`
}
