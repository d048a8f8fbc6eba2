import type { Database } from 'better-sqlite3'
import { HubError } from '@shuniu/contracts'
import { quote, tableNames } from '../store/sql.ts'
import { tables, type TableDeclaration, type TableName } from '../store/tables.ts'

/** Raised with every change of the tables; an older file is brought forward, a newer one is refused. */
export const schemaVersion = 1

function columnSql(name: string, type: string, computed: string | undefined): string {
  if (computed) return `${quote(name)} TEXT GENERATED ALWAYS AS (${computed}) VIRTUAL`
  if (name === 'id') return 'id INTEGER PRIMARY KEY'
  const sql = { integer: 'INTEGER', text: 'TEXT', blob: 'BLOB' }[type.replace('?', '')]
  return `${quote(name)} ${sql}${type.endsWith('?') ? '' : ' NOT NULL'}`
}

function tableSql(name: TableName): string[] {
  const declared: TableDeclaration = tables[name]
  const columns = Object.entries(declared.columns).map(([column, type]) =>
    columnSql(column, type, declared.generated?.[column]),
  )
  const unique = (declared.unique ?? []).map((list) => `UNIQUE (${list.map(quote).join(', ')})`)
  const indexes = (declared.indexes ?? []).map(
    ({ on, where }, at) =>
      `CREATE INDEX ${quote(`${name}_${at}`)} ON ${quote(name)} (${on.map(quote).join(', ')})${where ? ` WHERE ${where}` : ''}`,
  )
  return [`CREATE TABLE ${quote(name)} (${[...columns, ...unique].join(', ')})`, ...indexes]
}

/** Makes the tables of a new file; refuses one written by a newer hub. */
export function ensureSchema(database: Database, file: string): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > schemaVersion) throw new HubError('store.newer', { file, version, known: schemaVersion })
  if (version === schemaVersion) return
  database.transaction(() => {
    for (const name of tableNames) for (const sql of tableSql(name)) database.exec(sql)
    database.pragma(`user_version = ${schemaVersion}`)
  })()
}
