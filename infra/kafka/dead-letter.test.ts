import { Kafka, logLevel } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LogRecord } from '../log/port.ts'
import type { Row } from '../store/index.ts'
import { deadLetters, deadLetterTopic } from './dead-letter.ts'
import { startCluster, type Cluster } from './fixtures/cluster.ts'
import { missing, withoutBroker } from './fixtures/jars.ts'
import { openSetting, type Setting } from './fixtures/setting.ts'
import type { Incoming } from './port.ts'

const topic = 'approval.payment.approved.v1'
const dlq = deadLetterTopic(topic, 'intake')

type Sent = Parameters<ReturnType<Kafka['producer']>['send']>[0]['messages'][number]

describe.skipIf(missing !== '')(`dead letters on Kafka${withoutBroker}`, () => {
  let cluster: Cluster
  let setting: Setting
  beforeAll(async () => void (cluster = await startCluster(1)), 120_000)
  beforeEach(async () => {
    setting = await openSetting({ brokers: cluster.addresses }, { [topic]: 2, [dlq]: 1 })
  })
  afterEach(() => setting.close())
  afterAll(() => cluster.close())

  /** As a foreign program writes. */
  async function send(message: Sent): Promise<LogRecord> {
    const kafka = new Kafka({ brokers: [...cluster.addresses], logLevel: logLevel.NOTHING })
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: setting.prefix + topic, messages: [{ partition: 1, ...message }] })
    await producer.disconnect()
    const records = await setting.log.read({ topics: [topic], from: 0, limit: 10 })
    const last = records.at(-1)
    if (!last) throw new Error('nothing there')
    return last
  }

  /** What the copy of a parked record is on the cluster; undefined when it gets none. */
  async function copied({ eventId, ...record }: LogRecord): Promise<Incoming | undefined> {
    const { kafka, store, prefix, log } = setting
    const said = { code: 'event.unknown-frame', message: 'no frame', run: 12, state: 'waiting', open: null }
    const row: Row<'poisoned'> = { id: 1, event_id: eventId, ...record, ...said }
    const copy = await deadLetters({ kafka, store, prefix, reader: 'intake' })(row)
    if (!copy) return undefined
    await log.append([copy])
    const { records } = await kafka.read(prefix + dlq, 0, 0)
    return records.at(-1)
  }

  const texts = ({ headers = {} }: Partial<Incoming> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

  test('a copy has the bytes, the key and the headers it came with, and says where it stood and why', async () => {
    const value = Buffer.of(9, 0xff, 0, 7)
    const headers = { ce_id: 'their id', traceparent: 'theirs', odd: Buffer.of(0xff, 1) }
    const copy = await copied(await send({ key: 'A-1', value, headers }))
    expect(Buffer.from(copy?.value ?? '')).toEqual(value)
    expect(String(copy?.key)).toBe('A-1')
    expect(copy?.headers['odd']).toEqual(headers.odd)
    expect(texts(copy)).toMatchObject({
      ce_id: 'their id',
      traceparent: 'theirs',
      '__connect.errors.topic': setting.prefix + topic,
      '__connect.errors.partition': '1',
      '__connect.errors.offset': '0',
      '__connect.errors.connector.name': `${setting.prefix}intake`,
      '__connect.errors.task.id': '0',
      '__connect.errors.stage': 'VALUE_CONVERTER',
      '__connect.errors.exception.class.name': 'event.unknown-frame',
      '__connect.errors.exception.message': 'no frame',
      'shuniu-error-code': 'event.unknown-frame',
      'shuniu-error-class': 'invalid',
      'shuniu-run-id': '12',
      'shuniu-attempt': '1',
      'shuniu-replay-count': '0',
    })
  })

  test('an id that is ours and not theirs is no header of theirs', async () => {
    const copy = await copied(await send({ key: 'A', value: 'x', headers: {} }))
    expect(texts(copy)).not.toHaveProperty('ce_id')
  })

  test('one that is brought back is counted, and at last not copied any more', async () => {
    const counts: unknown[] = []
    let headers: Record<string, string> = { ce_id: '7' }
    for (const value of ['x', 'x again', 'once more', 'why not', 'still']) {
      const copy = await copied(await send({ key: 'A', value, headers }))
      headers = texts(copy)
      counts.push(headers['shuniu-replay-count'])
      expect(Object.keys(headers).filter((name) => name.startsWith('__connect.errors.'))).toHaveLength(copy ? 10 : 0)
    }
    expect(counts).toEqual(['0', '1', '2', '3', undefined])
  })

  test('they are never read as input', async () => {
    const reading = setting.log.subscribe('intake', [topic, dlq], async () => undefined)
    await expect(reading).rejects.toMatchObject({ code: 'log.dead-letter' })
  })
})
