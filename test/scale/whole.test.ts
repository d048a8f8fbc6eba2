import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { onPostgres } from '@shuniu/infra/postgres/fixtures'
import { live, vouchers } from '../scenarios/seen.ts'
import { ScaleRig } from './rig.ts'
import { Servers } from './servers.ts'

vi.setConfig({ testTimeout: 120_000 })

const { isMissing, suite } = onPostgres(`a hub on PostgreSQL and Kafka${withoutBroker}`)
const patience = { timeout: 90_000, interval: 200 }

describe.skipIf(isMissing || missing !== '')(suite, () => {
  let servers: Servers
  beforeAll(async () => void (servers = await Servers.start()), 300_000)
  afterAll(() => servers.stop())

  test('40 approvals become 40 vouchers, and each is told on its topic once', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await rig.start()
    await Promise.all(Array.from({ length: 40 }, () => rig.approve()))
    await expect.poll(() => rig.runs(), patience).toEqual({ done: 40 })
    expect([live(rig.systems).length, vouchers(rig.systems).length]).toEqual([40, 40])
    await expect.poll(() => rig.rows.tally('outbox', 'state'), patience).toEqual({ sent: 80 })
    const created = await rig.eventsOn('finance.voucher.created')
    expect(created).toHaveLength(40)
    expect(new Set(created.map(({ id }) => id)).size).toBe(40)
  })
})
