import type { Database } from 'better-sqlite3'
import { HubError } from '@shuniu/contracts'
import { quote, tableNames, tableSql } from '../store/sql.ts'

/** Raised with every change of the tables; an older file is brought forward, a newer one is refused. */
export const schemaVersion = 1

function columnSql(name: string, type: string, computed: string | undefined): string {
  if (computed) return `${quote(name)} TEXT GENERATED ALWAYS AS (${computed}) VIRTUAL`
  if (name === 'id') return 'id INTEGER PRIMARY KEY'
  const sql = { integer: 'INTEGER', text: 'TEXT', blob: 'BLOB' }[type.replace('?', '')]
  return `${quote(name)} ${sql}${type.endsWith('?') ? '' : ' NOT NULL'}`
}

/** Makes the tables of a new file; refuses one written by a newer hub. */
export function ensureSchema(database: Database, file: string): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > schemaVersion) throw new HubError('store.newer', { file, version, known: schemaVersion })
  if (version === schemaVersion) return
  database.transaction(() => {
    for (const name of tableNames) for (const sql of tableSql(name, columnSql)) database.exec(sql)
    database.pragma(`user_version = ${schemaVersion}`)
  })()
}
