import { isDecimal, type Decimal, type Text, type Value } from '@shuniu/contracts'
import type { Frame } from '../budget.ts'
import { clip, wholeNumber, wrongType } from '../values.ts'
import type { Site } from '../site.ts'
import type { Type } from '../types.ts'

/** One way to call a function. In a method the receiver is the first parameter. */
export interface Overload {
  readonly parameters: readonly Type[]
  /** How many of the last parameters may be left out. */
  readonly optional?: number
  /** The last parameter may be given any number of times. */
  readonly rest?: boolean
  /** The result, or how it follows from the types that were given. */
  readonly returns: Type | ((given: readonly Type[]) => Type)
}

/** A function of the language. It is pure: the same arguments give the same result, so constants are computed once. */
export interface BuiltIn {
  readonly name: string
  /** `round(x)`, `text.trim()`, or both (`size`). */
  readonly form: 'function' | 'method' | 'either'
  /** As shown in messages and in the reference. */
  readonly signature: string
  readonly help: Text
  /** An expression and the text of its value; the reference shows it, a test evaluates it. */
  readonly example: readonly [source: string, value: string]
  readonly overloads: readonly Overload[]
  /** Gets as many arguments as an overload has; each one checks its kind itself, for values of unknown type. */
  readonly call: (site: Site, frame: Frame, ...given: Value[]) => Value
  /** Throws what is wrong with the arguments that are written as constants, before the expression runs. */
  readonly checkConstants?: (site: Site, given: readonly (Value | undefined)[]) => void
}

/** For a function that reads one text: a constant that it cannot read is a mistake in the expression. */
export function readable(call: (site: Site, value: Value) => Value): Pick<BuiltIn, 'call' | 'checkConstants'> {
  return {
    call: (site, _frame, value) => call(site, value),
    checkConstants: (site, [value]) => void (value === undefined || call(site, value)),
  }
}

export function text(site: Site, value: Value): string {
  if (typeof value !== 'string') throw wrongType(site, 'string', value)
  return value
}

export function number(site: Site, value: Value): Decimal {
  if (!isDecimal(value)) throw wrongType(site, 'decimal', value)
  return value
}

export function listOf(site: Site, value: Value): readonly Value[] {
  if (!Array.isArray(value)) throw wrongType(site, 'list', value)
  return value
}

/** A whole number between two bounds, as a JS integer: a position, a scale, a width. */
export function whole(site: Site, value: Value, least: number, most: number): number {
  const found = wholeNumber(number(site, value))
  if (found === undefined || found < least || found > most) {
    throw site.fail('expression.out-of-range', { value: clip(String(value)), range: `${least} … ${most}` })
  }
  return found
}
