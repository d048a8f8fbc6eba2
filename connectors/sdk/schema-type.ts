import type { Field, FieldType } from '@shuniu/contracts'
import { z } from 'zod'

type Definition = z.core.$ZodTypes['_zod']['def']

const dyn: FieldType = { kind: 'dyn' }

/** Kinds that `decimal()`, `day()` and their like say in their metadata. */
const metaKinds = ['dyn', 'decimal', 'date', 'instant', 'duration'] as const

/** What an operation's zod schema asks for, in the words that contracts and forms use too: lint and completion read it. */
export function typeOfSchema(schema: z.core.$ZodType): FieldType {
  const said = (schema as z.ZodType).meta?.()?.['kind']
  const kind = metaKinds.find((one) => one === said)
  if (kind) return { kind }
  const definition = (schema as z.core.$ZodTypes)._zod.def
  switch (definition.type) {
    case 'string':
    case 'enum':
    case 'literal':
      return { kind: 'string' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'number':
      return { kind: 'decimal' }
    case 'array':
      return { kind: 'list', of: typeOfSchema(definition.element) }
    case 'record':
      return { kind: 'map', of: typeOfSchema(definition.valueType) }
    case 'object':
      return recordOf(definition.shape)
    default:
      return typeOfWrapper(definition)
  }
}

function typeOfWrapper(definition: Definition): FieldType {
  switch (definition.type) {
    case 'nullable':
      return { kind: 'nullable', of: typeOfSchema(definition.innerType) }
    case 'optional':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nonoptional':
      return typeOfSchema(definition.innerType)
    case 'pipe':
      return typeOfSchema(definition.in)
    case 'union':
      return typeOfUnion(definition.options.map(typeOfSchema))
    default:
      return dyn
  }
}

function typeOfUnion(options: readonly FieldType[]): FieldType {
  const [first] = options
  return first && options.every(({ kind }) => kind === first.kind) ? first : dyn
}

function recordOf(shape: Readonly<Record<string, z.core.$ZodType>>): FieldType {
  const fields = Object.entries(shape).map(([name, schema]): [string, Field] => [name, fieldOf(schema)])
  return { kind: 'record', fields: Object.fromEntries(fields) }
}

function fieldOf(schema: z.core.$ZodType): Field {
  const description = z.globalRegistry.get(schema)?.description
  const optional = schema._zod.optin !== undefined
  return { type: typeOfSchema(schema), ...(optional ? { optional } : {}), ...(description ? { doc: description } : {}) }
}
