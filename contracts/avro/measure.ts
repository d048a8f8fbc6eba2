import { Cursor } from './cursor.ts'
import type { DecodeLimits } from './limits.ts'
import type { AvroSchema, RecordSchema, Union } from './schema.ts'

/** Proves that bytes are one whole value of a schema within limits; throws `contract.bytes-*` otherwise. */
export type Measure = (bytes: Uint8Array, limits: DecodeLimits) => void

/**
 * Compiles the check that stands before avsc, which believes lengths and counts and allocates for them.
 * What passes here avsc reads to the last byte, and its result is no larger than the limits allow.
 */
export function measure(schema: AvroSchema): Measure {
  const walk = new Walks().of(schema)
  return (bytes, limits) => {
    const cursor = new Cursor(bytes, limits)
    walk(cursor)
    cursor.end()
  }
}

type Walk = (cursor: Cursor) => void

class Walks {
  private readonly known = new Map<AvroSchema, Walk>()

  of(schema: AvroSchema): Walk {
    const known = this.known.get(schema)
    if (known) return known
    // A recursive schema meets itself while it is being compiled; then it calls what stands here later.
    let compiled: Walk | undefined
    this.known.set(schema, (cursor) => compiled?.(cursor))
    compiled = this.compile(schema)
    this.known.set(schema, compiled)
    return compiled
  }

  private compile(schema: AvroSchema): Walk {
    switch (schema.kind) {
      case 'null':
        return () => {}
      case 'boolean':
        return (cursor) => cursor.boolean()
      case 'int':
        return (cursor) => cursor.int()
      case 'long':
        return (cursor) => void cursor.long()
      case 'float':
        return (cursor) => cursor.skip(4)
      case 'double':
        return (cursor) => cursor.skip(8)
      case 'bytes':
        return (cursor) => cursor.skip(cursor.long())
      case 'string':
        return (cursor) => cursor.string()
      case 'fixed':
        return (cursor) => cursor.skip(schema.size)
      case 'enum':
        return (cursor) => void cursor.index(schema.symbols.length)
      case 'array':
        return this.list(this.of(schema.items))
      case 'map':
        return this.map(this.of(schema.values))
      case 'union':
        return this.union(schema)
      case 'record':
        return this.record(schema)
    }
  }

  private list(item: Walk): Walk {
    return (cursor) => cursor.within(() => cursor.blocks(() => item(cursor)))
  }

  private map(value: Walk): Walk {
    const entry = (cursor: Cursor): void => {
      cursor.string()
      value(cursor)
    }
    return this.list(entry)
  }

  private union(schema: Union): Walk {
    const branches = schema.branches.map((branch) => this.of(branch))
    return (cursor) => branches[cursor.index(branches.length)]?.(cursor)
  }

  private record(schema: RecordSchema): Walk {
    const fields = schema.fields.map((field) => this.of(field.type))
    return (cursor) => {
      cursor.spend(fields.length + 1)
      cursor.within(() => {
        for (const field of fields) field(cursor)
      })
    }
  }
}
