import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded } from '../embedded/index.ts'
import { openEmbeddedStore } from '../store/sqlite.ts'
import { ownEverything } from './everything.ts'
import { ownershipSuite } from './suite.ts'

ownershipSuite(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-leases-'))
  const embedded = await openEmbedded({ folder, flushOn: 'main' })
  return {
    store: openEmbeddedStore(embedded),
    open: async () => ownEverything(),
    async close() {
      await embedded.close()
      rmSync(folder, { recursive: true })
    },
  }
})
