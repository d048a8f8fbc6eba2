import type { Database } from 'better-sqlite3'
import { HubError } from '@shuniu/contracts'

/** A file that moved elsewhere is not worked on here any more, except by the same move. Throws `store.moved`. */
export function refuseMoved(database: Database, file: string, target?: string): void {
  const select = database.prepare<[], { value: string }>("SELECT value FROM meta WHERE name = 'moved'")
  const moved = select.get()?.value
  if (moved !== undefined && moved !== target) throw new HubError('store.moved', { file, target: moved })
}
