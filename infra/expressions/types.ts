import type { FieldType } from '@shuniu/contracts'

/** A field of a record type. */
export interface TypeField {
  readonly type: Type
  /** May be absent: reading an absent field is an error at run time, leaving it out when writing is fine. */
  readonly optional?: boolean
  readonly doc?: string
}

/** What a checker knows about a value before it exists. `dyn` = nothing; `oneOf` = the only texts it can be. */
export type Type =
  | { readonly kind: 'dyn' | 'null' | 'bool' | 'decimal' | 'date' | 'instant' | 'duration' }
  | { readonly kind: 'string'; readonly oneOf?: readonly string[] }
  | { readonly kind: 'list' | 'map' | 'nullable'; readonly of: Type }
  | RecordType

export interface RecordType {
  readonly kind: 'record'
  readonly name?: string
  readonly fields: Readonly<Record<string, TypeField>>
}

/** Ways to write a type: `types.list(types.decimal)`. */
export const types = {
  dyn: { kind: 'dyn' },
  null: { kind: 'null' },
  bool: { kind: 'bool' },
  string: { kind: 'string' },
  decimal: { kind: 'decimal' },
  date: { kind: 'date' },
  instant: { kind: 'instant' },
  duration: { kind: 'duration' },
  oneOf: (...values: readonly string[]): Type => ({ kind: 'string', oneOf: values }),
  list: (of: Type): Type => ({ kind: 'list', of }),
  map: (of: Type): Type => ({ kind: 'map', of }),
  nullable: (of: Type): Type => (of.kind === 'nullable' || of.kind === 'dyn' ? of : { kind: 'nullable', of }),
  record: (fields: Readonly<Record<string, TypeField>>, name?: string): RecordType =>
    name === undefined ? { kind: 'record', fields } : { kind: 'record', name, fields },
} as const satisfies Record<string, Type | ((...of: never[]) => Type)>

/** How a type is written in messages: `list(decimal)`, `nullable(string)`, `"a" | "b"`, a record's name. */
export function typeName(type: Type): string {
  switch (type.kind) {
    case 'list':
    case 'map':
    case 'nullable':
      return `${type.kind}(${typeName(type.of)})`
    case 'record':
      return type.name ?? 'record'
    case 'string':
      return type.oneOf ? namesOf(type.oneOf) : 'string'
    default:
      return type.kind
  }
}

function namesOf(values: readonly string[]): string {
  const shown = values.slice(0, 6).map((value) => JSON.stringify(value.slice(0, 40)))
  if (values.length === 1) return `string ${shown[0]}`
  return shown.join(' | ') + (values.length > shown.length ? ' | …' : '')
}

/** Without the possibility of null. */
export function stripNull(type: Type): Type {
  return type.kind === 'nullable' ? type.of : type
}

/**
 * Whether a value of type `from` may stand where `to` belongs. Only certain misfits are refused: `dyn` fits everywhere.
 * Null must be allowed by the target, and a record may not bring fields that the target does not know.
 */
export function assignable(from: Type, to: Type): boolean {
  if (from.kind === 'dyn' || to.kind === 'dyn') return true
  if (to.kind === 'nullable') return from.kind === 'null' || assignable(stripNull(from), to.of)
  switch (to.kind) {
    case 'list':
      return from.kind === 'list' && assignable(from.of, to.of)
    case 'map':
      if (from.kind === 'record') return Object.values(from.fields).every((field) => assignable(field.type, to.of))
      return from.kind === 'map' && assignable(from.of, to.of)
    case 'record':
      return from === to || from.kind === 'map' || (from.kind === 'record' && recordFits(from, to))
    case 'string':
      return from.kind === 'string' && (!from.oneOf || !to.oneOf || from.oneOf.every((one) => to.oneOf?.includes(one)))
    default:
      return from.kind === to.kind
  }
}

function recordFits(from: RecordType, to: RecordType): boolean {
  return (
    Object.keys(from.fields).every((name) => fieldOf(to, name)) &&
    Object.entries(to.fields).every(([name, wanted]) => {
      const given = fieldOf(from, name)
      if (!given) return wanted.optional === true
      if (given.optional && !wanted.optional) return false
      return assignable(given.type, wanted.type)
    })
  )
}

/** The field of that name, of the record itself and not of what every object inherits. */
export function fieldOf(record: RecordType, name: string): TypeField | undefined {
  return Object.hasOwn(record.fields, name) ? record.fields[name] : undefined
}

/** The type of "one or the other"; undefined when the two have nothing in common. */
export function join(a: Type, b: Type): Type | undefined {
  if (a.kind === 'dyn' || b.kind === 'dyn') return types.dyn
  if (a.kind === 'null' || b.kind === 'null') {
    const other = a.kind === 'null' ? b : a
    return other.kind === 'null' ? other : types.nullable(other)
  }
  if (a.kind === 'nullable' || b.kind === 'nullable') {
    const inner = join(stripNull(a), stripNull(b))
    return inner && types.nullable(inner)
  }
  if (a.kind === 'string' && b.kind === 'string') {
    return a.oneOf && b.oneOf ? types.oneOf(...new Set([...a.oneOf, ...b.oneOf])) : types.string
  }
  if (a.kind === 'list' && b.kind === 'list') return types.list(join(a.of, b.of) ?? types.dyn)
  if (isKeyed(a) && isKeyed(b)) return a === b ? a : joinKeyed(a, b)
  return a.kind === b.kind ? a : undefined
}

type Keyed = Extract<Type, { kind: 'map' | 'list' | 'nullable' }> | RecordType

function isKeyed(type: Type): type is Keyed {
  return type.kind === 'map' || type.kind === 'record'
}

/** Two records stay a record when they have the same fields; otherwise only "a map" is known. */
function joinKeyed(a: Keyed, b: Keyed): Type {
  if (a.kind === 'record' && b.kind === 'record') {
    if (recordFits(a, b)) return b
    if (recordFits(b, a)) return a
  }
  return types.map(a.kind === 'map' && b.kind === 'map' ? (join(a.of, b.of) ?? types.dyn) : types.dyn)
}

/** The checker's type for a neutral field description of a contract, a form or an operation. */
export function typeOfField(field: FieldType, values?: readonly string[]): Type {
  switch (field.kind) {
    case 'boolean':
      return types.bool
    case 'integer':
      return types.decimal
    case 'string':
      return values ? types.oneOf(...values) : types.string
    case 'nullable':
      return types.nullable(typeOfField(field.of, values))
    case 'list':
      return types.list(typeOfField(field.of, values))
    case 'map':
      return types.map(typeOfField(field.of))
    case 'record':
      return types.record(
        Object.fromEntries(
          Object.entries(field.fields).map(([name, one]) => [
            name,
            { ...one, type: typeOfField(one.type, one.values) } satisfies TypeField,
          ]),
        ),
        field.name,
      )
    default:
      return { kind: field.kind }
  }
}
