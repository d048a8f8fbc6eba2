import type { Comparison } from './port.ts'
import { partCount } from './parts.ts'
import { tables, type TableDeclaration, type TableName } from './tables.ts'

/** What every database takes and gives. */
export type Parameter = string | number | null | Uint8Array

export const quote = (name: string): string => `"${name}"`

export const tableNames = Object.keys(tables) as TableName[]

/** The columns that are written: all but those the database computes. */
export function columnsOf(table: TableName): readonly string[] {
  const declared: TableDeclaration = tables[table]
  return Object.keys(declared.columns).filter((column) => declared.generated?.[column] === undefined)
}

/** Columns of the list that `insert if absent` and `upsert` look at. */
export function identityOf(table: TableName): readonly string[] {
  const declared: TableDeclaration = tables[table]
  return declared.unique?.[0] ?? ['id']
}

/** How a database writes parameters into the text of a statement; each call adds to what is bound. */
export interface Places {
  one(value: Parameter): string
  /** A condition: the column is one of these. */
  oneOf(column: string, values: readonly Parameter[]): string
}

/** SQL of a condition; its text depends only on the condition's shape, so statements can be kept. */
export function conditionSql(where: Readonly<Record<string, unknown>>, places: Places): string {
  const parts = Object.entries(where).map(([column, wanted]) => condition(quote(column), wanted, places))
  return parts.length === 0 ? 'TRUE' : parts.join(' AND ')
}

function condition(column: string, wanted: unknown, places: Places): string {
  if (wanted === null) return `${column} IS NULL`
  if (Array.isArray(wanted)) return places.oneOf(column, wanted as Parameter[])
  if (typeof wanted === 'object' && !(wanted instanceof Uint8Array)) return comparison(column, wanted, places)
  return `${column} = ${places.one(wanted as Parameter)}`
}

const operators = { atLeast: '>=', atMost: '<=', above: '>', below: '<' } as const

function comparison(column: string, wanted: Comparison, places: Places): string {
  const parts = Object.entries(operators).flatMap(([name, operator]) => {
    const value = wanted[name as keyof typeof operators]
    return value === undefined ? [] : [`${column} ${operator} ${places.one(value)}`]
  })
  if (wanted.not === null) parts.push(`${column} IS NOT NULL`)
  else if (wanted.not !== undefined) parts.push(`${column} <> ${places.one(wanted.not)}`)
  if (wanted.part !== undefined) parts.push(places.oneOf(`${column} % ${partCount}`, wanted.part))
  return parts.join(' AND ')
}

/** A column in one database's words; `computed` is the SQL of a generated one. */
export type ColumnSql = (name: string, type: string, computed: string | undefined) => string

/** What a database has already: tables with their columns, and indexes by name. */
export interface Present {
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>
  readonly indexes: ReadonlySet<string>
}

/**
 * The statements that add what is declared and not there yet: tables, columns, indexes. Nothing is changed or taken away, so
 * that the release before goes on working. A column that is added to a table may be null.
 */
export function additionsSql({ columns, indexes }: Present, columnSql: ColumnSql): string[] {
  return tableNames.flatMap((name) => {
    const there = columns.get(name)
    if (!there) return tableSql(name, columnSql)
    const declared: TableDeclaration = tables[name]
    const missing = Object.entries(declared.columns).filter(([column]) => !there.has(column))
    return [
      ...missing.map(([column, type]) => {
        const sql = columnSql(column, type, declared.generated?.[column])
        return `ALTER TABLE ${quote(name)} ADD COLUMN ${sql}`
      }),
      ...indexesOf(name).flatMap(([index, sql]) => (indexes.has(index) ? [] : [sql])),
    ]
  })
}

/** The statements that make a table and its indexes, as it is declared. */
export function tableSql(name: TableName, columnSql: ColumnSql): string[] {
  const declared: TableDeclaration = tables[name]
  const columns = Object.entries(declared.columns).map(([column, type]) =>
    columnSql(column, type, declared.generated?.[column]),
  )
  const unique = (declared.unique ?? []).map((list) => `UNIQUE (${list.map(quote).join(', ')})`)
  return [
    `CREATE TABLE ${quote(name)} (${[...columns, ...unique].join(', ')})`,
    ...indexesOf(name).map(([, sql]) => sql),
  ]
}

function indexesOf(table: TableName): [name: string, sql: string][] {
  const declared: TableDeclaration = tables[table]
  return (declared.indexes ?? []).map(({ on, where }, at) => {
    const name = `${table}_${at}`
    const partial = where ? ` WHERE ${where}` : ''
    return [name, `CREATE INDEX ${quote(name)} ON ${quote(table)} (${on.map(quote).join(', ')})${partial}`]
  })
}
