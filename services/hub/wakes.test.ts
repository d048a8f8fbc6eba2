import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore, type NewRow, type Store } from '@shuniu/infra/store'
import { openLog } from '@shuniu/infra/telemetry'
import { SimulatedClock } from '@shuniu/infra/time'
import { periodTag, tableTag } from '@shuniu/orchestrator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Wakes } from './wakes.ts'

const minute = 60_000
let folder: string
let embedded: Embedded
let store: Store
let clock: SimulatedClock
let wakes: Wakes
let woken: string[]
let events = 1
/** How often the target was asked, and what it says. */
let asked: number
let isOpen: boolean
let isWell: boolean

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shuniu-wakes-'))
  embedded = await openEmbedded({ folder })
  store = openEmbeddedStore(embedded)
  clock = new SimulatedClock(0)
  woken = []
  asked = 0
  isOpen = isWell = false
  const periods = {
    isOpen: async () => (asked++, isOpen),
    openDay: async () => undefined,
  }
  const what = { en: 'Log in', zh: '登录' }
  const check = async () => (asked++, [{ ok: isWell, what }])
  wakes = new Wakes({
    store,
    clock,
    report: openLog({ level: 'silent' }),
    tables: {
      shapes: [{ name: 'department', keys: ['id'], values: ['number'], dated: false }],
      rows: () => [{ keys: ['777'], values: { number: 'D1' }, from: undefined, to: undefined, line: 2, version: 'v' }],
    },
    connections: new Map([['ledger', { definition: { periods, check }, link: {} }]]),
    wakeRuns: async (tags) => void woken.push(...tags),
    wakeReceipts: async (connection) => void woken.push(`receipts ${connection}`),
  })
})
afterEach(async () => {
  await wakes.close()
  await embedded.close()
  rmSync(folder, { recursive: true, force: true })
})

const parked = (reason: string, waits_for: string | null): Promise<unknown> =>
  store.commit([{ insert: 'runs', row: runOf(reason, waits_for) }])

function runOf(reason: string, waits_for: string | null): NewRow<'runs'> {
  const row = {
    flow: 'pay',
    version: 'v',
    kind: 'flow',
    key: 'k',
    key_hash: 1,
    event: events++,
    revision: 1,
    source: 'office',
  }
  return { ...row, correlation: 'k', state: 'parked', reason, waits_for, attempts: 0, created_at: 0 }
}

describe('a run parked for', () => {
  test('a closed period is looked at when a check of its connection passes, and woken only when a day is open', async () => {
    const tag = periodTag('ledger', '001', '2026-11-22')
    await parked('period-closed', tag)
    await wakes.works('ledger')
    await wakes.works('other')
    expect([asked, woken]).toEqual([1, []])
    isOpen = true
    await wakes.works('ledger')
    expect([asked, woken]).toEqual([2, [tag]])
  })

  test('a closed period is asked for ever more rarely, and woken when some day is open', async () => {
    const tag = periodTag('ledger', '001', '2026-11-22')
    await parked('period-closed', tag)
    await wakes.start()
    await clock.advance(4 * minute)
    expect(asked).toBe(0)
    await clock.advance(6 * 60 * minute)
    // At 5, 10, 20, 40, 80 minutes, then every hour.
    expect(asked).toBe(9)
    expect(woken).toEqual([])
    isOpen = true
    await clock.advance(60 * minute)
    expect(woken).toEqual([tag])
  })

  test('its connection is woken when the check passes, or when somebody else has seen it pass', async () => {
    await parked('connection', 'connection:ledger')
    await wakes.look(true)
    expect([asked, woken]).toEqual([1, []])
    isWell = true
    await wakes.look(true)
    await wakes.works('ledger')
    await wakes.works('other')
    expect([asked, woken]).toEqual([2, ['connection:ledger', 'connection:ledger']])
  })

  test('a row that came while nobody ran is woken at the start, once', async () => {
    await parked('unmapped', tableTag('department', ['777']))
    await wakes.start()
    await clock.advance(60 * minute)
    expect(woken).toEqual([tableTag('department', ['777'])])
  })

  test('a connection that is gone, or for a person, is left alone', async () => {
    await parked('connection', 'connection:gone')
    await parked('human', null)
    isWell = isOpen = true
    await wakes.look(true)
    expect([asked, woken]).toEqual([0, []])
  })
})

test('a target that cannot be asked wakes nothing', async () => {
  await parked('period-closed', periodTag('ledger', '001', 'no day'))
  await parked('connection', 'connection:ledger')
  isWell = true
  const failing = new Wakes({
    store,
    clock,
    report: openLog({ level: 'silent' }),
    tables: { shapes: [], rows: () => [] },
    connections: new Map([['ledger', { definition: { check: () => Promise.reject(new Error('away')) }, link: {} }]]),
    wakeRuns: async (tags) => void woken.push(...tags),
    wakeReceipts: async () => undefined,
  })
  await failing.look(true)
  expect(woken).toEqual([])
})
