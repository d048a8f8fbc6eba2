import { decimalToBytes, precisionOf, scaleOf } from '../avro/decimal.ts'
import type { Findings } from './findings.ts'
import type { Leaf } from '../shape.ts'
import { hasYear } from './years.ts'
import { Day, Instant, isDecimal, type Decimal } from '../values.ts'
import { describeShape, type Turn } from './walk.ts'

type DecimalLeaf = Extract<Leaf, { kind: 'decimal' }>
type IntegerLeaf = Extract<Leaf, { kind: 'integer' }>
type TextLeaf = Extract<Leaf, { kind: 'string' }>

/** Checks a value and turns it into what avsc writes. */
export function toAvro(leaf: Leaf): Turn {
  switch (leaf.kind) {
    case 'string':
      return (value, findings) => checkText(leaf, value, findings)
    case 'boolean':
      return (value, findings) => (typeof value === 'boolean' ? value : findings.wrongType('boolean', value))
    case 'integer':
      return (value, findings) => checkInteger(leaf, value, findings)
    case 'decimal':
      return (value, findings) => (checkDecimal(leaf, value, findings) ? decimalToBytes(value, leaf.scale) : undefined)
    case 'instant':
      return (value, findings) => (checkInstant(value, findings) ? BigInt(value.ms) : undefined)
    case 'date':
      return (value, findings) => (value instanceof Day ? value.epochDay : findings.wrongType('date', value))
  }
}

function checkText(leaf: TextLeaf, value: unknown, findings: Findings): string | undefined {
  if (typeof value !== 'string') return findings.wrongType(describeShape(leaf), value)
  if (leaf.values && !leaf.values.includes(value)) return findings.wrongType(describeShape(leaf), value)
  // Half a surrogate pair has no UTF-8: it would arrive as another text.
  return value.isWellFormed() ? value : findings.add('contract.out-of-range', { expected: 'Unicode text' })
}

/** A number for int, a bigint for long: as avsc takes them. */
function checkInteger({ bits }: IntegerLeaf, value: unknown, findings: Findings): number | bigint | undefined {
  if (!isDecimal(value) || scaleOf(value) > 0) return findings.wrongType('whole number', value)
  const whole = value.e > 18 ? undefined : BigInt(value.toFixed())
  if (whole === undefined || BigInt.asIntN(bits, whole) !== whole) {
    return findings.add('contract.out-of-range', { expected: `${bits} bits` })
  }
  return bits === 32 ? Number(whole) : whole
}

/** Refuses what would have to be rounded or cut; amounts are exact or not at all. */
function checkDecimal(leaf: DecimalLeaf, value: unknown, findings: Findings): value is Decimal {
  if (!isDecimal(value)) findings.wrongType(describeShape(leaf), value)
  else if (scaleOf(value) > leaf.scale) findings.add('contract.scale', { scale: leaf.scale, got: scaleOf(value) })
  else if (precisionOf(value, leaf.scale) > leaf.precision)
    findings.add('contract.precision', { digits: leaf.precision - leaf.scale })
  else return true
  return false
}

function checkInstant(value: unknown, findings: Findings): value is Instant {
  if (!(value instanceof Instant)) findings.wrongType('instant', value)
  else if (!hasYear(value.ms)) findings.add('contract.out-of-range', { expected: 'year 0000 to 9999' })
  else return true
  return false
}
