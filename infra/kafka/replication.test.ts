import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { anEvent } from '../log/suite.ts'
import { startCluster, type Cluster } from './fixtures/cluster.ts'
import { missing, withoutBroker } from './fixtures/jars.ts'
import { openSetting, type Setting } from './fixtures/setting.ts'

const topic = 'approval.payment.approved.v1'

describe.skipIf(missing !== '')(`three brokers${withoutBroker}`, () => {
  let cluster: Cluster
  let setting: Setting
  let seen: number[]
  let close: () => Promise<void>
  beforeAll(async () => void (cluster = await startCluster(3)), 180_000)
  afterAll(() => cluster.close())
  beforeEach(async () => {
    const replicated = { replication: 3, config: { 'min.insync.replicas': '2' } }
    setting = await openSetting(
      { brokers: cluster.addresses, requestTimeout: 5_000, sendRetries: 1 },
      { [topic]: 3 },
      replicated,
    )
    seen = []
    const subscription = await setting.log.subscribe('intake', [topic], async ({ records, moved }) => {
      seen.push(...records.map(({ time }) => time))
      await setting.store.commit([moved])
    })
    close = () => subscription.close()
  })
  afterEach(async () => {
    await close()
    await setting.close()
  })

  const append = (number: number): Promise<void> => setting.log.append([anEvent(number, topic, `key-${number}`)])
  const insist = async (number: number): Promise<void> => append(number).catch(() => insist(number))
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1)
  const inOrder = (): number[] => seen.toSorted((a, b) => a - b)

  test('with one gone, what was acknowledged is there and work goes on', async () => {
    for (const number of numbers(60)) {
      if (number === 20) await cluster.brokers[1]?.kill()
      await insist(number)
    }
    await expect.poll(() => new Set(seen).size, { timeout: 30_000 }).toBe(60)
    await cluster.brokers[1]?.start()
  }, 90_000)

  test('when the coordinator of its group moves, a reader goes on, and every record is taken once', async () => {
    await append(1)
    await expect.poll(inOrder, { timeout: 20_000 }).toEqual([1])
    const coordinator = await coordinatorOf(`${setting.prefix}intake`)
    const broker = cluster.brokers[coordinator - 1]
    await broker?.kill()
    for (const number of numbers(20).slice(1)) await insist(number)
    // A repeat of a send is known by its id and stands beside its first.
    await expect.poll(inOrder, { timeout: 40_000 }).toEqual(numbers(20))
    expect(await coordinatorOf(`${setting.prefix}intake`)).not.toBe(coordinator)
    await broker?.start()
  }, 120_000)

  test('with two gone nothing is acknowledged that one disk alone would hold, and work goes on when one is back', async () => {
    await append(1)
    const [, second, third] = cluster.brokers
    await Promise.all([second?.kill(), third?.kill()])
    await expect(append(2)).rejects.toThrow()
    await second?.start()
    await third?.start()
    await insist(2)
    await insist(3)
    await expect.poll(() => [...new Set(inOrder())], { timeout: 40_000 }).toEqual([1, 2, 3])
  }, 120_000)

  /** The leader of the partition of `__consumer_offsets` that the group's name falls into, as Java computes it. */
  async function coordinatorOf(group: string): Promise<number> {
    const hash = [...group].reduce((sum, sign) => (Math.imul(sum, 31) + sign.charCodeAt(0)) | 0, 0)
    const admin = new Kafka({ brokers: [...cluster.addresses], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    const { topics } = await admin
      .fetchTopicMetadata({ topics: ['__consumer_offsets'] })
      .finally(() => admin.disconnect())
    const partitions = topics[0]?.partitions ?? []
    return partitions.find(({ partitionId }) => partitionId === (hash & 0x7fffffff) % partitions.length)?.leader ?? 0
  }
})
