import { HubError } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import { SimulatedClock } from '@shuniu/infra/time'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lookAt } from './health.ts'
import { at, openTestHub, payment, reference, type TestHub } from './test-hub/index.ts'
import { openServer } from './test-hub/server.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await openTestHub()
  const { rows } = hub
  for (const [at_, state] of ['received', 'published', 'published', 'skipped', 'parked'].entries()) {
    await rows.receipt({ subject: `r-${at_}`, state, reason: state === 'parked' ? 'poison' : null })
  }
  const { position } = await rows.event('approval.payment.approved', payment('1'), { time: '2026-11-22T01:00:00Z' })
  const doubtful = await rows.run({ key: 'w', event: position, state: 'waiting', reason: 'in doubt' })
  await rows.effect({ run: doubtful, key: 'w', reference: reference('1'), state: 'in doubt', settled_at: null })
  for (const [at_, state] of ['queued', 'done', 'done', 'done', 'skipped', 'parked', 'parked'].entries()) {
    const reason = state === 'parked' ? 'unmapped' : null
    const more = state === 'parked' ? { detail: packValue({ message: { en: 'x', zh: 'x' } }) } : {}
    await rows.run({ key: `k-${at_}`, event: position, state, reason, ...more })
  }
})
afterAll(() => hub.close())

describe('conservation', () => {
  const receipts = { accepted: 5, published: 2, skipped: 1, parked: 1, inFlight: 1, gap: 0 }
  const deliveries = { accepted: 8, done: 3, skipped: 1, parked: 2, inFlight: 2, gap: 0 }

  test('both identities hold, from totals and open rows', async () => {
    expect((await hub.get('/api/v1/conservation')).json).toEqual({ receipts, deliveries })
  })

  test('a recount of every row says the same', async () => {
    const { json } = await hub.get('/api/v1/conservation?recount=true')
    expect(json.recounted).toEqual({ receipts, deliveries })
  })

  test('a receipt that vanished shows as a gap, in the answer and in the metric', async () => {
    await hub.rows.commit([{ count: 'receipts.accepted', by: 1 }])
    expect((await hub.get('/api/v1/conservation?recount=true')).json).toMatchObject({
      receipts: { gap: 1 },
      recounted: { receipts: { accepted: 5, gap: 0 } },
    })
    expect((await hub.get('/metrics')).text).toContain('shuniu_conservation_gap{stage="receipts"} 1')
    await hub.rows.commit([{ count: 'receipts.accepted', by: -1 }])
  })
})

describe('metrics', () => {
  test('are set from rows at each scrape, under the promised names', async () => {
    const { text, headers } = await hub.get('/metrics', { headers: { accept: 'application/openmetrics-text' } })
    expect(headers['content-type']).toContain('application/openmetrics-text')
    const lines = text.split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'shuniu_runs{state="queued"} 1',
        'shuniu_runs{state="waiting"} 1',
        'shuniu_runs{state="parked"} 2',
        'shuniu_runs{state="running"} 0',
        'shuniu_parked{reason="unmapped"} 2',
        'shuniu_parked{reason="poison"} 1',
        'shuniu_effects_in_doubt 1',
        'shuniu_conservation_gap{stage="receipts"} 0',
        'shuniu_conservation_gap{stage="deliveries"} 0',
        'shuniu_flow_oldest_unfinished_seconds{flow="payment-to-voucher"} 3600',
        'shuniu_quota_remaining_ratio{connection="kingdee-main"} 0.75',
        'shuniu_breaker_open{connection="kingdee-main"} 0',
        'shuniu_build_info{version="0.1.0"} 1',
      ]),
    )
  })

  test('of several processes one tells what is counted from the rows of all, so that a sum is right', async () => {
    const { status } = hub.behind
    hub.behind.status = { ...status, partitions: [7, 9] }
    const { text } = await hub.get('/metrics')
    expect(text).not.toMatch(/^shuniu_(runs|parked|flow_oldest_unfinished_seconds|conservation_gap)\{/m)
    expect(text).toContain('shuniu_effects_in_doubt 0\n')
    expect(text).toContain('shuniu_breaker_open{connection="kingdee-main"} 0\n')
    hub.behind.status = { ...status, partitions: [0, 9] }
    expect((await hub.get('/metrics')).text).toContain('shuniu_effects_in_doubt 1\n')
    hub.behind.status = status
  })

  test('a reason that nothing is parked for any more goes away', async () => {
    const where = { reason: 'poison' }
    await hub.rows.commit([{ update: 'receipts', where, set: { state: 'skipped' } }])
    expect((await hub.get('/metrics')).text).not.toContain('reason="poison"')
    await hub.rows.commit([{ update: 'receipts', where, set: { state: 'parked' } }])
  })
})

