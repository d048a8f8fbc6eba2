import { Day, isDecimal, type Decimal, type Value } from '@shuniu/contracts'
import { z } from 'zod'

/**
 * An exact number: money, counts. A JS number or a text is refused, so money can never have been a float. The `kind` in the
 * metadata of these schemas tells `typeOfSchema` what they stand for.
 */
export function decimal(): z.ZodType<Decimal, Decimal> {
  return z.custom<Decimal>(isDecimal, 'must be a decimal number').meta({ kind: 'decimal' })
}

/** A business date; a text `yyyy-MM-dd` is read as one. */
export function day(): z.ZodType<Day> {
  const date = z.custom<unknown>((value) => readDay(value) !== undefined, 'must be a date such as 2026-11-22')
  return date.transform((value) => readDay(value) ?? z.NEVER).meta({ kind: 'date' })
}

function readDay(value: unknown): Day | undefined {
  if (typeof value === 'string') return Day.parse(value)
  return value instanceof Day ? value : undefined
}

/** Any value of the hub, for open records. */
export function anyValue(): z.ZodType<Value, Value> {
  return z.custom<Value>((value) => value !== undefined).meta({ kind: 'dyn' })
}

/** A setting that is a secret: never shown by any API, masked in everything that is written. */
export function secret(description: string, example: string): z.ZodString {
  return z
    .string()
    .min(1)
    .meta({ description, examples: [example], writeOnly: true })
}
