import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anEvent } from '../log/suite.ts'
import { startCluster, type Cluster } from './fixtures/cluster.ts'
import { missing, withoutBroker } from './fixtures/jars.ts'
import { openSetting } from './fixtures/setting.ts'

const topic = 'approval.payment.approved.v1'

describe.skipIf(missing !== '')(`three brokers${withoutBroker}`, () => {
  let cluster: Cluster
  beforeAll(async () => void (cluster = await startCluster(3)), 180_000)
  afterAll(() => cluster.close())

  test('with one gone, what was acknowledged is there and work goes on', async () => {
    const replicated = { replication: 3, config: { 'min.insync.replicas': '2' } }
    const setting = await openSetting({ brokers: cluster.addresses, requestTimeout: 5_000 }, { [topic]: 3 }, replicated)
    const { log, store } = setting
    const seen = new Set<number>()
    const subscription = await log.subscribe('intake', [topic], async ({ records, moved }) => {
      for (const { time } of records) seen.add(time)
      await store.commit([moved])
    })
    const insist = async (number: number): Promise<void> => {
      await log.append([anEvent(number, topic, `key-${number}`)]).catch(() => insist(number))
    }
    for (let number = 1; number <= 60; number++) {
      if (number === 20) await cluster.brokers[1]?.kill()
      await insist(number)
    }
    await expect.poll(() => seen.size, { timeout: 30_000 }).toBe(60)
    await subscription.close()
    await setting.close()
  }, 90_000)
})
