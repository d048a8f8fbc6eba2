import type { RecordShape, Shape, ShapeField } from '../shape.ts'
import type { Language } from '../words.ts'

/** A field of a contract as people read it, with its path: `lines.amount`. */
export interface FieldRow {
  readonly path: string
  /** `decimal(20,4)`, `date?`, `PaymentLine[]` */
  readonly type: string
  readonly doc: string
  /** Class of personal data. */
  readonly pii?: string
  /** An event always carries it. */
  readonly isNeeded: boolean
}

/** All fields of a record and of those inside it, in their order. */
export function fieldRows({ fields }: RecordShape, language: Language, path = ''): FieldRow[] {
  return fields.flatMap((field) => {
    const at = path === '' ? field.name : `${path}.${field.name}`
    const inner = recordIn(field.shape)
    const row = { path: at, type: typeText(field.shape), doc: docOf(field, language), isNeeded: !('default' in field) }
    const own = field.pii === undefined ? row : { ...row, pii: field.pii }
    return inner ? [own, ...fieldRows(inner, language, at)] : [own]
  })
}

function docOf({ doc, docZh }: ShapeField, language: Language): string {
  return language === 'zh' && docZh !== '' ? docZh : doc
}

function recordIn(shape: Shape): RecordShape | undefined {
  if (shape.kind === 'list' || shape.kind === 'nullable') return recordIn(shape.of)
  return shape.kind === 'record' ? shape : undefined
}

function typeText(shape: Shape): string {
  switch (shape.kind) {
    case 'nullable':
      return `${typeText(shape.of)}?`
    case 'list':
      return `${typeText(shape.of)}[]`
    case 'record':
      return shape.name
    case 'decimal':
      return `decimal(${shape.precision},${shape.scale})`
    case 'string':
      return shape.values ? shape.values.join(' | ') : 'string'
    default:
      return shape.kind
  }
}
