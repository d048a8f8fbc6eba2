import { conditionSql, type Parameter } from '../store/sql.ts'

/** SQL of a condition and its parameters, as SQLite takes them. */
export function whereSql(where: Readonly<Record<string, unknown>>): { sql: string; parameters: Parameter[] } {
  const parameters: Parameter[] = []
  const one = (value: Parameter): string => {
    parameters.push(value)
    return '?'
  }
  const oneOf = (column: string, values: readonly Parameter[]): string => `${column} IN (${values.map(one).join(', ')})`
  return { sql: conditionSql(where, { one, oneOf }), parameters }
}
