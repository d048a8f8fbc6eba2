import { schemaLimits } from './avro/limits.ts'
import type { AvroField, AvroSchema, RecordSchema } from './avro/schema.ts'
import { problem, type Problem } from './errors.ts'
import type { Field, FieldType } from './field-type.ts'
import { Decimal, type Value } from './values.ts'

/** What the data of a contract looks like in our values. Fewer than Avro's types: what a flow can check and hold exactly. */
export type Shape = Leaf | ListShape | NullableShape | RecordShape

export type Leaf =
  | { readonly kind: 'string'; readonly values?: readonly string[] }
  | { readonly kind: 'boolean' | 'instant' | 'date' }
  | { readonly kind: 'integer'; readonly bits: 32 | 64 }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }

export interface ListShape {
  readonly kind: 'list'
  readonly of: Shape
}

export interface NullableShape {
  readonly kind: 'nullable'
  readonly of: Shape
}

export interface RecordShape {
  readonly kind: 'record'
  readonly name: string
  readonly doc: string
  readonly fields: readonly ShapeField[]
}

export interface ShapeField {
  readonly name: string
  readonly shape: Shape
  /** What stands for a field that is left out; without it the field must be given. */
  readonly default?: Value
  readonly doc: string
  readonly docZh: string
  /** Class of personal data: name, bank, phone … Such a value is masked wherever people look. */
  readonly pii?: string
}

/** Turns a record schema into a shape; reports what a contract may not have. */
export function shapeOf(schema: RecordSchema, problems: Problem[]): RecordShape {
  return new ShapeReader(problems).record(schema, '')
}

/** A shape in the words of the expression checker, the console and the docs. */
export function fieldTypeOf(shape: Shape): FieldType {
  switch (shape.kind) {
    case 'nullable':
    case 'list':
      return { kind: shape.kind, of: fieldTypeOf(shape.of) }
    case 'record':
      return { kind: 'record', name: shape.name, fields: Object.fromEntries(shape.fields.map(fieldOf)) }
    default:
      return { kind: shape.kind }
  }
}

function fieldOf(field: ShapeField): [string, Field] {
  const leaf = field.shape.kind === 'nullable' ? field.shape.of : field.shape
  const values = leaf.kind === 'string' && leaf.values ? { values: leaf.values } : {}
  const optional = field.default === undefined ? {} : { optional: true }
  return [field.name, { type: fieldTypeOf(field.shape), doc: field.doc, ...optional, ...values }]
}

class ShapeReader {
  private readonly known = new Map<RecordSchema, RecordShape>()
  private readonly open = new Set<RecordSchema>()
  /** Fields of a record with those inside, each time it is used: what a value of it consists of at least. */
  private readonly sizes = new Map<RecordShape, number>()

  constructor(private readonly problems: Problem[]) {}

  record(schema: RecordSchema, path: string): RecordShape {
    const known = this.known.get(schema)
    if (known) return known
    this.open.add(schema)
    const fields = schema.fields.flatMap(
      (field) => this.field(field, path ? `${path}.${field.name}` : field.name) ?? [],
    )
    this.open.delete(schema)
    const shape = { kind: 'record', name: schema.name, doc: text(schema.attributes['doc']), fields } as const
    this.known.set(schema, shape)
    this.measure(shape, path)
    return shape
  }

  /** Records that use records twice, that use records twice … are small to write and too large to walk. */
  private measure(shape: RecordShape, path: string): void {
    const size = shape.fields.reduce((sum, field) => sum + 1 + this.sizeOf(field.shape), 0)
    this.sizes.set(shape, size)
    if (size > schemaLimits.fields) this.refuse(path || '(root)', `more than ${schemaLimits.fields} fields`)
  }

  private sizeOf(shape: Shape): number {
    if (shape.kind === 'list' || shape.kind === 'nullable') return this.sizeOf(shape.of)
    return shape.kind === 'record' ? (this.sizes.get(shape) ?? 0) : 0
  }

  private field(field: AvroField, path: string): ShapeField | undefined {
    const doc = text(field.attributes['doc'])
    if (doc === '') this.report('contract.undocumented', path, {}, 'warning')
    const shape = this.shape(field.type, path)
    if (!shape) return undefined
    if (shape.kind === 'nullable' && field.default?.json !== null) this.report('contract.optional', path)
    const pii = field.attributes['pii']
    return {
      name: field.name,
      shape,
      doc,
      docZh: text(field.attributes['doc.zh']),
      ...(field.default && { default: this.defaultValue(field.default.json, shape, path) }),
      ...(typeof pii === 'string' && { pii }),
    }
  }

  private shape(schema: AvroSchema, path: string): Shape | undefined {
    const logical = 'logical' in schema ? schema.logical : undefined
    if ('ignoredLogical' in schema) return this.refuse(path, `logicalType ${schema.ignoredLogical}`)
    switch (schema.kind) {
      case 'string':
      case 'boolean':
        return { kind: schema.kind }
      case 'int':
        return logical?.name === 'date' ? { kind: 'date' } : { kind: 'integer', bits: 32 }
      case 'long':
        return logical?.name === 'timestamp-millis' ? { kind: 'instant' } : { kind: 'integer', bits: 64 }
      case 'bytes':
        if (logical?.name !== 'decimal') return this.refuse(path, 'bytes')
        return { kind: 'decimal', precision: logical.precision, scale: logical.scale }
      case 'enum':
        return { kind: 'string', values: schema.symbols }
      case 'array':
        return this.wrap('list', schema.items, `${path}[]`)
      case 'union':
        return this.nullable(schema.branches, path)
      case 'record':
        return this.open.has(schema) ? this.refuse(path, `recursive ${schema.name}`) : this.record(schema, path)
      default:
        return this.refuse(path, schema.kind)
    }
  }

  private nullable(branches: readonly AvroSchema[], path: string): Shape | undefined {
    const [first, second, ...more] = branches
    if (first?.kind === 'null' && second && more.length === 0) return this.wrap('nullable', second, path)
    this.report('contract.optional', path)
    return undefined
  }

  private wrap(kind: 'list' | 'nullable', schema: AvroSchema, path: string): Shape | undefined {
    const of = this.shape(schema, path)
    return of && { kind, of }
  }

  /** Simple defaults only: null, a text, a truth value, a whole number, an empty list. */
  private defaultValue(json: unknown, shape: Shape, path: string): Value {
    if (json === null || typeof json === 'boolean') return json
    if (typeof json === 'string' && shape.kind === 'string') return json
    if (typeof json === 'number' && shape.kind === 'integer') return new Decimal(String(json))
    if (!Array.isArray(json) || json.length > 0) this.report('contract.default', path)
    return []
  }

  private refuse(path: string, got: string): undefined {
    this.report('contract.type', path, { got })
  }

  private report(
    code: 'contract.type' | 'contract.optional' | 'contract.default' | 'contract.undocumented',
    path: string,
    parameters: Record<string, string> = {},
    severity: Problem['severity'] = 'error',
  ): void {
    this.problems.push(problem(code, { path, ...parameters }, undefined, severity))
  }
}

function text(attribute: unknown): string {
  return typeof attribute === 'string' ? attribute : ''
}
