import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore, type Store } from '@shuniu/infra/store'
import { SimulatedClock } from '@shuniu/infra/time'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { activeProject, applyProject } from './active-project.ts'

const folder = mkdtempSync(join(tmpdir(), 'shuniu-active-'))
const clock = new SimulatedClock(Date.parse('2026-11-22T00:00:00Z'))
const by = { actor: 'ann', reason: 'month end' }
const flow = (text: string): ReadonlyMap<string, string> => new Map([['flows/pay.yaml', text]])

let embedded: Embedded
let store: Store
beforeEach(async () => {
  embedded = await openEmbedded({ folder, flushOn: 'main' })
  store = openEmbeddedStore(embedded)
})
afterEach(async () => {
  await embedded.close()
  rmSync(folder, { recursive: true })
})

test('the last one applied is active, and who applied it stands in the audit log', async () => {
  expect(await activeProject(store)).toBeUndefined()
  await applyProject({ store, clock }, flow('one'), by)
  const second = await applyProject({ store, clock }, flow('two'), by)
  expect(await activeProject(store)).toEqual(second)
  expect([second.number, second.files.get('flows/pay.yaml'), second.actor]).toEqual([2, 'two', 'ann'])
  const audit = await store.select('audit', {}, { order: { by: 'id' } })
  expect(audit.map(({ action, reason, detail }) => [action, reason, detail])).toContainEqual([
    'apply',
    'month end',
    second.hash,
  ])
})

test('the same files again change nothing', async () => {
  const first = await applyProject({ store, clock }, flow('one'), by)
  expect(await applyProject({ store, clock }, flow('one'), { actor: 'bob', reason: '' })).toEqual(first)
  expect(await store.tally('projects', 'hash')).toEqual({ [first.hash]: 1 })
})
