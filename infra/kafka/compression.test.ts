import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fromLz4, fromSnappy } from './compression.ts'
import { startCluster, type Cluster } from './fixtures/cluster.ts'
import { missing, withoutBroker } from './fixtures/jars.ts'
import { openSetting, type Setting } from './fixtures/setting.ts'

test.each([
  ['a copy of what is not there', () => fromSnappy(Buffer.of(4, 0x01, 9))],
  ['a literal that ends too early', () => fromSnappy(Buffer.of(9, 0x20, 1))],
  ['no frame', () => fromLz4(Buffer.from('not a frame at all'))],
  ['a frame without an end', () => fromLz4(Buffer.of(4, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0))],
])('%s is refused, not made up', (_, unpack) => {
  expect(unpack).toThrow(RangeError)
})

test('a copy may reach into itself', () => {
  // Length 7: the literal `a`, then six more from one byte before.
  expect(String(fromSnappy(Buffer.of(7, 0x00, 0x61, ((6 - 1) << 2) | 2, 1, 0)))).toBe('aaaaaaa')
})

/** Long, repetitive and not: copies near and far, long literals. */
const values = [
  'short',
  '付款审批 '.repeat(20_000),
  Array.from({ length: 30_000 }, (_, at) => ((at * 2_654_435_761) >>> 7).toString(36)).join(' '),
  `${'x'.repeat(70_000)}${'yz'.repeat(30)}${'x'.repeat(300)}`,
]
const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const

describe.skipIf(missing !== '')(`records that others compressed${withoutBroker}`, () => {
  let cluster: Cluster
  let setting: Setting
  beforeAll(async () => void (cluster = await startCluster(1)), 120_000)
  afterEach(() => setting.close())
  afterAll(() => cluster.close())

  async function open(config: Readonly<Record<string, string>> = {}): Promise<string> {
    setting = await openSetting(
      { brokers: cluster.addresses },
      { t: 1 },
      { config: { 'max.message.bytes': '4000000', ...config } },
    )
    return `${setting.prefix}t`
  }

  /** By offset, and as a member of a group. */
  async function readBack(topic: string): Promise<void> {
    const texts: string[] = []
    for (let at = 0; texts.length < values.length;) {
      const { records, next } = await setting.kafka.read(topic, 0, at)
      texts.push(...records.map(({ value }) => String(value)))
      at = next
    }
    expect(texts).toEqual(values)
    const handed: string[] = []
    const subscription = await setting.log.subscribe('intake', ['t'], async ({ records, moved }) => {
      handed.push(...records.map(({ data }) => Buffer.from(data).toString()))
      await setting.store.commit([moved])
    })
    await expect.poll(() => handed.length, { timeout: 10_000 }).toBe(values.length)
    expect(handed).toEqual(values)
    await subscription.close()
  }

  test.each(codecs)('by Java with %s', async (codec) => {
    // The broker packs anew what it is told to keep otherwise.
    const topic = await open({ 'compression.type': codec })
    const records = values.map((value) => ({ key: 'k', value: Buffer.from(value), headers: {} }))
    await setting.kafka.send(topic, 0, records)
    await readBack(topic)
  })

  const lacksKcat = process.env['CI'] !== 'true' && spawnSync('kcat', ['-V']).status !== 0
  test.skipIf(lacksKcat).each(codecs)('by librdkafka with %s', async (codec) => {
    const topic = await open()
    const to = [
      '-P',
      '-b',
      cluster.addresses.join(),
      '-t',
      topic,
      '-p',
      '0',
      '-z',
      codec,
      '-X',
      'message.max.bytes=4000000',
    ]
    execFileSync('kcat', to, { input: values.join('\n') })
    await readBack(topic)
  })
})
