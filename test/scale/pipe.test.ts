import { missing, withoutBroker } from '@shuniu/infra/kafka/fixtures'
import { onPostgres } from '@shuniu/infra/postgres/fixtures'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Pipe } from './pipe.ts'
import { Servers } from './servers.ts'

vi.setConfig({ testTimeout: 120_000 })

const { isMissing, suite } = onPostgres(`a flow that only computes and emits, on Kafka${withoutBroker}`)
const patience = { timeout: 60_000, interval: 100 }
const count = 2_000

describe.skipIf(isMissing || missing !== '')(suite, () => {
  let servers: Servers
  beforeAll(async () => void (servers = await Servers.start()), 300_000)
  afterAll(() => servers.stop())

  test('hands everything on once and in order, also when it is killed, and keeps no row but for what fails', async (context) => {
    const pipe = await Pipe.for(context, servers)
    for (let part = 0; part < 4; part++) {
      await pipe.start()
      await pipe.produce(count / 4)
      // In the middle of it, wherever that is.
      await new Promise((resolve) => setTimeout(resolve, part * 30))
      await pipe.kill()
    }
    await pipe.produce(1, { amount: '1' })
    const { url } = await pipe.start()
    await expect.poll(async () => new Set((await pipe.proposed()).map(({ id }) => id)).size, patience).toBe(count)
    await expect
      .poll(async () => (await conservation(url)).deliveries, patience)
      .toMatchObject({ done: count, parked: 1, gap: 0 })
    expect(await pipe.rows.tally('runs', 'state')).toEqual({ parked: 1 })
    expect(await pipe.rows.tally('outbox', 'state')).toEqual({})
    for (const [key, numbers] of await pipe.firsts())
      expect([key, numbers]).toEqual([key, numbers.toSorted((a, b) => a - b)])
  })
})

async function conservation(url: string): Promise<{ readonly deliveries: object }> {
  return (await (await fetch(`${url}/api/v1/conservation?recount=true`)).json()) as { deliveries: object }
}
