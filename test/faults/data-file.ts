import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** An effect that has been sent, or was about to be. Instants in wall ms. */
export interface Sent {
  readonly reference: string
  readonly operation: string
  /** The approval it belongs to. */
  readonly key: string
  readonly state: string
  readonly sentAt: number
}

/** What is under way in the hub, as its file says. */
export interface Glance {
  /** Receipts that are being understood. */
  readonly normalising: number
  readonly sending: number
  readonly inDoubt: number
  /** Undo runs that have not ended. */
  readonly undoing: number
}

/**
 * The hub's data file, read from outside. The connection is opened for each look and closed again, so that it never stands
 * in the way of the recovery that the next start has to do.
 */
export class DataFile {
  private readonly file: string

  constructor(
    private readonly folder: string,
    file?: string,
  ) {
    this.file = file ?? join(folder, 'shuniu.db')
  }

  glance(): Glance {
    const receipts = `open = 'received' AND (next_at IS NULL OR next_at <= ${Date.now()})`
    const sql = `SELECT
      (SELECT count(*) FROM receipts WHERE ${receipts}) AS normalising,
      (SELECT count(*) FROM effects WHERE open = 'sending') AS sending,
      (SELECT count(*) FROM effects WHERE open = 'in doubt') AS inDoubt,
      (SELECT count(*) FROM runs WHERE open IN ('queued', 'running', 'waiting') AND kind = 'undo') AS undoing`
    return this.rows<Glance>(sql)[0] ?? { normalising: 0, sending: 0, inDoubt: 0, undoing: 0 }
  }

  /** Effects that are open, those that came lately, and those that were settled lately: an old one may be sent again and be done at once. */
  sent(): readonly Sent[] {
    const columns = 'reference, operation, key, state, sent_at AS sentAt'
    const settled = `settled_at > ${Date.now() - 60_000}`
    const lately = `id > (SELECT coalesce(max(id), 0) - 300 FROM effects) OR ${settled}`
    return this.rows(`SELECT ${columns} FROM effects WHERE sent_at IS NOT NULL AND (open IS NOT NULL OR ${lately})`)
  }

  /** Of which approvals the newest receipts are. */
  received(): ReadonlySet<string> {
    const rows = this.rows<{ subject: string }>('SELECT subject FROM receipts ORDER BY id DESC LIMIT 2000')
    return new Set(rows.map(({ subject }) => subject))
  }

  /** Process id of the hub that worked on this file last. */
  owner(): number {
    const owners = new DataFile(this.folder, join(this.folder, 'owner.db'))
    return owners.rows<{ pid: number }>('SELECT pid FROM owner')[0]?.pid ?? 0
  }

  /** A copy in `folder`, with everything its log holds: also what a hub that stands still has not made visible yet. */
  copyTo(folder: string): DataFile {
    const copy = join(folder, 'copy.db')
    for (const end of ['', '-wal', '-shm']) rmSync(`${copy}${end}`, { force: true })
    for (const end of ['', '-wal'])
      if (existsSync(`${this.file}${end}`)) copyFileSync(`${this.file}${end}`, `${copy}${end}`)
    return new DataFile(folder, copy)
  }

  rows<Row>(sql: string): Row[] {
    if (!existsSync(this.file)) return []
    const database = new DatabaseSync(this.file, { readOnly: true, timeout: 1_000 })
    try {
      return database.prepare(sql).all() as Row[]
    } finally {
      database.close()
    }
  }
}
