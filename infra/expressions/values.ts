import { Day, Decimal, Duration, Instant, isDecimal, isRecord, type Value } from '@shuniu/contracts'
import { limits } from './budget.ts'
import type { Site } from './site.ts'

/** The word for what a value is; `unknown` for what is no value (a function, a JS number). */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (isDecimal(value)) return 'decimal'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Day) return 'date'
  if (value instanceof Instant) return 'instant'
  if (value instanceof Duration) return 'duration'
  return isRecord(value) ? 'record' : 'unknown'
}

export function wrongType(site: Site, expected: string, found: Value): Error {
  return site.fail('expression.wrong-type', { expected, found: kindOf(found) })
}

/** Functions and JS numbers never are data, wherever they came from. */
export function data(site: Site, value: Value): Value {
  if (typeof value === 'string' || typeof value === 'object' || typeof value === 'boolean') return value
  throw wrongType(site, 'value', value)
}

export function bool(site: Site, value: Value): boolean {
  if (typeof value !== 'boolean') throw wrongType(site, 'bool', value)
  return value
}

const SECOND = 1000
/** CEL's ranges: the years 1–9999, and what 64 bits of nanoseconds can say. */
const FIRST = Date.UTC(2000, 0, 1) - 63_082_281_600 * SECOND
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
const LONGEST = 9_223_372_036_854

export function instantOf(site: Site, ms: number): Instant {
  if (!Number.isSafeInteger(ms) || ms < FIRST || ms > LAST) throw site.fail('expression.overflow')
  return new Instant(ms)
}

export function durationOf(site: Site, ms: number): Duration {
  if (!Number.isSafeInteger(ms) || Math.abs(ms) > LONGEST) throw site.fail('expression.overflow')
  return new Duration(ms)
}

/** Refuses a number that is too long to count with or to write. */
export function checkDigits(site: Site, number: Decimal): Decimal {
  if (digitsOf(number) > limits.digits) throw site.fail('expression.overflow')
  return number
}

/** Digits of a number when it is written without an exponent. */
export function digitsOf(number: Decimal): number {
  return Math.max(number.e, 0) + 1 + Math.max(number.c.length - 1 - number.e, 0)
}

/** A decimal as a JS integer, for positions and counts; undefined when it is none that is small. */
export function wholeNumber(value: Decimal): number | undefined {
  if (value.e > 9 || value.c.length > value.e + 1) return undefined
  let whole = 0
  for (let at = 0; at <= value.e; at++) whole = whole * 10 + (value.c[at] ?? 0)
  return whole * value.s
}

/** Beginning of a text that goes into a message. */
export function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
