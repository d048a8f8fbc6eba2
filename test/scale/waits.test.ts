import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { onPostgres } from '@shuniu/infra/postgres/fixtures'
import { dayOf, vouchers } from '../scenarios/seen.ts'
import { ScaleRig } from './rig.ts'
import { Servers } from './servers.ts'

vi.setConfig({ testTimeout: 120_000 })

const { isMissing, suite } = onPostgres(`what a hub waits for${withoutBroker}`)
const patience = { timeout: 60_000, interval: 200 }

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function bookedOn({ systems }: ScaleRig): string {
  const [voucher] = vouchers(systems)
  if (!voucher) throw new Error('nothing was booked')
  return dayOf(voucher)
}

describe.skipIf(isMissing || missing !== '')(suite, () => {
  let servers: Servers
  beforeAll(async () => void (servers = await Servers.start()), 300_000)
  afterAll(() => servers.stop())

  /** What a probe is told: its status, and why the hub is not ready. */
  async function probed(port: number): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz?verbose`)
    const { notReady } = (await answer.json()) as { notReady?: unknown }
    return [answer.status, notReady]
  }

  test('its tables, then its topics: it says so, takes nothing, and goes on by itself', async (context) => {
    const rig = await ScaleRig.for(context, servers, { without: ['tables', 'topics'] })
    const port = await freePort()
    const starting = rig.launch(port)
    await expect.poll(() => probed(port), patience).toEqual([503, ['store.older']])
    const at = (path: string): string => `http://127.0.0.1:${port}${path}`
    expect((await fetch(at('/livez'))).status).toBe(200)
    const push = await fetch(at('/hooks/dingtalk-main/callback'), { method: 'POST', body: '{}' })
    expect([push.status, push.headers.get('retry-after')]).toEqual([503, '5'])
    await rig.command('migrate')
    await expect.poll(() => probed(port), patience).toEqual([503, ['log.topics-missing']])
    await rig.command('topics', 'apply')
    await starting
    expect(await probed(port)).toEqual([200, []])
    await rig.approve()
    await expect.poll(() => rig.runs(), patience).toEqual({ done: 1 })
  })

  test('tables of a newer release: it does not end, and goes on when they are its own again', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await rig.tell("UPDATE meta SET value = '99' WHERE name IN ('schema', 'schema.from')")
    const port = await freePort()
    const starting = rig.launch(port)
    await expect.poll(() => probed(port), patience).toEqual([503, ['store.newer']])
    await rig.tell("UPDATE meta SET value = '2' WHERE name IN ('schema', 'schema.from')")
    expect((await starting).isGone).toBe(false)
  })

  test('a database and a cluster that are away at its start', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await Promise.all([servers.postgres.crash(), servers.broker.kill()])
    const port = await freePort()
    const starting = rig.launch(port)
    await expect.poll(() => probed(port), patience).toEqual([503, ['store.unreachable']])
    await servers.postgres.start()
    await expect.poll(() => probed(port), patience).toEqual([503, ['log.unreachable']])
    await servers.broker.start()
    await starting
    expect(await probed(port)).toEqual([200, []])
  })

  test('a running hub without its database takes nothing, says so, and goes on when it is back', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    const { url } = await rig.start()
    await servers.postgres.crash()
    const ready = async (): Promise<number> => (await fetch(`${url}/readyz`)).status
    await expect.poll(ready, patience).toBe(503)
    expect((await fetch(`${url}/livez`)).status).toBe(200)
    await servers.postgres.start()
    await expect.poll(ready, patience).toBe(200)
    await rig.approve()
    await expect.poll(() => rig.runs(), patience).toEqual({ done: 1 })
  })

  test('the commands tell of it as ever', async (context) => {
    const rig = await ScaleRig.for(context, servers)
    await rig.start()
    const { number } = await rig.approve()
    await expect.poll(() => rig.runs(), patience).toEqual({ done: 1 })
    expect(await rig.command('runs')).toMatchObject({ items: [{ state: 'done' }] })
    expect(await rig.command('effects')).toMatchObject({ items: [{ state: 'confirmed' }, { state: 'confirmed' }] })
    expect(JSON.stringify(await rig.command('trace', number))).toContain('finance.voucher.created')
    const [period = ''] = /^\d{4}-\d{2}/.exec(bookedOn(rig)) ?? []
    expect(await rig.command('reconcile', '--period', period)).toMatchObject({ vouchers: 1, findings: [] })
    expect(await rig.command('replay', '--flow', 'payment-to-voucher')).toMatchObject({ events: 1 })
  })
})
