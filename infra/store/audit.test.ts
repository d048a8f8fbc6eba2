import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbedded, type Embedded } from '../embedded/index.ts'
import { SimulatedClock } from '../time/index.ts'
import { auditHash, commitAudited } from './audit.ts'
import type { Store } from './port.ts'
import { openEmbeddedStore } from './sqlite.ts'
import { aRun } from './suite.ts'

let folder: string
let embedded: Embedded
let store: Store
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shuniu-audit-'))
  embedded = await openEmbedded({ folder, flushOn: 'main' })
  store = openEmbeddedStore(embedded)
})
afterEach(async () => {
  await embedded.close()
  rmSync(folder, { recursive: true })
})

const decided = (target: string) => ({ actor: 'li', action: 'park drop', target, reason: 'looked at it' })
const clock = new SimulatedClock(0)

test('decisions of one moment make one chain, and each is written with what it changes', async () => {
  const decide = (at: number) => commitAudited({ store, clock }, decided(`run ${at}`), [aRun({ key_hash: at })])
  expect(await Promise.all([1, 2, 3, 4].map(decide))).toEqual(['done', 'done', 'done', 'done'])
  const lines = await store.select('audit', {}, { order: { by: 'id' } })
  expect(lines.map(({ previous }) => previous)).toEqual(['', ...lines.slice(0, -1).map(({ hash }) => hash)])
  expect(lines.filter((line) => line.hash !== auditHash(line))).toEqual([])
  expect(await store.select('runs', {})).toHaveLength(4)
})

test('what is refused leaves no line', async () => {
  const taken = { ...aRun(), ifAbsent: true }
  expect(await commitAudited({ store, clock }, decided('run 1'), [taken])).toBe('done')
  expect(await commitAudited({ store, clock }, decided('run 1'), [taken])).toBe('refused')
  expect(await store.select('audit', {})).toHaveLength(1)
})
