import { describeSchema } from './describe.ts'
import { unqualified } from './names.ts'
import {
  type AvroField,
  type AvroSchema,
  type Enumeration,
  type Logical,
  type PrimitiveKind,
  type RecordSchema,
} from './schema.ts'

/**
 * Why a reader's schema cannot read what a writer's schema wrote (Avro specification, schema resolution):
 * `type` not the same and not promotable · `name` of record, enum or fixed · `field` without default that the writer
 * lacks · `alias` that finds two fields · `symbols` unknown and no default · `size` of fixed · `logical` type or its
 * precision and scale · `branch` of a union that the reader has no place for.
 */
export interface Mismatch {
  readonly path: string
  readonly rule: 'type' | 'name' | 'field' | 'alias' | 'symbols' | 'size' | 'logical' | 'branch'
  readonly expected: string
  readonly got: string
}

/** The writer's kinds that a reader of another kind takes. */
const promotions: Partial<Record<AvroSchema['kind'], readonly PrimitiveKind[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
}

/**
 * All reasons why `reader` cannot read everything that `writer` may have written; none means that it can.
 * A writer's union asks that every branch is readable. Logical types must agree, also where the specification asks it
 * of decimals only: a date that becomes a plain number is another meaning.
 */
export function mismatches(reader: AvroSchema, writer: AvroSchema): Mismatch[] {
  return [...new Set(new Comparison().compare(reader, writer, ''))]
}

class Comparison {
  /** A pair under comparison counts as readable, so recursion ends. */
  private readonly known = new Map<AvroSchema, Map<AvroSchema, Mismatch[]>>()

  compare(reader: AvroSchema, writer: AvroSchema, path: string): Mismatch[] {
    const ofReader = this.known.get(reader) ?? new Map<AvroSchema, Mismatch[]>()
    this.known.set(reader, ofReader)
    const before = ofReader.get(writer)
    if (before) return before
    ofReader.set(writer, [])
    const found = this.fresh(reader, writer, path)
    ofReader.set(writer, found)
    return found
  }

  private fresh(reader: AvroSchema, writer: AvroSchema, path: string): Mismatch[] {
    if (writer.kind === 'union') return writer.branches.flatMap((branch) => this.compare(reader, branch, path))
    if (reader.kind === 'union') return this.intoUnion(reader.branches, writer, path)
    const shallow = disagreement(reader, writer)
    if (shallow) return [{ path, rule: shallow, expected: describeSchema(reader), got: describeSchema(writer) }]
    if (reader.kind === 'array' && writer.kind === 'array') {
      return this.compare(reader.items, writer.items, `${path}[]`)
    }
    if (reader.kind === 'map' && writer.kind === 'map') return this.compare(reader.values, writer.values, `${path}{}`)
    if (reader.kind === 'enum' && writer.kind === 'enum') return unknownSymbols(reader, writer, path)
    if (reader.kind === 'record' && writer.kind === 'record') return this.records(reader, writer, path)
    return []
  }

  /** The first branch that reads it; if none does, what stands in the way of the most alike. */
  private intoUnion(branches: readonly AvroSchema[], writer: AvroSchema, path: string): Mismatch[] {
    const attempts = branches.map((branch) => ({ branch, found: this.compare(branch, writer, path) }))
    if (attempts.some(({ found }) => found.length === 0)) return []
    const alike = attempts.find(({ branch }) => branch.kind === writer.kind && !disagreement(branch, writer))
    const expected = branches.map(describeSchema).join(' or ')
    return alike?.found ?? [{ path, rule: 'branch', expected, got: describeSchema(writer) }]
  }

  private records(reader: RecordSchema, writer: RecordSchema, path: string): Mismatch[] {
    return reader.fields.flatMap((field) => {
      const at = path ? `${path}.${field.name}` : field.name
      const sources = writerFields(field, writer)
      const expected = describeSchema(field.type)
      if (sources.length > 1) {
        return [{ path: at, rule: 'alias' as const, expected, got: sources.map((source) => source.name).join(', ') }]
      }
      if (sources[0]) return this.compare(field.type, sources[0].type, at)
      return field.default ? [] : [{ path: at, rule: 'field' as const, expected, got: '' }]
    })
  }
}

/** The fields of the writer that a reader's field takes: by name or by one of the reader's aliases. */
function writerFields(field: AvroField, writer: RecordSchema): AvroField[] {
  return writer.fields.filter((source) => source.name === field.name || field.aliases.includes(source.name))
}

/** What is wrong between two types that are no unions, without looking inside. */
function disagreement(reader: AvroSchema, writer: AvroSchema): 'type' | 'name' | 'size' | 'logical' | undefined {
  if (reader.kind !== writer.kind && !promotions[reader.kind]?.some((kind) => kind === writer.kind)) return 'type'
  if ('name' in reader && 'name' in writer && !sameName(reader, writer)) return 'name'
  if (reader.kind === 'fixed' && writer.kind === 'fixed' && reader.size !== writer.size) return 'size'
  return sameLogical(logicalOf(reader), logicalOf(writer)) ? undefined : 'logical'
}

function sameName(reader: { name: string; aliases: readonly string[] }, writer: { name: string }): boolean {
  return unqualified(reader.name) === unqualified(writer.name) || reader.aliases.includes(writer.name)
}

function logicalOf(schema: AvroSchema): Logical | undefined {
  return 'logical' in schema ? schema.logical : undefined
}

function sameLogical(reader: Logical | undefined, writer: Logical | undefined): boolean {
  if (reader?.name !== writer?.name) return false
  if (reader?.name !== 'decimal' || writer?.name !== 'decimal') return true
  return reader.precision === writer.precision && reader.scale === writer.scale
}

function unknownSymbols(reader: Enumeration, writer: Enumeration, path: string): Mismatch[] {
  if (reader.default !== undefined) return []
  const unknown = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol))
  if (unknown.length === 0) return []
  return [{ path, rule: 'symbols', expected: reader.symbols.join(', '), got: unknown.join(', ') }]
}
