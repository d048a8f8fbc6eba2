import { Decimal, Duration, Instant, type Value } from '@shuniu/contracts'
import { checkItems, madeText, type Frame } from './budget.ts'
import type { Site } from './site.ts'
import { bool, checkDigits, durationOf, instantOf, kindOf, wrongType } from './values.ts'

export function add(site: Site, frame: Frame, a: Value, b: Value): Value {
  if (a instanceof Decimal && b instanceof Decimal) return checkDigits(site, counted(site, frame, a, b).plus(b))
  if (typeof a === 'string' && typeof b === 'string') return madeText(site, frame, a + b)
  if (Array.isArray(a) && Array.isArray(b)) {
    checkItems(site, frame, a.length + b.length)
    return [...a, ...b]
  }
  if (a instanceof Duration && b instanceof Duration) return durationOf(site, a.ms + b.ms)
  if (a instanceof Instant && b instanceof Duration) return instantOf(site, a.ms + b.ms)
  if (a instanceof Duration && b instanceof Instant) return instantOf(site, a.ms + b.ms)
  throw operandsDiffer(site, a, b)
}

export function subtract(site: Site, frame: Frame, a: Value, b: Value): Value {
  if (a instanceof Decimal && b instanceof Decimal) return checkDigits(site, counted(site, frame, a, b).minus(b))
  if (a instanceof Instant && b instanceof Instant) return durationOf(site, a.ms - b.ms)
  if (a instanceof Instant && b instanceof Duration) return instantOf(site, a.ms - b.ms)
  if (a instanceof Duration && b instanceof Duration) return durationOf(site, a.ms - b.ms)
  throw operandsDiffer(site, a, b)
}

export function multiply(site: Site, frame: Frame, a: Value, b: Value): Value {
  if (!(a instanceof Decimal && b instanceof Decimal)) throw operandsDiffer(site, a, b)
  frame.spend(site, (a.c.length * b.c.length) >> 6)
  return checkDigits(site, checkDigits(site, a).times(checkDigits(site, b)))
}

export function negate(site: Site, _frame: Frame, a: Value): Value {
  if (a instanceof Decimal) return a.neg()
  if (a instanceof Duration) return new Duration(0 - a.ms)
  throw wrongType(site, 'decimal', a)
}

export function not(site: Site, _frame: Frame, a: Value): boolean {
  return !bool(site, a)
}

/** Long numbers cost steps, and are refused before they are counted with. */
function counted(site: Site, frame: Frame, a: Decimal, b: Decimal): Decimal {
  const digits = a.c.length + b.c.length
  if (digits > 32) frame.spend(site, digits >> 5)
  checkDigits(site, b)
  return checkDigits(site, a)
}

function operandsDiffer(site: Site, a: Value, b: Value): Error {
  return site.fail('expression.wrong-type', {
    expected: site.what === '+' ? 'decimal + decimal | string + string' : `decimal ${site.what} decimal`,
    found: `${kindOf(a)} ${site.what} ${kindOf(b)}`,
  })
}
