import { Day, Decimal, Duration, Instant, isRecord, type Value } from '@shuniu/contracts'
import { limits, type Frame } from './budget.ts'
import type { Site } from './site.ts'
import { kindOf, wrongType } from './values.ts'

export function isIn(site: Site, frame: Frame, element: Value, within: Value): boolean {
  if (isRecord(within)) return typeof element === 'string' && Object.hasOwn(within, element)
  if (!Array.isArray(within)) throw wrongType(site, 'list | record', within)
  frame.spend(site, within.length)
  return within.some((one) => equal(site, frame, one, element))
}

/** Values of different kinds are unequal, never an error; numbers are equal by value, lists and records by content. */
export function equal(site: Site, frame: Frame, a: Value, b: Value, depth = 0): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Decimal) return b instanceof Decimal && sameNumber(a, b)
  if (a instanceof Day) return b instanceof Day && a.text === b.text
  if (a instanceof Instant) return b instanceof Instant && a.ms === b.ms
  if (a instanceof Duration) return b instanceof Duration && a.ms === b.ms
  if (depth > limits.depth) throw site.fail('expression.budget', { budget: `depth ${limits.depth}` })
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    frame.spend(site, a.length)
    return a.every((one, position) => equal(site, frame, one, b[position] ?? null, depth + 1))
  }
  if (!isRecord(a) || !isRecord(b)) return false
  const names = Object.keys(a)
  frame.spend(site, names.length)
  if (names.length !== Object.keys(b).length) return false
  return names.every(
    (name) => Object.hasOwn(b, name) && equal(site, frame, a[name] ?? null, b[name] ?? null, depth + 1),
  )
}

/** As `a.eq(b)`, which copies `b` first. Digits never end in zeros, so equal numbers have equal digits. */
function sameNumber(a: Decimal, b: Decimal): boolean {
  if (a.c[0] === 0 || b.c[0] === 0) return a.c[0] === b.c[0]
  return a.e === b.e && a.s === b.s && a.c.length === b.c.length && a.c.every((digit, at) => digit === b.c[at])
}

/** Below 0, 0 or above 0. Only two values of the same kind have an order; null, lists and records have none. */
export function compare(site: Site, a: Value, b: Value): number {
  if (a instanceof Decimal && b instanceof Decimal) return a.cmp(b)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (a instanceof Day && b instanceof Day) return a.compare(b)
  if (a instanceof Instant && b instanceof Instant) return a.ms - b.ms
  if (a instanceof Duration && b instanceof Duration) return a.ms - b.ms
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  throw site.fail('expression.wrong-type', {
    expected: 'decimal | string | date | instant | duration | bool',
    found: `${kindOf(a)} ${site.what} ${kindOf(b)}`,
  })
}

/** Order of code points, which is not quite the order of JavaScript's UTF-16 units. */
function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let at = 0; at < shorter; at++) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}
