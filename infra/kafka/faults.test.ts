import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { anEvent } from '../log/suite.ts'
import { startCluster, type Cluster } from './fixtures/cluster.ts'
import { missing, withoutBroker } from './fixtures/jars.ts'
import { startProxy, type Proxy } from './fixtures/proxy.ts'
import { openSetting, type Setting } from './fixtures/setting.ts'
import type { KafkaSettings } from './port.ts'

const topic = 'approval.payment.approved.v1'

describe.skipIf(missing !== '')(`Kafka in trouble${withoutBroker}`, () => {
  let cluster: Cluster
  let proxy: Proxy
  let setting: Setting
  beforeAll(async () => {
    cluster = await startCluster(1, async (port) => (proxy = await startProxy(port)).port)
  }, 120_000)
  afterEach(() => setting.close())
  afterAll(async () => {
    await cluster.close()
    await proxy.close()
  })

  const open = async (more: Partial<KafkaSettings> = {}): Promise<Setting> =>
    (setting = await openSetting({ brokers: [`127.0.0.1:${proxy.port}`], ...more }, { [topic]: 1 }))

  /** What stands in the log, repeats and all. */
  async function written(): Promise<number[]> {
    const { records } = await setting.kafka.read(setting.prefix + topic, 0, 0)
    return records.map(({ value }) => value?.[0] ?? -1)
  }

  async function readBy(reader: string): Promise<{ times: number[]; close(): Promise<void> }> {
    const times: number[] = []
    const subscription = await setting.log.subscribe(reader, [topic], async ({ records, moved }) => {
      times.push(...records.map(({ time }) => time))
      await setting.store.commit([moved])
    })
    return { times, close: () => subscription.close() }
  }

  /** As the outbox does: until it is acknowledged, in order. */
  async function insist(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) while (!(await accepted(number))) await wait(100)
  }
  const accepted = (number: number): Promise<boolean> =>
    setting.log.append([anEvent(number)]).then(
      () => true,
      () => false,
    )

  describe.each(['answer', 'request'] as const)('when the %s of a send is lost with two waiting', (what) => {
    test.each([3, 0])('and %i repeats are left, every acknowledged event is there, in order', async (sendRetries) => {
      const { log } = await open({ requestTimeout: 1_000, sendRetries })
      const lost = proxy.lose(what)
      const first = accepted(1)
      await lost
      const [one, two, three] = await Promise.all([first, accepted(2), accepted(3)])
      expect([one, two, three]).toEqual(sendRetries > 0 ? [true, true, true] : [false, false, false])
      if (sendRetries === 0) await insist([1, 2, 3])
      expect([...new Set(await written())]).toEqual([1, 2, 3])
      const { times, close } = await readBy('intake')
      await log.append([anEvent(4)])
      await expect.poll(() => times, { timeout: 10_000 }).toEqual([1, 2, 3, 4])
      await close()
    })
  })

  test('after kill -9 and a restart the reader is back within 10 s, and nothing is lost', async () => {
    const { log } = await open({ requestTimeout: 5_000 })
    const { times, close } = await readBy('intake')
    await log.append([anEvent(1)])
    await expect.poll(() => times, { timeout: 10_000 }).toEqual([1])
    await cluster.brokers[0]?.kill()
    const sending = insist([2, 3])
    await wait(4_000)
    await cluster.brokers[0]?.start()
    const back = performance.now()
    await expect.poll(() => times, { timeout: 10_000 }).toEqual([1, 2, 3])
    await sending
    expect(performance.now() - back).toBeLessThan(10_000)
    await close()
  }, 60_000)

  test('a batch that takes longer than the session is handed out once', async () => {
    const { log, store } = await open()
    const times: number[] = []
    const subscription = await log.subscribe('intake', [topic], async ({ records, moved }) => {
      times.push(...records.map(({ time }) => time))
      if (times.length === 1) await wait(9_000)
      await store.commit([moved])
    })
    await log.append([anEvent(1)])
    await expect.poll(() => times, { timeout: 10_000 }).toEqual([1])
    await log.append([anEvent(2)])
    await expect.poll(() => times, { timeout: 20_000 }).toEqual([1, 2])
    expect(setting.reports).toEqual([])
    await subscription.close()
  }, 40_000)
})
