/** An Avro schema as a graph: names resolved, recursion as shared objects. Only `parseSchema` makes one. */
export type AvroSchema = Primitive | Fixed | Enumeration | ArraySchema | MapSchema | Union | RecordSchema

export const primitiveKinds = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
export type PrimitiveKind = (typeof primitiveKinds)[number]

/** The logical types that we give a meaning; any other is its underlying type, as the specification asks. */
export type Logical =
  | { readonly name: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly name: 'date' }
  | { readonly name: 'timestamp-millis' }

interface MayBeLogical {
  readonly logical?: Logical
  /** A `logicalType` that is unknown or does not fit here, as it was written. */
  readonly ignoredLogical?: string
}

interface Named {
  /** Full name, with the namespace. */
  readonly name: string
  /** Full names. */
  readonly aliases: readonly string[]
}

export interface Primitive extends MayBeLogical {
  readonly kind: PrimitiveKind
}

export interface Fixed extends Named, MayBeLogical {
  readonly kind: 'fixed'
  readonly size: number
}

export interface Enumeration extends Named {
  readonly kind: 'enum'
  readonly symbols: readonly string[]
  /** What a reader takes for a symbol it does not know. */
  readonly default?: string
}

export interface ArraySchema {
  readonly kind: 'array'
  readonly items: AvroSchema
}

export interface MapSchema {
  readonly kind: 'map'
  readonly values: AvroSchema
}

export interface Union {
  readonly kind: 'union'
  readonly branches: readonly AvroSchema[]
}

export interface RecordSchema extends Named {
  readonly kind: 'record'
  readonly fields: readonly AvroField[]
  /** The record as it was written, with the attributes that Avro does not know. */
  readonly attributes: JsonObject
}

export interface AvroField {
  readonly name: string
  readonly aliases: readonly string[]
  readonly type: AvroSchema
  /** The default as JSON, in a box because it may be null. */
  readonly default?: { readonly json: unknown }
  readonly attributes: JsonObject
}

export type JsonObject = { readonly [name: string]: unknown }

export function isJsonObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}
