import type { Contract } from './contract.ts'
import type { RecordShape, Shape, ShapeField } from './shape.ts'
import { Day, Decimal, Instant, type Value, type ValueRecord } from './values.ts'

/** Data as an event of this contract may carry it: the same every time, for pages and tests. */
export function sampleOf({ shape }: Pick<Contract, 'shape'>): ValueRecord {
  return ofRecord(shape)
}

function ofRecord({ fields }: RecordShape): ValueRecord {
  return Object.fromEntries(fields.map((field) => [field.name, ofShape(field.shape, field)]))
}

function ofShape(shape: Shape, field: ShapeField): Value {
  switch (shape.kind) {
    case 'record':
      return ofRecord(shape)
    case 'list':
      return [ofShape(shape.of, field)]
    case 'nullable':
      return ofShape(shape.of, field)
    case 'string':
      return shape.values?.[0] ?? textOf(field.name)
    case 'boolean':
      return true
    case 'integer':
      return new Decimal('1')
    case 'decimal':
      return new Decimal(shape.precision - shape.scale >= 3 ? '128' : '1').plus(
        shape.scale >= 2 ? new Decimal('0.5') : new Decimal('0'),
      )
    case 'date':
      return Day.parse('2026-03-05') ?? null
    case 'instant':
      return Instant.parse('2026-03-05T01:02:03Z') ?? new Instant(0)
  }
}

/** Texts that a reader knows by the name of their field; elsewhere the name itself. */
function textOf(name: string): string {
  const known = [
    [/currency/i, 'CNY'],
    [/period/i, '2026-03'],
    [/connection/i, 'kingdee-main'],
    [/No$|number/i, '2026-0317'],
    [/name$/i, '张三'],
  ] as const
  return known.find(([pattern]) => pattern.test(name))?.[1] ?? `${name}-1`
}
