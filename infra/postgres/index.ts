import { schemaVersion } from '../store/tables.ts'
import { connectPostgres, type Database, type PostgresOptions } from './driver.ts'
import { checkVersion, migrate } from './migrate.ts'
import { checkSettings } from './settings.ts'
import { ask, inTransaction } from './transaction.ts'

export { connectPostgres, type Database, type PostgresOptions } from './driver.ts'
export { openBell, type Bell } from './bell.ts'
export { openPostgresStore } from '../store/postgres.ts'
export type { Seen } from './writer.ts'

/**
 * A database that this release may write to. Rejects, and keeps nothing open, with `store.unreachable`, `store.untrusted`,
 * `store.login`, `store.setting` (what is acknowledged could be lost), `store.older` or `store.newer` (the tables are not this release's).
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  return whenChecked(connectPostgres(options), async (database) => {
    await checkSettings(database)
    await checkVersion(database)
  })
}

/** Brings the tables forward to this release, or makes them. Hubs of the release before may go on working meanwhile. */
export async function migratePostgres(options: PostgresOptions): Promise<{ readonly version: number }> {
  const database = await whenChecked(connectPostgres(options), migrate)
  await database.close()
  return { version: schemaVersion }
}

async function whenChecked(database: Database, check: (database: Database) => Promise<void>): Promise<Database> {
  try {
    await check(database)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** The epoch that all processes of the installation share: the first of them begins it. */
export function joinStore(database: Database): Promise<number> {
  return inTransaction(database, async (session) => {
    await ask(session, "INSERT INTO meta (name, value) VALUES ('epoch', '1') ON CONFLICT (name) DO NOTHING")
    const { rows } = await ask(session, "SELECT value FROM meta WHERE name = 'epoch'")
    return Number(rows[0]?.['value'])
  })
}

/**
 * Makes everything older stale, and gives the new epoch. Resolves when what older ones had under way is done or undone:
 * nothing of theirs is committed after that.
 */
export function takeOver(database: Database): Promise<number> {
  return inTransaction(database, async (session) => {
    // Groups lock the epoch's row for sharing, one after the other without a gap: only a lock on the table waits in a queue.
    await ask(session, 'LOCK TABLE meta IN EXCLUSIVE MODE')
    const { rows } = await ask(session, raiseEpoch)
    return Number(rows[0]?.['value'])
  })
}

const raiseEpoch = `INSERT INTO meta (name, value) VALUES ('epoch', '1')
  ON CONFLICT (name) DO UPDATE SET value = (meta.value::bigint + 1)::text RETURNING value`
