import type { Arithmetic } from './ast.ts'
import { assignable, join, stripNull, types, type Type } from './types.ts'

const { decimal, string, instant, duration, dyn } = types
const list = types.list(dyn)

type Row = readonly [left: Type, right: Type, result: Type]

const table: Readonly<Record<Arithmetic, readonly Row[]>> = {
  '+': [
    [decimal, decimal, decimal],
    [string, string, string],
    [list, list, list],
    [instant, duration, instant],
    [duration, instant, instant],
    [duration, duration, duration],
  ],
  '-': [
    [decimal, decimal, decimal],
    [instant, instant, duration],
    [instant, duration, instant],
    [duration, duration, duration],
  ],
  '*': [[decimal, decimal, decimal]],
}

/** The type of `left + right`; undefined when no values of these types can be added. */
export function arithmeticType(operator: Arithmetic, left: Type, right: Type): Type | undefined {
  const results = table[operator].filter(([a, b]) => fits(left, a) && fits(right, b)).map(([, , result]) => result)
  if (results.length !== 1) return results.length === 0 ? undefined : dyn
  if (results[0] !== list) return results[0]
  return join(stripNull(left), stripNull(right)) ?? list
}

/** Whether a value may be used where a type is needed; that it may be null is found when it runs. */
export function fits(found: Type, needed: Type): boolean {
  return assignable(stripNull(found), needed)
}

const ordered = new Set(['decimal', 'string', 'date', 'instant', 'duration', 'bool'])

/** Whether `<` and its kin make sense for two types. */
export function orderable(left: Type, right: Type): boolean {
  const [a, b] = [stripNull(left), stripNull(right)]
  if (a.kind === 'dyn' || b.kind === 'dyn') return [a, b].every(({ kind }) => kind === 'dyn' || ordered.has(kind))
  return a.kind === b.kind && ordered.has(a.kind)
}

/** Whether `==` can be true at all. Texts of two closed lists without a common one never are equal. */
export function comparable(left: Type, right: Type): boolean {
  if (left.kind === 'null' || right.kind === 'null') return true
  const [a, b] = [stripNull(left), stripNull(right)]
  if (a.kind === 'dyn' || b.kind === 'dyn') return true
  if (a.kind === 'string' && b.kind === 'string') {
    const closed = a.oneOf && b.oneOf && a.oneOf.length + b.oneOf.length > 2
    return !closed || (a.oneOf ?? []).some((one) => b.oneOf?.includes(one))
  }
  if (a.kind === 'list' && b.kind === 'list') return comparable(a.of, b.of)
  return a.kind === b.kind || (isKeyed(a) && isKeyed(b))
}

function isKeyed(type: Type): boolean {
  return type.kind === 'record' || type.kind === 'map'
}
