import type { Statement } from 'better-sqlite3'
import type { Parameter } from '../store/sql.ts'
import { whereSql } from './sql.ts'

/**
 * What a statement is known by: the columns it names, in their order, and the kind of each condition. Found step by step,
 * which costs a tenth of making the statement's text each time to look it up by.
 */
export class Shape {
  statement: Statement | undefined
  private readonly further = new Map<string | number, Shape>()

  at(step: string | number): Shape {
    let shape = this.further.get(step)
    if (!shape) this.further.set(step, (shape = new Shape()))
    return shape
  }
}

/** The shape behind the columns of a row. */
export function behindColumns(before: Shape, row: object): Shape {
  let shape = before
  for (const column in row) shape = shape.at(column)
  return shape
}

/** The shape behind a condition; what it binds, in the order of `whereSql`, is added to `values`. */
export function bindWhere(behind: Shape, where: object, values: Parameter[]): Shape {
  let shape = behind.at('where')
  for (const [column, wanted] of Object.entries(where)) shape = bindOne(shape, column, wanted, values)
  return shape
}

const operators: ReadonlySet<string> = new Set(['atLeast', 'atMost', 'above', 'below'])

function bindOne(shape: Shape, column: string, wanted: unknown, values: Parameter[]): Shape {
  if (wanted === null) return shape.at(column).at('null')
  if (Array.isArray(wanted)) {
    values.push(...(wanted as Parameter[]))
    return shape.at(column).at(wanted.length)
  }
  if (typeof wanted !== 'object' || wanted instanceof Uint8Array) {
    values.push(wanted as Parameter)
    return shape.at(column).at('=')
  }
  const [[name, value] = [''], ...others] = Object.entries(wanted)
  if (others.length === 0 && operators.has(name)) {
    values.push(value)
    return shape.at(column).at(name)
  }
  // What is rare is known by its text.
  const { sql, parameters } = whereSql({ [column]: wanted })
  values.push(...parameters)
  return shape.at(sql)
}
