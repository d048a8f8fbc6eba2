import type { Database } from './driver.ts'
import { ask, inTransaction } from './transaction.ts'

/** Columns that tell a database from itself before a fail-over or a restore. The first eight digits of a WAL file are its timeline. */
export const pastSql = `left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline,
  (SELECT coalesce(max(id), 0) FROM effects) AS ledger`

/** What a database is, and how far it has come. */
export interface Past {
  /** Made once, with the database's cluster. */
  readonly system: string
  readonly timeline: string
  readonly ledger: number
  /** Raised each time the installation was found rolled back. */
  readonly generation: number
}

export async function pastOf(database: Database): Promise<Past> {
  const { rows } = await inTransaction(database, (session) => ask(session, past))
  const { system, timeline, ledger, generation } = { ...rows[0] }
  return {
    system: String(system),
    timeline: String(timeline),
    ledger: Number(ledger),
    generation: Number(generation ?? 0),
  }
}

const past = `SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system, ${pastSql},
  (SELECT value FROM meta WHERE name = 'generation') AS generation`
