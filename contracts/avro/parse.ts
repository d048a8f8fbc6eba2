import { problem, type Problem } from '../errors.ts'
import type { ErrorCode } from '../catalogue.ts'
import { acceptsDefault } from './defaults.ts'
import { describeSchema } from './describe.ts'
import { schemaLimits } from './limits.ts'
import { readLogical } from './logical.ts'
import { isPrimitive, isSafeName, namespaceOf, qualify, shown, unqualified } from './names.ts'
import { isJsonObject, type AvroField, type AvroSchema, type JsonObject, type PrimitiveKind } from './schema.ts'

/** A schema that may be trusted, or every reason why not. */
export interface ParsedSchema {
  readonly schema?: AvroSchema
  readonly problems: readonly Problem[]
}

/** Reads the text of a schema. Refused before anything is compiled: what is too large, too deep, malformed or dangerous. */
export function parseSchemaText(text: string): ParsedSchema {
  if (Buffer.byteLength(text) > schemaLimits.bytes) {
    return { problems: [problem('schema.too-large', { what: 'bytes', limit: schemaLimits.bytes })] }
  }
  try {
    return parseSchema(JSON.parse(text))
  } catch (error) {
    return { problems: [problem('schema.not-json', { why: error instanceof Error ? error.message : String(error) })] }
  }
}

/** Reads a schema from its JSON; reports all problems at once, each with the path of the field. */
export function parseSchema(json: unknown): ParsedSchema {
  const parser = new SchemaParser()
  const schema = parser.type(json, { path: '', namespace: '', depth: 0 })
  parser.finish()
  return parser.problems.length > 0 || !schema ? { problems: parser.problems } : { schema, problems: [] }
}

/** Where the parser stands: the path for people, the namespace that names without a dot belong to. */
interface Spot {
  readonly path: string
  readonly namespace: string
  readonly depth: number
}

class SchemaParser {
  readonly problems: Problem[] = []
  private readonly named = new Map<string, AvroSchema>()
  private readonly aliases: { name: string; path: string }[] = []
  private readonly defaults: { field: AvroField; path: string }[] = []
  private fieldCount = 0

  type(json: unknown, spot: Spot): AvroSchema | undefined {
    if (spot.depth > schemaLimits.depth)
      return this.refuse('schema.too-large', spot, { what: 'levels', limit: schemaLimits.depth })
    if (typeof json === 'string') return this.reference(json, spot)
    if (Array.isArray(json)) return this.union(json, spot)
    if (!isJsonObject(json)) return this.refuse('schema.unknown-type', spot, { type: JSON.stringify(json) })
    this.refuseDangerous(json, spot)
    const inner = { ...spot, depth: spot.depth + 1 }
    switch (json['type']) {
      case 'record':
      case 'error':
        return this.record(json, inner)
      case 'enum':
        return this.enumeration(json, inner)
      case 'fixed':
        return this.fixed(json, inner)
      case 'array':
      case 'map':
        return this.container(json['type'], json, inner)
      default:
        return isPrimitive(json['type']) ? this.primitive(json['type'], json) : this.type(json['type'], inner)
    }
  }

  /** What can only be judged when every type is known: defaults, and aliases that are also names. */
  finish(): void {
    for (const { name, path } of this.aliases) {
      if (this.named.has(name)) this.refuse('schema.duplicate', { path }, { name })
    }
    if (this.problems.length > 0) return
    for (const { field, path } of this.defaults) {
      if (acceptsDefault(field.type, field.default?.json)) continue
      this.refuse('schema.bad-default', { path }, { expected: describeSchema(field.type) })
    }
  }

  private reference(name: string, spot: Spot): AvroSchema | undefined {
    if (isPrimitive(name)) return { kind: name }
    const found = this.named.get(qualify(name, spot.namespace))
    return found ?? this.refuse('schema.unknown-type', spot, { type: name.slice(0, 128) })
  }

  private primitive(kind: PrimitiveKind, json: JsonObject): AvroSchema {
    return { kind, ...readLogical(kind, json) }
  }

  private union(json: readonly unknown[], spot: Spot): AvroSchema | undefined {
    const inner = { ...spot, depth: spot.depth + 1 }
    const branches = json.map((branch) => this.type(branch, inner))
    if (!branches.every((branch) => branch !== undefined)) return undefined
    if (branches.length === 0 || branches.some((branch) => branch.kind === 'union')) {
      return this.refuse('schema.bad-union', spot, {})
    }
    this.refuseRepeated(
      branches.map((branch) => ('name' in branch ? branch.name : branch.kind)),
      spot,
    )
    return { kind: 'union', branches }
  }

  private container(kind: 'array' | 'map', json: JsonObject, spot: Spot): AvroSchema | undefined {
    const path = spot.path + (kind === 'array' ? '[]' : '{}')
    const inner = this.type(kind === 'array' ? json['items'] : json['values'], { ...spot, path })
    if (!inner) return undefined
    return kind === 'array' ? { kind, items: inner } : { kind, values: inner }
  }

