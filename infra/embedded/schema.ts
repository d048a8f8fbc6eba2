import type { Database } from 'better-sqlite3'
import { HubError } from '@shuniu/contracts'
import { additionsSql, quote, type Present } from '../store/sql.ts'
import { schemaVersion } from '../store/tables.ts'

function columnSql(name: string, type: string, computed: string | undefined): string {
  if (computed) return `${quote(name)} TEXT GENERATED ALWAYS AS (${computed}) VIRTUAL`
  if (name === 'id') return 'id INTEGER PRIMARY KEY'
  const sql = { integer: 'INTEGER', text: 'TEXT', blob: 'BLOB' }[type.replace('?', '')]
  return `${quote(name)} ${sql}${type.endsWith('?') ? '' : ' NOT NULL'}`
}

/** Makes what a file does not have yet of the tables, in one transaction; refuses one written by a newer hub. */
export function ensureSchema(database: Database, file: string): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > schemaVersion) throw new HubError('store.newer', { file, version, known: schemaVersion })
  if (version === schemaVersion) return
  database.transaction(() => {
    for (const sql of additionsSql(presentIn(database), columnSql)) database.exec(sql)
    database.pragma(`user_version = ${schemaVersion}`)
  })()
}

function presentIn(database: Database): Present {
  const names = (type: string): string[] =>
    database.prepare<[string], string>('SELECT name FROM sqlite_master WHERE type = ?').pluck().all(type)
  const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_xinfo(?)').pluck()
  return {
    columns: new Map(names('table').map((table) => [table, new Set(columns.all(table))])),
    indexes: new Set(names('index')),
  }
}
