import { createServer, type Server } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore, type Store } from '@shuniu/infra/store'
import { openLog } from '@shuniu/infra/telemetry'
import { SimulatedClock } from '@shuniu/infra/time'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Notices } from './notices.ts'

let folder: string
let embedded: Embedded
let store: Store
let clock: SimulatedClock
let server: Server
let notices: Notices
/** What the webhook was sent, and what it answers. */
let heard: string[]
let status: number
let said: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shuniu-notices-'))
  embedded = await openEmbedded({ folder })
  store = openEmbeddedStore(embedded)
  clock = new SimulatedClock(0)
  heard = []
  said = []
  status = 204
  server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (chunk: string) => heard.push(chunk))
    request.on('end', () => response.writeHead(status).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const settings = { webhook: `http://127.0.0.1:${port}/notices` }
  const report = openLog({ level: 'warn', stream: { write: (line) => said.push(line) } })
  const ground = { store, clock, connections: new Map(), settings, report }
  notices = new Notices({ ...ground, language: 'zh' })
  notices.start()
})
afterEach(async () => {
  await notices.close()
  await embedded.close()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

async function park(): Promise<void> {
  const run = {
    flow: 'pay',
    version: 'v',
    kind: 'flow',
    key: 'k',
    key_hash: 1,
    event: 1,
    revision: 1,
    source: 'office',
  }
  const detail = JSON.stringify({ message: { en: 'No row.', zh: '没有该行。' } })
  const state = { state: 'parked', reason: 'unmapped', detail, number: '2026-7' }
  await store.commit([{ insert: 'runs', row: { ...run, ...state, correlation: 'k', attempts: 0, created_at: 0 } }])
}

/** What the hub said about notices that came to nothing. */
const failures = (): number => said.filter((line) => line.includes('notice.failed')).length

test('a parked run is told once, in the language of the project', async () => {
  await park()
  await clock.advance(5_000)
  await vi.waitFor(async () => expect((await store.get('runs', 1))?.noticed_at).toBe(5_000))
  await clock.advance(600_000)
  const text = '2026-7: unmapped. 没有该行。'
  expect(heard.map((one) => JSON.parse(one))).toEqual([
    { run: '1', flow: 'pay', number: '2026-7', reason: 'unmapped', text },
  ])
})

test('while nobody can be told, it is tried ever more rarely; then it is told', async () => {
  await park()
  status = 500
  for (const [times, gap] of [5_000, 10_000, 20_000, 40_000].entries()) {
    await clock.advance(gap - 1)
    expect(heard).toHaveLength(times)
    await clock.advance(1)
    await vi.waitFor(() => expect(failures()).toBe(times + 1))
  }
  status = 204
  await clock.advance(80_000)
  await vi.waitFor(async () => expect((await store.get('runs', 1))?.noticed_at).toBe(155_000))
  expect(new Set(heard).size).toBe(1)
})