  private enumeration(json: JsonObject, spot: Spot): AvroSchema | undefined {
    const names = this.names(json, spot)
    const symbols = json['symbols']
    if (!Array.isArray(symbols) || !symbols.every(isSafeName)) {
      return this.refuse('schema.attribute', spot, { attribute: 'symbols' })
    }
    this.refuseRepeated(symbols, spot)
    const fallback = json['default']
    if (fallback === undefined) return this.register({ kind: 'enum', ...names, symbols }, spot)
    if (typeof fallback !== 'string' || !symbols.includes(fallback)) {
      return this.refuse('schema.attribute', spot, { attribute: 'default' })
    }
    return this.register({ kind: 'enum', ...names, symbols, default: fallback }, spot)
  }

  private fixed(json: JsonObject, spot: Spot): AvroSchema | undefined {
    const size = json['size']
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > schemaLimits.bytes) {
      return this.refuse('schema.attribute', spot, { attribute: 'size' })
    }
    return this.register({ kind: 'fixed', ...this.names(json, spot), size, ...readLogical('fixed', json, size) }, spot)
  }

  private record(json: JsonObject, spot: Spot): AvroSchema | undefined {
    if (!Array.isArray(json['fields'])) return this.refuse('schema.attribute', spot, { attribute: 'fields' })
    const names = this.names(json, spot)
    const fields: AvroField[] = []
    // Known before its fields are, so that they can refer to it.
    const schema = this.register({ kind: 'record', ...names, fields, attributes: json }, spot)
    const inner = { ...spot, namespace: namespaceOf(names.name) }
    for (const field of json['fields']) {
      const read = this.field(field, inner)
      if (read) fields.push(read)
    }
    this.refuseRepeated(
      fields.flatMap((field) => [field.name, ...field.aliases]),
      spot,
    )
    return schema
  }

  private field(json: unknown, spot: Spot): AvroField | undefined {
    if (++this.fieldCount > schemaLimits.fields) return this.refuseFields(spot)
    if (!isJsonObject(json)) return this.refuse('schema.attribute', spot, { attribute: 'fields' })
    const name = json['name']
    if (!isSafeName(name) || name.includes('.')) return this.refuse('schema.bad-name', spot, { name: shown(name) })
    const inner = { ...spot, path: spot.path ? `${spot.path}.${name}` : name }
    this.refuseDangerous(json, inner)
    const type = this.type(json['type'], inner)
    const aliases = this.aliasList(json, inner)
    if (!type) return undefined
    if (!('default' in json)) return { name, aliases, type, attributes: json }
    const field = { name, aliases, type, default: { json: json['default'] }, attributes: json }
    this.defaults.push({ field, path: inner.path })
    return field
  }

  private names(json: JsonObject, spot: Spot): { name: string; aliases: string[] } {
    const namespace = typeof json['namespace'] === 'string' ? json['namespace'] : spot.namespace
    const name = json['name']
    const full = qualify(typeof name === 'string' ? name : '', namespace)
    if (!isSafeName(full)) this.refuse('schema.bad-name', spot, { name: shown(name) })
    if (isPrimitive(unqualified(full))) this.refuse('schema.bad-name', spot, { name: shown(name) })
    const aliases = this.aliasList(json, spot).map((alias) => qualify(alias, namespaceOf(full)))
    this.aliases.push(...aliases.map((alias) => ({ name: alias, path: spot.path })))
    this.refuseRepeated(aliases, spot)
    return { name: full, aliases }
  }

  private aliasList(json: JsonObject, spot: Spot): string[] {
    const aliases = json['aliases'] ?? []
    if (Array.isArray(aliases) && aliases.every(isSafeName)) return aliases
    this.refuse('schema.attribute', spot, { attribute: 'aliases' })
    return []
  }

  private register<Schema extends AvroSchema & { name: string }>(schema: Schema, spot: Spot): Schema {
    if (this.named.has(schema.name)) this.refuse('schema.duplicate', spot, { name: schema.name })
    this.named.set(schema.name, schema)
    return schema
  }

  /** Attributes that make other readers load classes (the class of CVE-2024-47561). */
  private refuseDangerous(json: JsonObject, spot: Spot): void {
    const found = Object.keys(json).find((attribute) => attribute.startsWith('java-'))
    if (found) this.refuse('schema.attribute', spot, { attribute: found })
  }

  private refuseRepeated(names: readonly string[], spot: Spot): void {
    const seen = new Set<string>()
    const repeated = names.find((name) => seen.size === seen.add(name).size)
    if (repeated !== undefined) this.refuse('schema.duplicate', spot, { name: repeated })
  }

  private refuseFields(spot: Spot): undefined {
    if (this.fieldCount > schemaLimits.fields + 1) return undefined
    return this.refuse('schema.too-large', spot, { what: 'fields', limit: schemaLimits.fields })
  }

  private refuse(code: ErrorCode, spot: { path: string }, parameters: Record<string, string | number>): undefined {
    this.problems.push(problem(code, { path: spot.path || '(root)', ...parameters }))
  }
}
