import { Day, Decimal, isDecimal, isRecord, type Field, type FieldType, type Value } from '@shuniu/contracts'
import { z } from 'zod'

/** An exact number: money, counts. A JS number or a text is refused, so money can never have been a float. */
export function decimal(): z.ZodType<Decimal, Decimal> {
  return z.custom<Decimal>(isDecimal, 'must be a decimal number').meta({ kind: 'decimal' })
}

/** A business date; a text `yyyy-MM-dd` is read as one. */
export function day(): z.ZodType<Day> {
  const date = z.custom<Day>((value) => value instanceof Day, 'must be a date such as 2026-11-22')
  const read = (value: unknown): unknown => (typeof value === 'string' ? (Day.parse(value) ?? value) : value)
  return z.preprocess(read, date).meta({ kind: 'date' })
}

/** Any value of the hub, for open records. */
export function anyValue(): z.ZodType<Value, Value> {
  return z.custom<Value>((value) => value !== undefined).meta({ kind: 'dyn' })
}

/** A setting that is a secret: never shown by any API, masked in everything that is written. */
export function secret(description: string, example: string): z.ZodString {
  return z.string().min(1).meta({ description, examples: [example], writeOnly: true })
}

type Json = Readonly<Record<string, unknown>>
const isJson = (value: unknown): value is Json => isRecord(value)
const leaves = ['dyn', 'decimal', 'date', 'instant', 'duration'] as const

/** What may be written for a schema, in the terms of the expressions' checker: an operation's input, a source's document. */
export function fieldTypeOf(schema: z.ZodType): FieldType {
  return typeOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

function typeOf(json: Json): FieldType {
  const leaf = leaves.find((kind) => kind === json['kind'])
  if (leaf) return { kind: leaf }
  if (Array.isArray(json['anyOf'])) return choice(json['anyOf'].filter(isJson))
  switch (json['type']) {
    case 'string':
      return { kind: 'string' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'integer':
    case 'number':
      return { kind: 'decimal' }
    case 'array':
      return { kind: 'list', of: isJson(json['items']) ? typeOf(json['items']) : { kind: 'dyn' } }
    case 'object':
      return objectType(json)
    default:
      return Array.isArray(json['enum']) ? { kind: 'string' } : { kind: 'dyn' }
  }
}

/** `X or null` is nullable X; other unions are checked when they run. */
function choice(options: readonly Json[]): FieldType {
  const [one, ...others] = options.filter((option) => option['type'] !== 'null')
  if (!one || others.length > 0) return { kind: 'dyn' }
  return options.length > 1 ? { kind: 'nullable', of: typeOf(one) } : typeOf(one)
}

function objectType(json: Json): FieldType {
  if (!isJson(json['properties'])) {
    return { kind: 'map', of: isJson(json['additionalProperties']) ? typeOf(json['additionalProperties']) : { kind: 'dyn' } }
  }
  const required: readonly unknown[] = Array.isArray(json['required']) ? json['required'] : []
  const fields = Object.entries(json['properties']).map(([name, member]): [string, Field] => {
    const field = isJson(member) ? member : {}
    const { description, enum: values } = field
    return [
      name,
      {
        type: typeOf(field),
        optional: !required.includes(name),
        ...(typeof description === 'string' ? { doc: description } : {}),
        ...(Array.isArray(values) ? { values: values.map(String) } : {}),
      },
    ]
  })
  return { kind: 'record', fields: Object.fromEntries(fields) }
}