describe('health', () => {
  test('the process says that it lives, whatever else', async () => {
    expect((await hub.get('/livez')).text).toBe('ok')
  })

  test('readiness says yes or no, and only on demand what is missing', async () => {
    expect((await hub.get('/readyz')).json).toEqual({ ready: true })
    hub.behind.status = { ...hub.behind.status, notReady: ['disk'] }
    const bare = await hub.get('/readyz')
    expect([bare.status, bare.text.includes('disk')]).toEqual([503, false])
    const verbose = await hub.get('/readyz?verbose')
    const checks = [
      { name: 'disk', ok: false },
      { name: 'store', ok: true },
    ]
    expect([verbose.status, verbose.json]).toEqual([503, { ready: false, notReady: ['disk'], checks }])
    hub.behind.status = { ...hub.behind.status, notReady: [], partitions: [3, 7] }
    expect((await hub.get('/readyz?verbose')).json).toMatchObject({ ready: true, partitions: [3, 7] })
    hub.behind.status = { ...hub.behind.status, notReady: [] }
  })

  test('a start that still takes up what an earlier life left is told apart from one that is over', async () => {
    const { status } = hub.behind
    hub.behind.status = { ...status, notReady: ['starting'] }
    expect((await hub.get('/startupz')).status).toBe(503)
    hub.behind.status = { ...status, notReady: ['closing'] }
    expect((await hub.get('/startupz')).text).toBe('ok')
    hub.behind.status = status
  })

  test('what it stands on is asked as well, and one that does not answer counts as gone', async () => {
    const clock = new SimulatedClock(0)
    const dependencies = {
      broker: () => Promise.reject(new Error('refused')),
      registry: () => new Promise<void>(() => undefined),
    }
    const asked = lookAt({ ...hub.ports, clock, dependencies })
    await clock.advance(2_000)
    const { ready, checks } = await asked
    expect([ready, checks]).toEqual([
      false,
      [
        { name: 'hub', ok: true },
        { name: 'store', ok: true },
        { name: 'broker', ok: false, because: 'refused' },
        { name: 'registry', ok: false, because: 'no answer within 2000 ms' },
      ],
    ])
  })

  test('a store that can be read but not written is not ready, and is again when it can', async () => {
    let isFull = true
    const { store } = hub.ports
    const full = (): Promise<never> => Promise.reject(new HubError('store.full'))
    const commit: typeof store.commit = (changes) => (isFull ? full() : store.commit(changes))
    const other = await openServer({ ...hub.ports, store: { ...store, commit } })
    expect((await other.get('/readyz')).status).toBe(503)
    expect((await other.get('/readyz?verbose')).json).toMatchObject({ ready: false, notReady: ['store'] })
    isFull = false
    expect((await other.get('/readyz')).json).toEqual({ ready: true })
    await other.close()
  })

  test('the status page shows how fresh everything is', async () => {
    const { json } = await hub.get('/api/v1/status')
    expect(json).toMatchObject({
      version: '0.1.0',
      epoch: 1,
      resync: true,
      startedAt: '2026-11-22T00:00:00.000Z',
      open: { receipts: 1, runs: 2, parked: 3, inDoubt: 1 },
      oldestUnfinishedSeconds: 3600,
    })
    expect(json.connections[0]).toMatchObject({ name: 'kingdee-main', breaker: 'closed' })
  })
})

describe('the audit log', () => {
  test('lists who decided what, the newest first', async () => {
    const line = { actor: 'a', action: 'x', target: 't', reason: 'r', detail: '', previous: '', hash: 'h' }
    await hub.rows.commit([
      { insert: 'audit', row: { ...line, at: at('2026-11-22T01:00:00Z') } },
      { insert: 'audit', row: { ...line, at: at('2026-11-22T01:00:01Z'), detail: 'd', previous: 'h', hash: 'i' } },
    ])
    const { items } = (await hub.get('/api/v1/audit')).json
    expect(items).toMatchObject([
      { at: '2026-11-22T01:00:01.000Z', detail: 'd', previous: 'h', hash: 'i' },
      { at: '2026-11-22T01:00:00.000Z', hash: 'h' },
    ])
  })
})
