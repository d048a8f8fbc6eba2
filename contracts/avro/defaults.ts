import { schemaLimits } from './limits.ts'
import { isJsonObject, type AvroField, type AvroSchema, type JsonObject } from './schema.ts'

/**
 * Whether a field of this type may have this default. A union's default belongs to its first branch; bytes are written
 * as text whose characters are the bytes; a record's default may leave out fields that have one themselves.
 */
export function acceptsDefault(schema: AvroSchema, json: unknown, depth = 0): boolean {
  if (depth > schemaLimits.depth) return false
  const accepts = (inner: AvroSchema, value: unknown): boolean => acceptsDefault(inner, value, depth + 1)
  switch (schema.kind) {
    case 'null':
      return json === null
    case 'boolean':
      return typeof json === 'boolean'
    case 'int':
      return typeof json === 'number' && (json | 0) === json
    case 'long':
      return Number.isSafeInteger(json)
    case 'float':
    case 'double':
      return typeof json === 'number'
    case 'string':
      return typeof json === 'string'
    case 'bytes':
      return isBytes(json)
    case 'fixed':
      return isBytes(json) && json.length === schema.size
    case 'enum':
      return typeof json === 'string' && schema.symbols.includes(json)
    case 'array':
      return Array.isArray(json) && json.every((item) => accepts(schema.items, item))
    case 'map':
      return isJsonObject(json) && Object.values(json).every((value) => accepts(schema.values, value))
    case 'union':
      return schema.branches[0] !== undefined && accepts(schema.branches[0], json)
    case 'record':
      return isJsonObject(json) && schema.fields.every((field) => acceptsField(field, json, accepts))
  }
}

type Accepts = (schema: AvroSchema, json: unknown) => boolean

function acceptsField(field: AvroField, json: JsonObject, accepts: Accepts): boolean {
  return Object.hasOwn(json, field.name) ? accepts(field.type, json[field.name]) : field.default !== undefined
}

function isBytes(json: unknown): json is string {
  return typeof json === 'string' && [...json].every((character) => character <= '\u00ff')
}
