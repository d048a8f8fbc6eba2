import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded } from '../embedded/index.ts'
import { openEmbeddedStore } from '../store/index.ts'
import { realClock } from '../time/index.ts'
import { openEmbeddedLog } from './embedded.ts'
import { eventLogSuite } from './suite.ts'

eventLogSuite(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-log-'))
  const embedded = await openEmbedded({ folder })
  return {
    log: openEmbeddedLog(embedded, realClock),
    store: openEmbeddedStore(embedded),
    async close() {
      await embedded.close()
      rmSync(folder, { recursive: true })
    },
  }
})
