import type { AvroField, AvroSchema, Logical } from './schema.ts'

/**
 * What a schema says to those who read and write by it, as one text: two schemas with the same meaning write the same
 * bytes and read them alike. Documentation, foreign attributes, the order of attributes and blanks are not part of it.
 */
export function meaningOf(schema: AvroSchema): string {
  return JSON.stringify(told(schema, new Set()))
}

function told(schema: AvroSchema, before: Set<string>): unknown {
  if ('name' in schema) {
    // A named type stands in full where it comes first, then as its name.
    if (before.has(schema.name)) return schema.name
    before.add(schema.name)
  }
  switch (schema.kind) {
    case 'record':
      return [schema.kind, schema.name, schema.aliases, schema.fields.map((field) => fieldOf(field, before))]
    case 'enum':
      return [schema.kind, schema.name, schema.aliases, schema.symbols, schema.default ?? null]
    case 'fixed':
      return [schema.kind, schema.name, schema.aliases, schema.size, logicalOf(schema.logical)]
    case 'array':
      return [schema.kind, told(schema.items, before)]
    case 'map':
      return [schema.kind, told(schema.values, before)]
    case 'union':
      return ['union', ...schema.branches.map((branch) => told(branch, before))]
    default:
      return [schema.kind, logicalOf(schema.logical)]
  }
}

function fieldOf({ name, aliases, type, default: fallback }: AvroField, before: Set<string>): unknown {
  return [name, aliases, told(type, before), fallback ? [sorted(fallback.json)] : []]
}

function logicalOf(logical: Logical | undefined): unknown {
  if (!logical) return null
  return logical.name === 'decimal' ? [logical.name, logical.precision, logical.scale] : logical.name
}

/** JSON whose members stand in the order of their names. */
function sorted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sorted)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => [name, sorted(value)]),
  )
}
