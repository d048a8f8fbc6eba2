import avsc from 'avsc'
import type { AvroField, AvroSchema, Enumeration, Fixed, RecordSchema } from './schema.ts'

/** Who a type is for. A writer's defaults are never used; leaving them out means that nobody's nested defaults are built. */
type Side = 'reader' | 'writer'

/**
 * The avsc type of a schema, reading and writing raw values: numbers, bigints for long, buffers, strings. avsc compiles
 * code out of names, so it only ever sees what our parser accepted, written anew with full names.
 */
export function avscType(schema: AvroSchema, side: Side): avsc.Type {
  return avsc.Type.forSchema(new Rewriter(side).write(schema), { registry: { long: exactLong } })
}

/** Reads a writer's bytes as the reader's type. Only for pairs without mismatches. */
export function avscResolver(reader: avsc.Type, writer: avsc.Type): ReturnType<avsc.Type['createResolver']> {
  return reader.createResolver(writer, { ignoreNamespaces: true })
}

const scratch = Buffer.alloc(8)

/** avsc's own long is a number: it refuses beyond 2^53, and reads a negative one below -2^52 as positive. */
const exactLong = avsc.types.LongType['__with']({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  // avsc packs the bytes before it asks again, so one buffer serves all.
  toBuffer(value: bigint) {
    scratch.writeBigInt64LE(value)
    return scratch
  },
  fromJSON: (value: number) => BigInt(value),
  toJSON: (value: bigint) => Number(value),
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
})

class Rewriter {
  private readonly written = new Set<string>()

  constructor(private readonly side: Side) {}

  write(schema: AvroSchema): avsc.schema.AvroSchema {
    switch (schema.kind) {
      case 'record':
      case 'enum':
      case 'fixed':
        return this.named(schema)
      case 'array':
        return { type: 'array', items: this.write(schema.items) }
      case 'map':
        return { type: 'map', values: this.write(schema.values) }
      case 'union':
        return schema.branches.map((branch) => this.write(branch)) as avsc.schema.AvroSchema
      default:
        return schema.kind
    }
  }

  /** A named type stands in full where it comes first, then as its name. */
  private named(schema: RecordSchema | Enumeration | Fixed): avsc.schema.AvroSchema {
    const name = fullName(schema.name)
    if (this.written.has(name)) return name
    this.written.add(name)
    const head = { name, aliases: schema.aliases.map(fullName) }
    switch (schema.kind) {
      case 'fixed':
        return { type: 'fixed', ...head, size: schema.size }
      case 'enum': {
        const fallback = schema.default === undefined ? {} : { default: schema.default }
        return { type: 'enum', ...head, symbols: [...schema.symbols], ...fallback }
      }
      case 'record':
        return { type: 'record', ...head, fields: schema.fields.map((field) => this.field(field)) }
    }
  }

  private field(field: AvroField): avsc.schema.RecordType['fields'][number] {
    const written = { name: field.name, aliases: [...field.aliases], type: this.write(field.type) }
    return this.side === 'reader' && field.default ? { ...written, default: field.default.json } : written
  }
}

/** avsc reads a name without a dot in the namespace around it, so every name gets one. */
function fullName(name: string): string {
  return name.includes('.') ? name : `none.${name}`
}
