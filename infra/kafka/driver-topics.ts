import kafkajs, { type Admin } from 'kafkajs'
import { realClock, sleep } from '../time/index.ts'
import type { NewTopic, TopicState } from './port.ts'

// Node finds only some names in this CommonJS package.
const { ConfigResourceTypes, ConfigSource } = kafkajs

/** Only creates; what is there stays as it is. */
export async function createTopics(admin: Admin, topics: readonly NewTopic[]): Promise<string[]> {
  const there = new Set(await admin.listTopics())
  const missing = topics.filter(({ topic }) => !there.has(topic))
  const names = missing.map(({ topic }) => topic)
  if (names.length === 0) return names
  await admin.createTopics({ topics: missing.map(asNew), waitForLeaders: false })
  await untilLed(admin, names)
  return names
}

/** So often it is asked for the leaders of new topics, with a pause between, ms. */
const most = 50
const between = 200
const passing: readonly unknown[] = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']

/** A topic that was just made is not known to every broker at once; the client's own waiting gives up on that. */
async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  for (let time = 1; ; time++) {
    try {
      await admin.fetchTopicMetadata({ topics })
      return
    } catch (error) {
      const type = error instanceof Error && 'type' in error ? error.type : undefined
      if (time === most || !passing.includes(type)) throw error
      await sleep(realClock, between)
    }
  }
}

const asNew = ({ topic, partitions, replication, config }: NewTopic) => ({
  topic,
  numPartitions: partitions,
  replicationFactor: replication,
  configEntries: entries(config),
})

const entries = (config: Readonly<Record<string, string>>) =>
  Object.entries(config).map(([name, value]) => ({ name, value }))

export async function describeTopics(admin: Admin, names: readonly string[]): Promise<Map<string, TopicState>> {
  const there = new Set(await admin.listTopics())
  const known = names.filter((name) => there.has(name))
  if (known.length === 0) return new Map()
  const { topics } = await admin.fetchTopicMetadata({ topics: known })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: known.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
  })
  const configs = new Map(resources.map(({ resourceName, configEntries }) => [resourceName, configEntries]))
  return new Map(
    topics.map(({ name, partitions }) => {
      const found = configs.get(name) ?? []
      const texts = (list: typeof found) => Object.fromEntries(list.map((one) => [one.configName, one.configValue]))
      return [
        name,
        {
          partitions: partitions.length,
          replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
          config: texts(found),
          own: texts(found.filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG)),
        },
      ]
    }),
  )
}

/** The request replaces all that was set for the topic: what is to stay is said again. */
export async function alterTopic(admin: Admin, topic: string, config: Readonly<Record<string, string>>): Promise<void> {
  const { own = {} } = (await describeTopics(admin, [topic])).get(topic) ?? {}
  const configEntries = entries({ ...own, ...config })
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  })
}

export async function addPartitions(admin: Admin, topic: string, count: number): Promise<void> {
  await admin.createPartitions({ topicPartitions: [{ topic, count }] })
}
