import { HubError } from '@shuniu/contracts'
import { connectPostgres, type Database, type PostgresOptions, type Session, type Value } from '../postgres/driver.ts'
import { migrate } from '../postgres/migrate.ts'
import { checkSettings } from '../postgres/settings.ts'
import { ask, inTransaction } from '../postgres/transaction.ts'
import { columnsOf, quote } from '../store/sql.ts'
import type { TableName } from '../store/tables.ts'
import type { Source } from './source.ts'

/** What stays of an installation wherever it is. */
type Identity = Pick<Source, 'installation' | 'epoch' | 'resync'>
type AnyRow = Readonly<Record<string, unknown>>

/** The database an installation moves to. What is done is noted in the same transaction: a move that died goes on from there. */
export interface Target {
  /** How far a step has come; 0 before it began. */
  progress(step: string): Promise<number>
  /** Writes rows with their own ids, and how far the step has come with them. Rows that are there already stay. */
  write(table: TableName, rows: readonly AnyRow[], step: string, to: number): Promise<void>
  note(step: string, to: number): Promise<void>
  rows(table: TableName, after: number, limit: number): Promise<AnyRow[]>
  count(table: TableName): Promise<number>
  /** New rows get ids behind those that were moved. */
  continueIds(tables: readonly TableName[]): Promise<void>
  /** From now on a hub may start on it. */
  finish(): Promise<void>
  close(): Promise<void>
}

/**
 * Makes the tables and claims the database for one installation. Throws `store.not-empty` for one that holds another, or work
 * of its own.
 */
export async function openTarget(options: PostgresOptions, from: Identity): Promise<Target> {
  const database = connectPostgres(options)
  try {
    await checkSettings(database)
    await migrate(database)
    await inTransaction(database, (session) => claim(session, database.name, from))
  } catch (error) {
    await database.close()
    throw error
  }
  return targetOn(database)
}

/** Throws `store.moving` for a database that an installation is moving into: it is not whole yet. */
export async function refuseHalfMoved(database: Database): Promise<void> {
  const moving = await inTransaction(database, (session) => metaOf(session, 'moving'))
  if (moving !== undefined) throw new HubError('store.moving', { database: database.name })
}

async function claim(session: Session, name: string, from: Identity): Promise<void> {
  if ((await metaOf(session, 'moving')) === from.installation) return
  if ((await metaOf(session, 'installation')) !== undefined) throw new HubError('store.not-empty', { database: name })
  await setMeta(session, 'moving', from.installation)
  await setMeta(session, 'installation', from.installation)
  await setMeta(session, 'epoch', String(from.epoch))
  await setMeta(session, 'resync', from.resync)
}

function targetOn(database: Database): Target {
  const stepName = (step: string): string => `moving ${step}`
  return {
    async progress(step) {
      return Number((await inTransaction(database, (session) => metaOf(session, stepName(step)))) ?? 0)
    },
    write: (table, rows, step, to) =>
      inTransaction(database, async (session) => {
        const { text, values } = insertOf(table, rows)
        await ask(session, text, values)
        await setMeta(session, stepName(step), String(to))
      }),
    note: (step, to) => inTransaction(database, (session) => setMeta(session, stepName(step), String(to))),
    async rows(table, after, limit) {
      const text = `SELECT ${columns(table).map(quote).join(', ')} FROM ${quote(table)} WHERE id > $1 ORDER BY id LIMIT $2`
      const { rows } = await inTransaction(database, (session) => ask(session, text, [after, limit]))
      return [...rows]
    },
    async count(table) {
      const { rows } = await inTransaction(database, (session) =>
        ask(session, `SELECT count(*) AS count FROM ${quote(table)}`),
      )
      return Number(rows[0]?.['count'])
    },
    continueIds: (tables) =>
      inTransaction(database, async (session) => {
        for (const table of tables) await ask(session, continueSql(table))
      }),
    finish: () =>
      inTransaction(database, async (session) => {
        await ask(session, "DELETE FROM meta WHERE name = 'moving' OR name LIKE 'moving %'")
      }),
    close: () => database.close(),
  }
}

const columns = (table: TableName): string[] => ['id', ...columnsOf(table).filter((column) => column !== 'id')]

const continueSql = (table: TableName): string =>
  `SELECT setval(pg_get_serial_sequence('${quote(table)}', 'id'), greatest((SELECT max(id) FROM ${quote(table)}), 1))`

function insertOf(table: TableName, rows: readonly AnyRow[]): { text: string; values: Value[] } {
  const names = columns(table)
  const values = rows.flatMap((row) => names.map((name) => (row[name] ?? null) as Value))
  const places = rows.map((_, at) => `(${names.map((__, of) => `$${at * names.length + of + 1}`).join(', ')})`)
  const into = `INSERT INTO ${quote(table)} (${names.map(quote).join(', ')}) VALUES ${places.join(', ')}`
  return { text: `${into} ON CONFLICT (id) DO NOTHING`, values }
}

async function metaOf(session: Session, name: string): Promise<string | undefined> {
  const { rows } = await ask(session, 'SELECT value FROM meta WHERE name = $1', [name])
  return rows[0] && String(rows[0]['value'])
}

const setSql = 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value'
async function setMeta(session: Session, name: string, value: string): Promise<void> {
  await ask(session, setSql, [name, value])
}
