import type { Node } from './ast.ts'

/** Paths (`event.payee`) that are known not to be null when a condition holds, and when it does not. */
export interface Known {
  readonly whenTrue: readonly string[]
  readonly whenFalse: readonly string[]
}

const nothing: Known = { whenTrue: [], whenFalse: [] }

/** What a condition says about null: `x != null && …`, `x == null ? … : …`, and their combinations. */
export function knownFrom(test: Node): Known {
  if (test.kind === 'not') {
    const { whenTrue, whenFalse } = knownFrom(test.of)
    return { whenTrue: whenFalse, whenFalse: whenTrue }
  }
  if (test.kind === 'logic') {
    const [left, right] = [knownFrom(test.left), knownFrom(test.right)]
    return test.operator === '&&'
      ? { whenTrue: [...left.whenTrue, ...right.whenTrue], whenFalse: [] }
      : { whenTrue: [], whenFalse: [...left.whenFalse, ...right.whenFalse] }
  }
  if (test.kind !== 'relation') return nothing
  const path = isNull(test.right) ? pathOf(test.left) : isNull(test.left) ? pathOf(test.right) : undefined
  if (path === undefined) return nothing
  if (test.operator === '!=') return { whenTrue: [path], whenFalse: [] }
  return test.operator === '==' ? { whenTrue: [], whenFalse: [path] } : nothing
}

/** The name of a place that can be read twice with the same result: `event.payee.name`, `fields["金额"]`. */
export function pathOf(node: Node): string | undefined {
  if (node.kind === 'name') return node.name
  if (node.kind === 'select') return child(node.of, node.field)
  if (node.kind !== 'index' || node.index.kind !== 'literal' || typeof node.index.value !== 'string') return undefined
  return child(node.of, node.index.value)
}

function child(of: Node, name: string): string | undefined {
  const path = pathOf(of)
  return path === undefined ? undefined : `${path}\0${name}`
}

/** Whether a path begins at a variable. */
export function startsAt(path: string, variable: string): boolean {
  return path === variable || path.startsWith(`${variable}\0`)
}

function isNull(node: Node): boolean {
  return node.kind === 'literal' && node.value === null
}
