import Big from 'big.js'

/**
 * The one number type of the hub: exact decimal. Strict: it refuses JS numbers, so money can never have been one.
 * `1.0` and `1.00` are equal. Text never uses an exponent.
 */
export const Decimal = Big()
Decimal.strict = true
Decimal.PE = 1_000_000
Decimal.NE = -1_000_000
export type Decimal = Big

export function isDecimal(value: unknown): value is Decimal {
  return value instanceof Decimal
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/

/** A business date, without a time and without a zone: `2026-11-22`. */
export class Day {
  private constructor(readonly text: string) {}

  /** Reads `yyyy-MM-dd`; undefined when it is not a date that exists. */
  static parse(text: string): Day | undefined {
    const found = DAY.exec(text)
    if (!found) return undefined
    const date = new Date(`${text}T00:00:00Z`)
    return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text ? undefined : new Day(text)
  }

  /** Days since 1970-01-01. */
  get epochDay(): number {
    return Date.parse(`${this.text}T00:00:00Z`) / 86_400_000
  }

  static ofEpochDay(day: number): Day {
    return new Day(new Date(day * 86_400_000).toISOString().slice(0, 10))
  }

  plusDays(days: number): Day {
    return Day.ofEpochDay(this.epochDay + days)
  }

  get year(): number {
    return this.digits(0, 4)
  }

  get month(): number {
    return this.digits(5, 7)
  }

  get dayOfMonth(): number {
    return this.digits(8, 10)
  }

  private digits(from: number, to: number): number {
    let number = 0
    for (let at = from; at < to; at++) number = number * 10 + this.text.charCodeAt(at) - 48
    return number
  }

  compare(other: Day): number {
    return this.text < other.text ? -1 : this.text > other.text ? 1 : 0
  }

  toString(): string {
    return this.text
  }

  toJSON(): string {
    return this.text
  }
}

/** A point in time, in UTC, in whole milliseconds. */
export class Instant {
  constructor(readonly ms: number) {
    if (!Number.isSafeInteger(ms)) throw new RangeError('an instant is a whole number of milliseconds')
  }

  /** Reads RFC 3339 with seconds or only minutes, and a zone (`2026-01-05T03:30Z`); undefined when it is not one. */
  static parse(text: string): Instant | undefined {
    if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined
    const ms = Date.parse(text)
    return Number.isNaN(ms) ? undefined : new Instant(ms)
  }

  compare(other: Instant): number {
    return this.ms - other.ms
  }

  toString(): string {
    return new Date(this.ms).toISOString()
  }

  toJSON(): string {
    return this.toString()
  }
}

/** A length of time in whole milliseconds. */
export class Duration {
  constructor(readonly ms: number) {}

  /** Reads `250ms`, `10s`, `5m`, `2h`, `7d` and sums of them such as `1h30m`; undefined when it is not one. */
  static parse(text: string): Duration | undefined {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
    if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined
    const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
    return new Duration(parts.reduce((sum, part) => sum + Number(part[1]) * unit[part[2] as keyof typeof unit], 0))
  }

  toString(): string {
    if (this.ms % 1000 !== 0) return `${this.ms}ms`
    return `${this.ms / 1000}s`
  }

  toJSON(): string {
    return this.toString()
  }
}

/** What an event, a document, an expression or a body consists of. Objects are plain or without a prototype. */
export type Value =
  | null
  | boolean
  | string
  | Decimal
  | Day
  | Instant
  | Duration
  | readonly Value[]
  | { readonly [name: string]: Value }

/** An object of values. */
export type ValueRecord = { readonly [name: string]: Value }

/** What `emptyRecord` makes: it inherits nothing. */
class Bare {
  [name: string]: Value
}
Reflect.deleteProperty(Bare.prototype, 'constructor')
const nothing: object = Object.freeze(Object.setPrototypeOf(Bare.prototype, null))

/**
 * A record to be filled that inherits nothing: `__proto__` and `constructor` are keys like any other. As
 * `Object.create(null)`, which would be a hash table of its own for each, several times as large and slow.
 */
export function emptyRecord(): Record<string, Value> {
  return new Bare()
}

export function isRecord(value: unknown): value is ValueRecord {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === nothing || prototype === null
}
