import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openEmbedded, type Embedded, type EmbeddedOptions } from '../embedded/index.ts'
import { Writer } from '../embedded/writer.ts'
import type { Settled } from './committer.ts'
import type { CommitOutcome, Store } from './port.ts'
import { openEmbeddedStore } from './sqlite.ts'
import { aRun, storeSuite } from './suite.ts'

async function temporary(options: Partial<EmbeddedOptions> = {}): Promise<{ folder: string; embedded: Embedded }> {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-store-'))
  return { folder, embedded: await openEmbedded({ folder, ...options }) }
}

function outcomeOf([one]: readonly Settled[]): CommitOutcome {
  if (!one || 'error' in one) throw new Error('the commit failed')
  return one.outcome
}

describe.each(['main', 'worker'] as const)('waiting for the disk on the %s thread', (flushOn) => {
  storeSuite(async () => {
    const { folder, embedded } = await temporary({ flushOn })
    const store = openEmbeddedStore(embedded)
    let { epoch } = embedded
    const besides = (): Store => {
      const writer = new Writer(new Sqlite(join(folder, 'shuniu.db')), epoch)
      return openEmbeddedStore({ ...embedded, epoch, commit: async (changes) => outcomeOf(writer.flush([changes])) })
    }
    return {
      store,
      appended: async () =>
        (await store.select('events', {})).map(({ event_id, topic, key, time, attributes, data }) => ({
          eventId: Uint8Array.from(event_id),
          topic,
          key,
          time,
          attributes,
          data: Uint8Array.from(data),
        })),
      // The folder's lease keeps a second hub out, so a later start is played by raising the epoch in the file.
      async reopen() {
        epoch++
        const file = new Sqlite(join(folder, 'shuniu.db'))
        file.prepare("UPDATE meta SET value = ? WHERE name = 'epoch'").run(String(epoch))
        file.close()
        return besides()
      },
      // Nothing to hold back: a file has one writer at a time, and the second begins when the first is done.
      race: async (first, second) => [await store.commit(first), await besides().commit(second)],
      async close() {
        await embedded.close()
        rmSync(folder, { recursive: true })
      },
    }
  })
})

describe('the embedded file', () => {
  test('a second hub on the folder is refused at once, and may start when the first has closed', async () => {
    const { folder, embedded } = await temporary()
    await expect(openEmbedded({ folder })).rejects.toMatchObject({ code: 'store.owned' })
    await embedded.close()
    const next = await openEmbedded({ folder })
    expect([next.epoch, next.resync]).toEqual([embedded.epoch + 1, false])
    await next.close()
  })

  test('a start on a backup is in resync mode', async () => {
    const { folder, embedded } = await temporary()
    await openEmbeddedStore(embedded).commit([aRun()])
    const copy = mkdtempSync(join(tmpdir(), 'shuniu-copy-'))
    await embedded.backup(join(copy, 'shuniu.db'))
    await embedded.close()
    const restored = await openEmbedded({ folder: copy })
    expect(restored.resync).toBe(true)
    expect(await openEmbeddedStore(restored).select('runs', {})).toHaveLength(1)
    await restored.close()
    rmSync(folder, { recursive: true })
  })

  test('a data file older than what its folder has seen starts in resync mode', async () => {
    const { folder, embedded } = await temporary()
    await embedded.close()
    const older = new Sqlite(join(folder, 'shuniu.db'))
    const next = await (older.close(), openEmbedded({ folder }))
    await next.close()
    const file = new Sqlite(join(folder, 'shuniu.db'))
    file.prepare("UPDATE meta SET value = '1' WHERE name = 'epoch'").run()
    file.close()
    const rolledBack = await openEmbedded({ folder })
    expect(rolledBack.resync).toBe(true)
    await rolledBack.close()
  })
})
