import { unqualified } from './names.ts'
import type { AvroSchema, Logical } from './schema.ts'

/** How a type is called in a sentence for a person. */
export function describeSchema(schema: AvroSchema): string {
  switch (schema.kind) {
    case 'record':
    case 'enum':
      return `${schema.kind} ${unqualified(schema.name)}`
    case 'fixed':
      return `fixed(${schema.size}) ${unqualified(schema.name)}${logicalSuffix(schema.logical)}`
    case 'array':
      return `array of ${describeSchema(schema.items)}`
    case 'map':
      return `map of ${describeSchema(schema.values)}`
    case 'union':
      return schema.branches.map(describeSchema).join(' or ')
    default:
      return `${schema.kind}${logicalSuffix(schema.logical)}`
  }
}

function logicalSuffix(logical: Logical | undefined): string {
  if (!logical) return ''
  return logical.name === 'decimal' ? ` decimal(${logical.precision},${logical.scale})` : ` ${logical.name}`
}
