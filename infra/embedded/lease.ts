import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite, { type Database } from 'better-sqlite3'
import { HubError } from '@shuniu/contracts'

/** The data folder is held by this process until it ends; the kernel frees it when the process dies. */
export interface Lease {
  /** Number of this start; larger than that of every start before. */
  readonly epoch: number
  /** Number of the last start that had also been written into the data file: the file may not be older. */
  readonly entered: number
  /** Says that the data file now carries `epoch`. */
  enter(epoch: number): void
  release(): void
}

/**
 * Takes the folder as a whole: an exclusive lock on a small database beside the data. A second hub is refused at once.
 * The epoch is raised here first, then in the data file, then noted here as entered: a start that dies in between is
 * told from a data file that was rolled back.
 */
export function takeLease(folder: string): Lease {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const database = new Sqlite(join(folder, 'owner.db'), { timeout: 0 })
  try {
    const { epoch, entered } = raiseEpoch(database)
    return {
      epoch,
      entered,
      enter: (now) => void database.prepare('UPDATE owner SET epoch = ?, entered = ? WHERE id = 1').run(now, now),
      release: () => void database.close(),
    }
  } catch (error) {
    database.close()
    if (isBusy(error)) throw new HubError('store.owned', { folder }, { cause: error })
    throw error
  }
}

function raiseEpoch(database: Database): { epoch: number; entered: number } {
  // In this mode the lock taken by the first write is kept after its commit, until the connection closes.
  database.pragma('locking_mode = EXCLUSIVE')
  return database
    .transaction(() => {
      database.exec(
        'CREATE TABLE IF NOT EXISTS owner (id INTEGER PRIMARY KEY, epoch INTEGER, entered INTEGER, pid INTEGER)',
      )
      database.exec('INSERT OR IGNORE INTO owner (id, epoch, entered) VALUES (1, 0, 0)')
      database.prepare('UPDATE owner SET epoch = epoch + 1, pid = ? WHERE id = 1').run(process.pid)
      const select = database.prepare<[], { epoch: number; entered: number }>('SELECT epoch, entered FROM owner')
      return select.get() ?? { epoch: 1, entered: 0 }
    })
    .immediate()
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}
