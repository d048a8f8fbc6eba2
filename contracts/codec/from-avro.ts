import { decimalFromBytes } from '../avro/decimal.ts'
import { isJsonObject } from '../avro/schema.ts'
import { HubError } from '../errors.ts'
import type { Leaf, RecordShape, Shape } from '../shape.ts'
import { Day, Decimal, Instant, type Value, type ValueRecord } from '../values.ts'
import { describeShape } from './walk.ts'
import { hasYear } from './years.ts'

/**
 * Compiles how avsc's result becomes values: plain records, exact decimals, days and instants. What a number or a buffer
 * says is checked here, because bytes of the right length may still be no amount, date or time.
 */
export function fromAvro(shape: RecordShape): (raw: unknown) => ValueRecord {
  return record(shape, '')
}

type Read = (raw: unknown) => Value

function read(shape: Shape, path: string): Read {
  switch (shape.kind) {
    case 'nullable': {
      const of = read(shape.of, path)
      return (raw) => (raw === null ? null : of(raw))
    }
    case 'list': {
      const item = read(shape.of, `${path}[]`)
      return (raw) => (Array.isArray(raw) ? raw.map((one) => item(one)) : refuse(shape, path))
    }
    case 'record':
      return record(shape, path)
    default: {
      const leaf = readLeaf(shape)
      return (raw) => leaf(raw) ?? refuse(shape, path)
    }
  }
}

function record(shape: RecordShape, path: string): (raw: unknown) => ValueRecord {
  const fields = shape.fields.map(({ name, shape: of }) => ({ name, read: read(of, path ? `${path}.${name}` : name) }))
  return (raw) => {
    if (!isJsonObject(raw)) return refuse(shape, path)
    const result: Record<string, Value> = {}
    for (const field of fields) result[field.name] = field.read(raw[field.name])
    return result
  }
}

/** Reads one leaf; undefined when it does not say what it should. */
function readLeaf(leaf: Leaf): (raw: unknown) => Value | undefined {
  switch (leaf.kind) {
    case 'string':
      return (raw) => (typeof raw === 'string' ? raw : undefined)
    case 'boolean':
      return (raw) => (typeof raw === 'boolean' ? raw : undefined)
    case 'integer':
      return (raw) => (typeof raw === 'number' || typeof raw === 'bigint' ? new Decimal(String(raw)) : undefined)
    case 'decimal':
      return (raw) => (Buffer.isBuffer(raw) ? decimalFromBytes(raw, leaf.precision, leaf.scale) : undefined)
    case 'instant':
      return (raw) => (typeof raw === 'bigint' && hasYear(Number(raw)) ? new Instant(Number(raw)) : undefined)
    case 'date':
      return (raw) => (typeof raw === 'number' && hasYear(raw * 86_400_000) ? Day.ofEpochDay(raw) : undefined)
  }
}

function refuse(shape: Shape, path: string): never {
  throw new HubError('contract.bytes-not-a', { expected: describeShape(shape), path })
}
