import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LogRecord } from '../log/port.ts'
import { anEvent } from '../log/suite.ts'
import { startCluster, type Cluster } from './fixtures/cluster.ts'
import { missing, withoutBroker } from './fixtures/jars.ts'
import { openSetting, type Setting } from './fixtures/setting.ts'
import { realClock } from '../time/index.ts'
import { Gaps } from './gaps.ts'
import { ensureTopics } from './topics.ts'

const ann = { actor: 'ann', reason: 'swept again' }
const topic = 'approval.payment.approved.v1'

describe.skipIf(missing !== '')(`the position of record on Kafka${withoutBroker}`, () => {
  let cluster: Cluster
  let witness: Kafka
  let setting: Setting
  let name: string
  beforeAll(async () => {
    cluster = await startCluster(1)
    witness = new Kafka({ brokers: [...cluster.addresses], logLevel: logLevel.NOTHING })
  }, 120_000)
  beforeEach(async () => {
    setting = await openSetting({ brokers: cluster.addresses }, { [topic]: 1, 'shared.v1': 3, 'doomed.v1': 1 })
    name = setting.prefix + topic
  })
  afterEach(() => setting.close())
  afterAll(() => cluster.close())

  async function withAdmin<T>(ask: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const admin = witness.admin()
    await admin.connect()
    return ask(admin).finally(() => admin.disconnect())
  }

  const newTopic = () => ({ topic: name, partitions: 1, replication: 1, config: {} })
  async function recreate(): Promise<void> {
    await withAdmin((admin) => admin.deleteTopics({ topics: [name] }))
    await expect.poll(() => setting.kafka.topics().then((topics) => topics.has(name)), { timeout: 10_000 }).toBe(false)
    await ensureTopics(setting.kafka, [newTopic()])
  }

  async function reading(): Promise<{ records: LogRecord[]; times(): number[]; close(): Promise<void> }> {
    const records: LogRecord[] = []
    const subscription = await setting.log.subscribe('intake', [topic], async (batch) => {
      records.push(...batch.records)
      await setting.store.commit([batch.moved])
    })
    return { records, times: () => records.map(({ time }) => time), close: () => subscription.close() }
  }

  async function readUntil(times: readonly number[]): Promise<readonly LogRecord[]> {
    const reader = await reading()
    await expect.poll(reader.times, { timeout: 15_000 }).toEqual(times)
    await reader.close()
    return reader.records
  }

  const append = (...numbers: number[]): Promise<void> => setting.log.append(numbers.map((number) => anEvent(number)))

  test.each([
    ['is shorter than what was read', [11]],
    ['has other records where it was read', [11, 12, 13, 14]],
  ])('a topic made anew that %s is read from its earliest, under a new incarnation', async (_, fresh) => {
    await append(1, 2, 3)
    const [before] = await readUntil([1, 2, 3])
    await recreate()
    await append(...fresh)
    const [after] = await readUntil(fresh)
    expect(setting.found).toEqual([{ is: 'new incarnation', topic: name, partition: 0, incarnation: 2 }])
    expect(after?.position).toBeGreaterThan(before?.position ?? Infinity)
    await readUntil([])
    expect(setting.found).toHaveLength(1)
  })

  test('a reader at work notices that its topic is made anew', async () => {
    const reader = await reading()
    await append(1, 2, 3)
    await expect.poll(reader.times, { timeout: 10_000 }).toEqual([1, 2, 3])
    await recreate()
    await append(11)
    await expect.poll(reader.times, { timeout: 30_000 }).toEqual([1, 2, 3, 11])
    expect(setting.found).toMatchObject([{ is: 'new incarnation', incarnation: 2 }])
    await reader.close()
  }, 60_000)

  test('a partition whose next records are gone stops and says so', async () => {
    await append(1)
    await readUntil([1])
    await append(2, 3, 4)
    await withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(name)
      await admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: '3' }] })
    })
    const reader = await reading()
    await expect.poll(() => setting.found, { timeout: 10_000 }).toMatchObject([{ is: 'gap', from: 1, earliest: 3 }])
    await append(5)
    expect((await setting.log.read({ topics: [topic], from: 0, limit: 10 })).map(({ time }) => time)).toEqual([4, 5])
    expect(reader.times()).toEqual([])
    const gaps = new Gaps({ ...setting, clock: realClock, reader: 'intake' })
    const told = setting.found.map((finding) => gaps.note(finding)?.message)
    expect(told[0]).toBe(`Records of ${topic}, partition 0, were deleted before intake had read them: offsets 1 to 3.`)
    expect(gaps.list()).toEqual([{ topic, partition: 0, from: 1, earliest: 3 }])
    const gap = { topic, partition: 0 }
    await expect(gaps.accept({ ...gap, partition: 1 }, ann)).rejects.toMatchObject({ code: 'log.no-gap' })
    expect(await gaps.accept(gap, ann)).toEqual({ ...gap, from: 1, earliest: 3 })
    expect(gaps.list()).toEqual([])
    const audit = await setting.store.select('audit', {})
    expect(audit).toMatchObject([{ ...ann, action: 'topics accept-gap', target: `${topic}/0` }])
    await expect.poll(reader.times, { timeout: 15_000 }).toEqual([4, 5])
    await expect(gaps.accept(gap, ann)).rejects.toMatchObject({ code: 'log.no-gap' })
    await reader.close()
  }, 40_000)

  test('what nobody can read is handed out, and what follows too', async () => {
    const producer = witness.producer({ createPartitioner: () => () => 0 })
    await producer.connect()
    const odd = { key: null, value: null, headers: { ce_id: Buffer.of(0xff), ce_time: 'never' } }
    await producer.send({ topic: name, messages: [odd, { key: 'k', value: 'not framed' }] })
    await producer.disconnect()
    await append(3)
    const reader = await reading()
    await expect.poll(() => reader.records.length, { timeout: 10_000 }).toBe(3)
    await reader.close()
    expect(reader.records.map(({ data }) => Buffer.from(data).toString('latin1'))).toEqual(['', 'not framed', '\x03'])
    expect(JSON.parse(reader.records[0]?.attributes ?? '')).toMatchObject({ ce_time: 'never' })
  })

  test('a repeat right behind its first is not handed out again, not even by another start', async () => {
    await append(1, 2)
    await readUntil([1, 2])
    await append(1, 2)
    await append(3)
    await readUntil([3])
    expect((await setting.log.read({ topics: [topic], from: 0, limit: 10 })).map(({ time }) => time)).toEqual([1, 2, 3])
  })

  test('the offsets of the group are wrong: the store decides', async () => {
    await append(1, 2, 3)
    const admin = { groupId: `${setting.prefix}intake`, topic: name, partitions: [{ partition: 0, offset: '2' }] }
    await withAdmin((one) => one.setOffsets(admin))
    await readUntil([1, 2, 3])
    const [copied] = await withAdmin((one) => one.fetchOffsets({ groupId: `${setting.prefix}intake`, topics: [name] }))
    expect(copied?.partitions).toMatchObject([{ partition: 0, offset: '3' }])
  })

  test('members of a group share the partitions; what one leaves the other takes up', async () => {
    const seen: [number, number][] = []
    const member = (number: number) =>
      setting.log.subscribe('intake', ['shared.v1'], async ({ records, moved }) => {
        seen.push(...records.map(({ time }): [number, number] => [number, time]))
        await setting.store.commit([moved])
      })
    const numbers = (from: number): number[] => Array.from({ length: 30 }, (_, at) => from + at)
    const appendTo = (from: number): Promise<void> =>
      setting.log.append(numbers(from).map((number) => anEvent(number, 'shared.v1', `key-${number}`)))
    const [one, two] = await Promise.all([member(1), member(2)])
    let from = 0
    await expect
      .poll(
        async () => {
          await appendTo((from += 30))
          return new Set(seen.map(([number]) => number)).size
        },
        { timeout: 15_000, interval: 300 },
      )
      .toBe(2)
    await one.close()
    await appendTo((from += 30))
    const all = Array.from({ length: from }, (_, at) => at + 30)
    await expect.poll(() => seen.map(([, time]) => time).toSorted((a, b) => a - b), { timeout: 15_000 }).toEqual(all)
    await two.close()
  }, 40_000)

  test('a topic that is deleted does not keep the others from being written and read', async () => {
    const times: number[] = []
    const subscription = await setting.log.subscribe('intake', [topic, 'doomed.v1'], async ({ records, moved }) => {
      times.push(...records.map(({ time }) => time))
      await setting.store.commit([moved])
    })
    await setting.log.append([anEvent(1), anEvent(2, 'doomed.v1')])
    await expect.poll(() => times.toSorted(), { timeout: 10_000 }).toEqual([1, 2])
    await withAdmin((admin) => admin.deleteTopics({ topics: [`${setting.prefix}doomed.v1`] }))
    await expect
      .poll(() => setting.log.append([anEvent(3, 'doomed.v1')]).catch(() => 'refused'), { timeout: 30_000 })
      .toBe('refused')
    await append(4)
    await expect.poll(() => times.toSorted(), { timeout: 60_000 }).toEqual([1, 2, 4])
    await subscription.close()
  }, 90_000)

  test('a topic is never made by accident', async () => {
    const stray = { ...anEvent(1), topic: 'not.there.v1' }
    await expect(setting.log.append([stray])).rejects.toMatchObject({ code: 'log.topic-missing' })
    const subscribing = setting.log.subscribe('intake', ['not.there.v1'], async () => undefined)
    await expect(subscribing).rejects.toMatchObject({ code: 'log.topic-missing' })
    await append(2)
    expect([...(await setting.kafka.topics()).keys()].filter((one) => one.includes('not.there'))).toEqual([])
    expect(await ensureTopics(setting.kafka, [newTopic()])).toEqual([])
  })
})
