import { HubError } from '@shuniu/contracts'
import type { Database } from './driver.ts'
import { ask, inTransaction } from './transaction.ts'

/** What a server must have been told, or a commit that resolved may be gone, or a text cannot be kept. */
const needed = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', server_encoding: 'UTF8' } as const

/** Durability is checked, not assumed: refuses a server with other settings as `store.setting`. */
export async function checkSettings(database: Database): Promise<void> {
  const names = Object.keys(needed)
  const { rows } = await inTransaction(database, (session) =>
    ask(session, 'SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [names]),
  )
  const settings = new Map(rows.map(({ name, setting }) => [String(name), String(setting)]))
  for (const [setting, wanted] of Object.entries(needed)) {
    const value = settings.get(setting) ?? 'unknown'
    if (value !== wanted)
      throw new HubError('store.setting', { database: database.name, setting, value, needed: `${setting} = ${wanted}` })
  }
}
