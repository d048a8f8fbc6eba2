import type { Comparison } from '../store/port.ts'
import { quote } from './schema.ts'

export type Parameter = string | number | null | Uint8Array

/** SQL of a condition and its parameters; its text depends only on the condition's shape, so statements can be kept. */
export function whereSql(where: Readonly<Record<string, unknown>>): { sql: string; parameters: Parameter[] } {
  const parameters: Parameter[] = []
  const parts = Object.entries(where).map(([column, wanted]) => condition(quote(column), wanted, parameters))
  return { sql: parts.length === 0 ? '1' : parts.join(' AND '), parameters }
}

function condition(column: string, wanted: unknown, parameters: Parameter[]): string {
  if (wanted === null) return `${column} IS NULL`
  if (Array.isArray(wanted)) {
    parameters.push(...(wanted as Parameter[]))
    return `${column} IN (${wanted.map(() => '?').join(', ')})`
  }
  if (typeof wanted === 'object' && !(wanted instanceof Uint8Array)) return comparison(column, wanted, parameters)
  parameters.push(wanted as Parameter)
  return `${column} = ?`
}

const operators = { atLeast: '>=', atMost: '<=', above: '>', below: '<' } as const

function comparison(column: string, wanted: Comparison, parameters: Parameter[]): string {
  const parts = Object.entries(operators).flatMap(([name, operator]) => {
    const value = wanted[name as keyof typeof operators]
    if (value === undefined) return []
    parameters.push(value)
    return [`${column} ${operator} ?`]
  })
  if (wanted.not === null) parts.push(`${column} IS NOT NULL`)
  else if (wanted.not !== undefined) {
    parameters.push(wanted.not)
    parts.push(`${column} <> ?`)
  }
  return parts.join(' AND ')
}
