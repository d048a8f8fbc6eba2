import { afterAll, beforeAll, expect, test } from 'vitest'
import { newest } from './page.ts'
import { openTestHub, type TestHub } from './test-hub/index.ts'

let hub: TestHub
// The first and last rows of stretches, and one far back.
const rare = [11, 2_000, 2_001, 7_000, 7_001, 12_000]
beforeAll(async () => {
  hub = await openTestHub()
  const row = { effect: 'e', at: 0, detail: '' }
  const rows = Array.from({ length: 12_000 }, (_, at) => ({ ...row, what: rare.includes(at + 1) ? 'rare' : 'common' }))
  await hub.rows.commit(rows.map((one) => ({ insert: 'traces', row: one })))
})
afterAll(() => hub.close())

test('a search without an index goes through the table in stretches and misses nothing', async () => {
  const page = await newest(hub.ports.store, 'traces', { what: 'rare' }, { limit: 10 }, false)
  expect(page.items.map(({ id }) => id)).toEqual(rare.toReversed())
  expect(page.next).toBeUndefined()
})

test('other work gets its turn while it searches', async () => {
  let turns = 0
  const search = newest(hub.ports.store, 'traces', { what: 'nothing' }, { limit: 10 }, false)
  setImmediate(() => turns++)
  await search
  expect(turns).toBe(1)
})

test('pages of such a search neither skip nor repeat', async () => {
  const seen: number[] = []
  for (let cursor: number | undefined; ;) {
    const page = await newest(hub.ports.store, 'traces', { what: 'common' }, { limit: 499, cursor }, false)
    seen.push(...page.items.map(({ id }) => id))
    if (page.next === undefined) break
    cursor = Number(page.next)
  }
  expect(seen.length).toBe(11_994)
  expect(new Set(seen).size).toBe(11_994)
})
