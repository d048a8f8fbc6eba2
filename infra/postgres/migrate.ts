import { HubError } from '@shuniu/contracts'
import type { Present } from '../store/sql.ts'
import { schemaVersion } from '../store/tables.ts'
import type { Database, Session } from './driver.ts'
import { missingSql } from './schema.ts'
import { ask, inTransaction } from './transaction.ts'

/** The tables as a release knows them. */
export interface Release {
  /** Raised with every change of the tables. */
  readonly version: number
  /** The oldest version of a hub that can work on these tables: that of the release before, for changes only add. */
  readonly from: number
  /** By version: what brings the tables of the version before to it, besides adding what is declared. */
  readonly forward: ReadonlyMap<number, readonly string[]>
}

/** Version 1 had no outbox: no hub ever worked on it. */
export const thisRelease: Release = { version: schemaVersion, from: 2, forward: new Map() }

/** One at a time in a database. A lock of two numbers is never one of those in `locks.ts`, which have one. */
const migrationLock = [0x5348, 0x4e] as const

/** Brings the tables to this release, in one transaction; somebody who does the same waits and then finds it done. */
export async function migrate(database: Database, release: Release = thisRelease): Promise<void> {
  await inTransaction(database, async (session) => {
    await ask(session, 'SELECT pg_advisory_xact_lock($1, $2)', migrationLock)
    const version = await versionOf(session)
    if (version.is >= release.version) return
    await ask(session, makeSchema)
    for (const sql of missingSql(await presentIn(session))) await ask(session, sql)
    for (const sql of version.is === 0 ? [] : steps(release, version.is)) await ask(session, sql)
    for (const [name, value] of Object.entries({ schema: release.version, 'schema.from': release.from }))
      await ask(session, setMeta, [name, String(value)])
  })
}

const setMeta = 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value'

/** The schema of the connection's search path. */
const here = "current_setting('search_path')"
const makeSchema = `DO $$ BEGIN
  IF to_regnamespace(${here}) IS NULL THEN EXECUTE 'CREATE SCHEMA ' || ${here}; END IF;
END $$`

async function presentIn(session: Session): Promise<Present> {
  const { rows: columns } = await ask(session, columnsHere)
  const { rows: indexes } = await ask(
    session,
    'SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema()',
  )
  const byTable = Map.groupBy(columns, (row) => String(row['table']))
  return {
    columns: new Map([...byTable].map(([table, of]) => [table, new Set(of.map((row) => String(row['name'])))])),
    indexes: new Set(indexes.map((row) => String(row['name']))),
  }
}

const columnsHere = `SELECT table_name AS table, column_name AS name FROM information_schema.columns
  WHERE table_schema = current_schema()`

function steps(release: Release, version: number): string[] {
  const wanted = Array.from({ length: release.version - version }, (_, at) => version + 1 + at)
  return wanted.flatMap((one) => release.forward.get(one) ?? [])
}

/** Refuses tables that this release cannot work on: `store.older`, `store.newer`. */
export async function checkVersion(database: Database, release: Release = thisRelease): Promise<void> {
  const { is, from } = await inTransaction(database, versionOf)
  const known = release.version
  if (is < known) throw new HubError('store.older', { database: database.name, version: is, known })
  if (from > known) throw new HubError('store.newer', { file: database.name, version: is, known })
}

async function versionOf(session: Session): Promise<{ is: number; from: number }> {
  const { rows: exists } = await ask(session, "SELECT to_regclass('meta') IS NOT NULL AS made")
  if (exists[0]?.['made'] !== true) return { is: 0, from: 0 }
  const { rows } = await ask(session, "SELECT name, value FROM meta WHERE name IN ('schema', 'schema.from')")
  const value = (name: string): number => Number(rows.find((row) => row['name'] === name)?.['value'] ?? 0)
  return { is: value('schema'), from: value('schema.from') }
}
