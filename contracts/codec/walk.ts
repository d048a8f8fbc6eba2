import { Findings } from './findings.ts'
import type { Leaf, ListShape, NullableShape, RecordShape, Shape, ShapeField } from '../shape.ts'
import { isRecord } from '../values.ts'

/** Turns one value into another form; undefined when it cannot be, with the reason in the findings. */
export type Turn = (value: unknown, findings: Findings) => unknown

/**
 * Compiles a walk that keeps the shape and turns the leaves. Everything is checked: fields that are missing, unknown or
 * of another type. What is wrong is found at once, not one by one.
 */
export function walk(shape: Shape, leaf: (shape: Leaf) => Turn): Turn {
  return new Walker(leaf).of(shape)
}

class Walker {
  /** A record type that is used in many places is compiled once. */
  private readonly known = new Map<Shape, Turn>()

  constructor(private readonly leaf: (shape: Leaf) => Turn) {}

  of(shape: Shape): Turn {
    const turn = this.known.get(shape) ?? this.compile(shape)
    this.known.set(shape, turn)
    return turn
  }

  private compile(shape: Shape): Turn {
    switch (shape.kind) {
      case 'nullable':
        return this.nullable(shape)
      case 'list':
        return this.list(shape)
      case 'record':
        return this.record(shape)
      default:
        return this.leaf(shape)
    }
  }

  private nullable(shape: NullableShape): Turn {
    const turn = this.of(shape.of)
    return (value, findings) => (value === null ? null : turn(value, findings))
  }

  private list(shape: ListShape): Turn {
    const turn = this.of(shape.of)
    return (value, findings) => {
      if (!Array.isArray(value)) return findings.wrongType('list', value)
      return value.map((item: unknown, index) => {
        findings.into(index)
        const turned = turn(item, findings)
        findings.out()
        return turned
      })
    }
  }

  private record(shape: RecordShape): Turn {
    const fields = shape.fields.map((field) => ({ field, turn: this.of(field.shape) }))
    const names = shape.fields.map((field) => field.name)
    const known = new Set(names)
    return (value, findings) => {
      if (!isRecord(value)) return findings.wrongType('record', value)
      const result: Record<string, unknown> = {}
      for (const { field, turn } of fields) {
        findings.into(field.name)
        result[field.name] = turnField(field, turn, value[field.name], findings)
        findings.out()
      }
      for (const name in value) if (!known.has(name)) findings.unknownField(name, names)
      return result
    }
  }
}

function turnField(field: ShapeField, turn: Turn, given: unknown, findings: Findings): unknown {
  if (given !== undefined) return turn(given, findings)
  if (field.default !== undefined) return turn(field.default, findings)
  return findings.add('contract.missing-field', { expected: describeShape(field.shape) })
}

/** How a shape is called in a sentence for a person. */
export function describeShape(shape: Shape): string {
  switch (shape.kind) {
    case 'decimal':
      return `decimal(${shape.precision},${shape.scale})`
    case 'string':
      return shape.values ? `one of ${shape.values.join(', ')}` : 'text'
    case 'integer':
      return 'whole number'
    case 'nullable':
      return `${describeShape(shape.of)} or null`
    case 'list':
      return `list of ${describeShape(shape.of)}`
    default:
      return shape.kind
  }
}
