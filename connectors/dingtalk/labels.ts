import type { Value } from '@shuniu/contracts'
import type { FormField } from '@shuniu/sdk'
import { innerJson, textOf, textsOf } from './tolerant.ts'

/** A label; components of two fields have two, as a list or as JSON in a text: joined by `~`. */
export function labelText(value: Value | undefined): string {
  const parts = textsOf(Array.isArray(value) ? value : innerJson(textOf(value)))
  return parts.length > 0 ? parts.join('~') : (textOf(value) ?? '')
}

/** The key of each field in `document.fields`, by id: its label, or its id when an earlier field has that label. */
export function fieldKeys(fields: readonly Pick<FormField, 'id' | 'label'>[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  const taken = new Set<string>()
  for (const { id, label } of fields) {
    const key = label === '' || taken.has(label) ? id : label
    taken.add(key)
    keys.set(id, key)
  }
  return keys
}

/** The key for what a person wrote: a label, an id or an alias; undefined when no field is called so. */
export function fieldKey(fields: readonly FormField[], written: string): string | undefined {
  const keys = fieldKeys(fields)
  if ([...keys.values()].includes(written)) return written
  const field = fields.find(({ id, alias }) => id === written || alias === written)
  return field && keys.get(field.id)
}
