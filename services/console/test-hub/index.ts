import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded } from '@shuniu/infra/embedded'
import { openEmbeddedLog } from '@shuniu/infra/log'
import { openEmbeddedStore } from '@shuniu/infra/store'
import { SimulatedClock } from '@shuniu/infra/time'
import type { ConsolePorts } from '../ports.ts'
import { behind, portsOf, type Behind } from './ports.ts'
import { at, Rows } from './rows.ts'
import { openServer, type Server } from './server.ts'

export * from './rows.ts'
export { flow } from './ports.ts'

/** The API over a real store in a temporary folder, on a port of its own. */
export interface TestHub extends Server {
  readonly ports: ConsolePorts
  readonly rows: Rows
  readonly behind: Behind
}

export async function openTestHub(over: Partial<ConsolePorts> = {}): Promise<TestHub> {
  const folder = mkdtempSync(join(tmpdir(), 'shuniu-console-'))
  const clock = new SimulatedClock(at('2026-11-22T02:00:00Z'))
  const embedded = await openEmbedded({ folder, flushOn: 'main' })
  const store = openEmbeddedStore(embedded)
  const log = openEmbeddedLog(embedded, clock)
  const its = behind()
  const ports = { ...portsOf(store, log, clock, its), ...over }
  const server = await openServer(ports)
  const rows = new Rows(store, log)
  await rows.flow()
  return {
    ...server,
    ports,
    rows,
    behind: its,
    async close() {
      await server.close()
      await embedded.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
