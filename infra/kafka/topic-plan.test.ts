import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { anEvent } from '../log/suite.ts'
import { startCluster, type Cluster } from './fixtures/cluster.ts'
import { missing, withoutBroker } from './fixtures/jars.ts'
import { openSetting, type Setting } from './fixtures/setting.ts'
import {
  applyTopics,
  planTopics,
  witnessTopic,
  type TopicChange,
  type TopicPlan,
  type TopicsWanted,
} from './topic-plan.ts'

const topic = 'approval.payment.approved.v1'
const day = 86_400_000

describe.skipIf(missing !== '')(`topics of one broker${withoutBroker}`, () => {
  let cluster: Cluster
  let setting: Setting
  let wanted: TopicsWanted
  beforeAll(async () => void (cluster = await startCluster(1)), 120_000)
  afterAll(() => cluster.close())
  beforeEach(async () => {
    setting = await openSetting({ brokers: cluster.addresses }, {})
    wanted = {
      topics: [topic],
      prefix: setting.prefix,
      reader: 'orchestrator',
      partitions: 2,
      replication: 1,
      durability: 'single',
      retention: 90 * day,
    }
  })
  afterEach(() => setting.close())

  const plan = (more: Partial<TopicsWanted> = {}): Promise<TopicPlan> =>
    planTopics(setting.kafka, { ...wanted, ...more })
  const said = ({ changes }: TopicPlan): string[] => changes.map(lineOf)
  const lineOf = (one: TopicChange): string => {
    const name = one.topic.slice(setting.prefix.length)
    if (one.is === 'create') return `create ${name}`
    return one.is === 'set' ? `${name} ${one.setting} ${one.from} → ${one.to}` : `${name} ${one.from} → ${one.to}`
  }
  const apply = async (more: Partial<TopicsWanted> = {}, drained = false): Promise<void> =>
    applyTopics(setting.kafka, await plan(more), { drained })

  test('what is missing is created, with its dead letters, and then nothing is left to do', async () => {
    expect(said(await plan())).toEqual([
      `create ${topic}`,
      `create ${topic}.orchestrator.dlq`,
      `create ${witnessTopic}`,
    ])
    await apply()
    expect(await plan()).toMatchObject({ changes: [], problems: [] })
    const made = await setting.kafka.describe([setting.prefix + topic])
    expect(made.get(setting.prefix + topic)).toMatchObject({
      partitions: 2,
      replication: 1,
      own: { 'flush.messages': '1', 'retention.ms': String(90 * day), 'unclean.leader.election.enable': 'false' },
    })
  })

  test('a setting that differs is changed, and what others have set stays', async () => {
    await apply()
    const name = setting.prefix + topic
    await setting.kafka.alter(name, { 'max.message.bytes': '2000000', 'retention.ms': '1000' })
    expect(said(await plan())).toEqual([`${topic} retention.ms 1000 → ${90 * day}`])
    await apply({ retention: undefined })
    const own = (await setting.kafka.describe([name])).get(name)?.own
    expect(own).toMatchObject({ 'retention.ms': '-1', 'max.message.bytes': '2000000', 'flush.messages': '1' })
  })

  test('partitions are added only when somebody says that nothing is under way', async () => {
    await apply()
    const more = { partitions: 3, retention: 30 * day }
    expect(said(await plan(more))).toContain(`${topic} 2 → 3`)
    await expect(apply(more)).rejects.toMatchObject({ code: 'topics.drained' })
    expect((await plan()).changes).toEqual([])
    await apply(more, true)
    expect(await plan(more)).toMatchObject({ changes: [], topics: [{ partitions: 3 }] })
    // Fewer are never made.
    expect((await plan({ partitions: 1, retention: 30 * day })).changes).toEqual([])
  })

  test('how far back events reach is what is there, not what is wanted', async () => {
    expect((await plan()).topics).toEqual([expect.objectContaining({ exists: false, records: 0 })])
    await apply()
    const before = Date.now()
    await setting.log.append([anEvent(1), anEvent(2)])
    const [standing] = (await plan()).topics
    expect(standing).toMatchObject({ records: 2, retention: 90 * day })
    expect(standing?.since).toBeGreaterThanOrEqual(before - 5_000)
  })

  test('too few brokers, or too few copies, cannot be helped from here', async () => {
    const replicated = { replication: 3, durability: 'replicated' } as const
    expect((await plan(replicated)).problems).toMatchObject([{ code: 'topics.brokers' }])
    await apply()
    const { problems } = await plan(replicated)
    expect(problems.map(({ code }) => code)).toEqual(['topics.brokers', ...Array<string>(3).fill('topics.by-hand')])
    await expect(apply(replicated)).rejects.toMatchObject({ code: 'topics.brokers' })
  })
})
