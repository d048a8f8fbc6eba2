import {
  Day,
  Decimal,
  Duration,
  Instant,
  isRecord,
  type FieldType,
  type Value,
  type ValueRecord,
} from '@shuniu/contracts'
import { typeOfSchema, type Operation } from '@shuniu/sdk'

/**
 * What the steps behind a call see when it was not made: each field of its output as a value of its type. What the input
 * says under the same name is taken; a text that only the target can know is `‹step.field›`.
 */
export function dryOutput(operation: Operation<unknown>, step: string, input: ValueRecord, today: Day): ValueRecord {
  const output = madeUp(typeOfSchema(operation.output), step, today, input)
  return isRecord(output) ? output : {}
}

function madeUp(type: FieldType, name: string, today: Day, given: ValueRecord = {}): Value {
  switch (type.kind) {
    case 'record': {
      const fields = Object.entries(type.fields)
      return Object.fromEntries(
        fields.map(([field, { type: of }]) => [
          field,
          taken(given[field], of) ?? madeUp(of, `${name}.${field}`, today),
        ]),
      )
    }
    case 'list':
      return []
    case 'map':
      return {}
    case 'nullable':
      return madeUp(type.of, name, today)
    case 'decimal':
    case 'integer':
      return new Decimal('0')
    case 'boolean':
      return false
    case 'date':
      return today
    case 'instant':
      return new Instant(today.epochDay * 86_400_000)
    case 'duration':
      return new Duration(0)
    default:
      return `‹${name}›`
  }
}

function taken(value: Value | undefined, { kind }: FieldType): Value | undefined {
  const fits = (kind === 'date' && value instanceof Day) || (kind === 'string' && typeof value === 'string')
  return fits ? value : undefined
}
