import { HubError } from '@shuniu/contracts'
import type { Database } from './driver.ts'
import { schemaSql } from './schema.ts'
import { ask, inTransaction } from './transaction.ts'

/** The tables as a release knows them. */
export interface Release {
  /** Raised with every change of the tables. */
  readonly version: number
  /** The oldest version of a hub that can work on these tables: that of the release before, for changes only add. */
  readonly from: number
  /** What makes all tables of an empty schema. */
  readonly create: () => readonly string[]
  /** By version: what brings the tables of the version before to it. */
  readonly forward: ReadonlyMap<number, readonly string[]>
}

export const thisRelease: Release = { version: 1, from: 1, create: schemaSql, forward: new Map() }

/** One at a time in a database. A lock of two numbers is never one of those in `locks.ts`, which have one. */
const migrationLock = [0x5348, 0x4e] as const

/** Brings the tables to this release, in one transaction; somebody who does the same waits and then finds it done. */
export async function migrate(database: Database, release: Release = thisRelease): Promise<void> {
  await inTransaction(database, async (session) => {
    await ask(session, 'SELECT pg_advisory_xact_lock($1, $2)', migrationLock)
    const version = await versionOf(session)
    if (version.is >= release.version) return
    for (const sql of version.is === 0 ? fresh(release) : steps(release, version.is)) await ask(session, sql)
    for (const [name, value] of Object.entries({ schema: release.version, 'schema.from': release.from }))
      await ask(session, setMeta, [name, String(value)])
  })
}

const setMeta = 'INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value'

/** The schema of the connection's search path, and the tables in it. */
function fresh(release: Release): string[] {
  const here = "current_setting('search_path')"
  const make = `IF to_regnamespace(${here}) IS NULL THEN EXECUTE 'CREATE SCHEMA ' || ${here}; END IF;`
  return [`DO $$ BEGIN ${make} END $$`, ...release.create()]
}

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

async function versionOf(session: Parameters<typeof ask>[0]): Promise<{ is: number; from: number }> {
  const { rows: exists } = await ask(session, "SELECT to_regclass('meta') IS NOT NULL AS made")
  if (exists[0]?.['made'] !== true) return { is: 0, from: 0 }
  const { rows } = await ask(session, "SELECT name, value FROM meta WHERE name IN ('schema', 'schema.from')")
  const value = (name: string): number => Number(rows.find((row) => row['name'] === name)?.['value'] ?? 0)
  return { is: value('schema'), from: value('schema.from') }
}
