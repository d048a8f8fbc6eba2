import type { RecordShape, Shape } from './shape.ts'
import { isRecord, type Value, type ValueRecord } from './values.ts'

/** A value that a contract marks as personal, with its class: name, bank, phone … */
export interface PersonalValue {
  readonly value: string
  readonly pii: string
}

/** What the data of an event says of persons, by the marks of its contract; the longest first, for one may stand in another. */
export function personalValues(shape: RecordShape, data: ValueRecord): readonly PersonalValue[] {
  return valuesIn(shape, data, undefined).toSorted((one, next) => next.value.length - one.value.length)
}

function valuesIn(shape: Shape, value: Value | undefined, pii: string | undefined): PersonalValue[] {
  if (value === null || value === undefined) return []
  if (shape.kind === 'nullable') return valuesIn(shape.of, value, pii)
  if (shape.kind === 'list')
    return Array.isArray(value) ? value.flatMap((one: Value) => valuesIn(shape.of, one, pii)) : []
  if (shape.kind === 'record')
    return isRecord(value) ? shape.fields.flatMap((field) => valuesIn(field.shape, value[field.name], field.pii)) : []
  return pii !== undefined && typeof value === 'string' && value !== '' ? [{ value, pii }] : []
}
