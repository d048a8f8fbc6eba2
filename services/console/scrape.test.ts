import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ConnectionStatus, FlowStatus } from './ports.ts'
import { forecastShare } from './quota.ts'
import { openTestHub, payment, type TestHub } from './test-hub/index.ts'

let hub: TestHub
beforeAll(async () => void (hub = await openTestHub()))
afterAll(() => hub.close())

const many = 10_000
const operations = ['token', 'voucher.save', 'voucher.find', 'period.get', 'approval.get']

const connection = (at: number): ConnectionStatus => ({
  name: `company-${at}`,
  connector: 'kingdee',
  breaker: at === many - 1 ? 'open' : 'closed',
  underWay: 1,
  waiting: 2,
  usedThisMonth: at,
  perMonth: many,
  lag: at * 1000,
})

const flowOf = (at: number): FlowStatus => ({
  name: `flow-${at}`,
  version: 'v',
  on: 'approval.payment.approved',
  active: true,
  from: 0,
  short: false,
})

/** A hub of ten thousand companies, each with a connection and a flow of its own, and a run that is open. */
async function crowd(): Promise<void> {
  const all = Array.from({ length: many }, (_, at) => at)
  hub.behind.status = { ...hub.behind.status, connections: all.map(connection), flows: all.map(flowOf) }
  const { position } = await hub.rows.event('approval.payment.approved', payment('crowd'), {
    time: '2026-11-22T01:00:00Z',
  })
  await Promise.all(
    all.map((at) => hub.rows.run({ key: `${at}`, event: position, state: 'queued', flow: `flow-${at}` })),
  )
  const { metrics } = hub.ports
  for (const at of all) {
    metrics.hookSeconds.of(`company-${at}`).observe(0.01)
    for (const operation of operations) {
      for (const word of ['ok', 'transient', 'throttled']) {
        metrics.vendorRequests.of(`company-${at}`, operation, word).add()
        metrics.effects.of(`company-${at}`, operation, word).add()
      }
      metrics.vendorSeconds.of(`company-${at}`, operation).observe(0.2)
    }
  }
}

async function scrape(): Promise<{ series: number; ms: number; text: string }> {
  const began = process.threadCpuUsage()
  const text = await hub.ports.metrics.text()
  const { user, system } = process.threadCpuUsage(began)
  const ms = (user + system) / 1000
  return { series: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length, ms, text }
}

test(
  'ten thousand connections and flows are at most 20,000 series and 100 ms a scrape',
  { timeout: 60_000 },
  async () => {
    await crowd()
    const scrapes = []
    for (let turn = 0; turn < 5; turn++) scrapes.push(await scrape())
    const text = scrapes.at(-1)?.text ?? ''
    expect(Math.max(...scrapes.map(({ series }) => series))).toBeLessThanOrEqual(20_000)
    // Of the processor, and the quickest of five: what the scrape costs, not what else the machine does.
    expect(Math.min(...scrapes.map(({ ms }) => ms))).toBeLessThanOrEqual(100)
    expect(text).toContain(
      `shuniu_vendor_requests_total{connection="_other",operation="token",class="ok"} ${many - 100}\n`,
    )
    expect(text).toContain('shuniu_breaker_open{connection="_other"} 1\n')
    expect(text).toContain(`shuniu_source_lag_seconds{connection="_other"} ${many - 1}\n`)
    expect(text).toContain('shuniu_vendor_calls{connection="_other",state="waiting"} 19800\n')
    expect(text).toContain('shuniu_flow_oldest_unfinished_seconds{flow="_other"} 3600\n')
  },
)

test('the forecast of a month is its pace so far, and its first day counts whole', () => {
  const half = Date.parse('2026-11-16T00:00:00+08:00')
  expect(forecastShare(half, 500, 1000)).toBe(1)
  expect(forecastShare(Date.parse('2026-11-01T01:00:00+08:00'), 10, 1000)).toBeCloseTo(0.3)
})
