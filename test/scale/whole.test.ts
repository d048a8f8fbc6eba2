import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { onPostgres } from '@shuniu/infra/postgres/fixtures'
import { pause } from '../processes/pause.ts'
import { live, vouchers } from '../scenarios/seen.ts'
import { ScaleRig } from './rig.ts'
import { Servers } from './servers.ts'

vi.setConfig({ testTimeout: 180_000 })

const { isMissing, suite } = onPostgres(`a hub on PostgreSQL and Kafka${withoutBroker}`)
const patience = { timeout: 120_000, interval: 200 }
const approvals = 40

describe.skipIf(isMissing || missing !== '')(suite, () => {
  let servers: Servers
  beforeAll(async () => void (servers = await Servers.start()), 300_000)
  afterAll(() => servers.stop())

  /** People approve, while `meanwhile` goes on; then everything has to be in the books, once, and told of. */
  async function posted(rig: ScaleRig, meanwhile: () => Promise<void>): Promise<void> {
    await rig.start()
    const approving = (async () => {
      for (let given = 0; given < approvals; given++) await Promise.all([rig.approve(), pause(150)])
    })()
    await Promise.all([approving, meanwhile()])
    await expect.poll(() => rig.runs(), patience).toEqual({ done: approvals })
    expect([live(rig.systems).length, vouchers(rig.systems).length]).toEqual([approvals, approvals])
    await expect.poll(() => rig.rows.tally('outbox', 'state'), patience).toEqual({ sent: 2 * approvals })
    const created = await rig.eventsOn('finance.voucher.created')
    expect(new Set(created.map(({ id }) => id)).size).toBe(approvals)
    expect(new Set(created.map(({ key }) => key)).size).toBe(approvals)
    expect(await rig.rows.select('effects', { open: { not: null } })).toEqual([])
  }

  test('approvals become vouchers, and each is told on its topic once', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await posted(rig, async () => undefined)
    expect(await rig.eventsOn('finance.voucher.created')).toHaveLength(approvals)
  })

  test('kill -9 of the hub at any moment: nothing is lost, nothing doubled', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await posted(rig, async () => {
      for (let kill = 0; kill < 6; kill++) {
        await pause(200 + Math.random() * 1_300)
        await rig.hub?.end('SIGKILL')
        await rig.start()
      }
    })
  })

  test('a crash of PostgreSQL: the same hub goes on when it is back', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await posted(rig, async () => {
      for (const down of [500, 3_000]) {
        await pause(1_000)
        await servers.postgres.crash()
        await pause(down)
        await servers.postgres.start()
      }
    })
    expect(rig.hub?.isGone).toBe(false)
  })

  test('a PostgreSQL that stands still for longer than a lease: nothing is sent meanwhile that could be doubled', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await posted(rig, async () => {
      await pause(1_500)
      servers.postgres.freeze()
      await pause(12_000)
      servers.postgres.thaw()
    })
    expect(rig.hub?.isGone).toBe(false)
  })

  test('a crash of the broker: what is received meanwhile is posted and told when it is back', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await posted(rig, async () => {
      await pause(1_500)
      await servers.broker.kill()
      const began = Date.now()
      // Figures do not wait for a log that is away.
      expect((await fetch(`${rig.hub?.url}/metrics`)).status).toBe(200)
      expect(Date.now() - began).toBeLessThan(4_000)
      await pause(3_000)
      await servers.broker.start()
    })
    expect(rig.hub?.isGone).toBe(false)
  })
  test('of three hubs side by side one is killed: the others take over what it was doing', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await posted(rig, async () => {
      const [first, second] = [await rig.another(), await rig.another()]
      await pause(2_000)
      await first.end('SIGKILL')
      await pause(1_500)
      expect(second.isGone).toBe(false)
    })
  })
})
