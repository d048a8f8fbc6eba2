import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { tableNames } from '../store/sql.ts'
import { schemaVersion } from '../store/tables.ts'
import { ensureSchema } from './schema.ts'

function tablesOf(database: Database.Database): unknown[] {
  return database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all()
}

/** Names of indexes, and of the columns of each table, in no order. */
function shapeOf(database: Database.Database): unknown {
  const columns = database.prepare('SELECT name FROM pragma_table_xinfo(?)').pluck()
  const indexes = database.prepare("SELECT name FROM sqlite_master WHERE type = 'index'").pluck().all()
  return [new Set(indexes), tableNames.map((name) => [name, new Set(columns.all(name))])]
}

test('a file of an older hub gets the tables it does not have, and keeps what is in the others', () => {
  const database = new Database(':memory:')
  ensureSchema(database, 'old')
  database.exec("DROP TABLE subjects; INSERT INTO cursors (connection, name, value) VALUES ('c', 'n', 'v')")
  database.pragma('user_version = 1')
  ensureSchema(database, 'old')
  expect(new Set(tablesOf(database))).toEqual(new Set(tableNames))
  expect(database.prepare('SELECT value FROM cursors').pluck().all()).toEqual(['v'])
  expect(database.pragma('user_version', { simple: true })).toBe(schemaVersion)
})

test('a file of an older hub gets the columns and indexes that it does not have, and keeps its rows', () => {
  const database = new Database(':memory:')
  ensureSchema(database, 'old')
  const fresh = shapeOf(database)
  database.exec('ALTER TABLE flows DROP COLUMN active_ends; DROP INDEX runs_0')
  database.exec(
    "INSERT INTO flows (flow, version, source, active, active_from, registered_at) VALUES ('f', '', '', 1, 7, 0)",
  )
  database.pragma('user_version = 1')
  ensureSchema(database, 'old')
  expect(shapeOf(database)).toEqual(fresh)
  expect(database.prepare('SELECT active_from, active_ends FROM flows').all()).toEqual([
    { active_from: 7, active_ends: null },
  ])
})

test('a file of a newer hub is refused', () => {
  const database = new Database(':memory:')
  database.pragma(`user_version = ${schemaVersion + 1}`)
  expect(() => ensureSchema(database, 'new')).toThrow(expect.objectContaining({ code: 'store.newer' }))
})
