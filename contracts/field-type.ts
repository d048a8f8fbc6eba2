/**
 * A neutral description of what a field holds: read from Avro contracts, from forms and from operations' inputs,
 * understood by the checker of expressions.
 */
export type FieldType =
  | { readonly kind: 'dyn' | 'string' | 'boolean' | 'decimal' | 'integer' | 'instant' | 'date' | 'duration' }
  | { readonly kind: 'nullable'; readonly of: FieldType }
  | { readonly kind: 'list'; readonly of: FieldType }
  | { readonly kind: 'map'; readonly of: FieldType }
  | { readonly kind: 'record'; readonly name?: string; readonly fields: Readonly<Record<string, Field>> }

export interface Field {
  readonly type: FieldType
  /** May be left out when it is written; absent is the same as null. */
  readonly optional?: boolean
  readonly doc?: string
  /** Closed list of texts, when there is one. */
  readonly values?: readonly string[]
}
