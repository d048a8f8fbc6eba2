import {
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type EachBatchPayload,
  type KafkaMessage,
  type LogEntry,
} from 'kafkajs'
import Cluster from 'kafkajs/src/cluster/index.js'
import Batch, { type FetchedPartition } from 'kafkajs/src/consumer/batch.js'
import socketFactory from 'kafkajs/src/network/socketFactory.js'
import type { Handed, Incoming, KafkaDriver, KafkaSettings, Member, MemberListener, NewTopic, Stretch } from './port.ts'
import { Renewed } from './renewed.ts'

type Report = (message: string, detail?: unknown) => void

/** Quick and many: by default kafkajs is not back 18 s after a broker (stack.md §1.3b). */
const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 } as const
const metadataMaxAge = 30_000
const readBytes = 1_048_576

/** The only file that knows kafkajs. Connects, so a cluster that cannot be reached rejects. */
export async function openKafka(settings: KafkaSettings, report: Report): Promise<KafkaDriver> {
  const { brokers, clientId = 'shuniu', tls, sasl, requestTimeout = 30_000, sendRetries = 5 } = settings
  const reached = { brokers: [...brokers], clientId, ...(tls && { ssl: tls }), ...(sasl && { sasl }), requestTimeout }
  const logCreator = () => (entry: LogEntry) => report(entry.log.message, { ...entry.log, from: entry.namespace })
  const kafka = new Kafka({ ...reached, retry, logLevel: logLevel.ERROR, logCreator })
  const admin = new Renewed(() => kafka.admin())
  const reader = new Renewed(() => clusterOf(kafka, reached))
  // No idempotence: kafkajs then loses acknowledged records when an answer is lost. A repeat is adjacent instead.
  const producer = new Renewed(() =>
    kafka.producer({
      idempotent: false,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      metadataMaxAge,
      retry: { ...retry, retries: sendRetries },
    }),
  )
  const { clusterId } = await admin.use((one) => one.describeCluster())
  return {
    clusterId,
    async topics() {
      const { topics } = await admin.use((one) => one.fetchTopicMetadata())
      return new Map(topics.map(({ name, partitions }) => [name, partitions.length]))
    },
    async extents(topic) {
      const found = await admin.use((one) => one.fetchTopicOffsets(topic))
      return new Map(found.map(({ partition, low, high }) => [partition, { earliest: Number(low), end: Number(high) }]))
    },
    async offsetsAt(topic, time) {
      const found = await admin.use((one) => one.fetchTopicOffsetsByTimestamp(topic, time))
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]))
    },
    async create(topics) {
      // A client that never heard of a topic that was deleted.
      const once = new Renewed(() => kafka.admin())
      return once.use((one) => create(one, topics)).finally(() => once.close())
    },
    partitionOf,
    async send(topic, partition, records) {
      const messages = records.map(({ key, value, headers }) => {
        return { key, value: Buffer.from(value), headers: { ...headers } as KafkaMessage['headers'], partition }
      })
      await producer.use((one) => one.send({ topic, acks: -1, timeout: requestTimeout, messages }))
    },
    read: (topic, partition, from) => reader.use((one) => fetch(one, topic, partition, from)),
    join: (group, topics, listener) => join(kafka, group, topics, listener),
    async close() {
      await Promise.all([producer.close(), admin.close(), reader.close()])
    },
  }
}

/** Only creates; what is there stays as it is. */
async function create(admin: Admin, topics: readonly NewTopic[]): Promise<string[]> {
  const there = new Set(await admin.listTopics())
  const missing = topics.filter(({ topic }) => !there.has(topic))
  if (missing.length > 0) await admin.createTopics({ topics: missing.map(asNew), waitForLeaders: true })
  return missing.map(({ topic }) => topic)
}

const asNew = ({ topic, partitions, replication, config }: NewTopic) => ({
  topic,
  numPartitions: partitions,
  replicationFactor: replication,
  configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
})

const partitioner = Partitioners.DefaultPartitioner()

/** The same partition as Java's default partitioner, so that foreign producers keep the order of a key too. */
function partitionOf(key: string, count: number): number {
  const partitionMetadata = Array.from({ length: count }, (_, partitionId) => {
    return { partitionId, leader: 0, partitionErrorCode: 0, replicas: [], isr: [] }
  })
  return partitioner({ topic: '', partitionMetadata, message: { key, value: null } })
}

async function join(
  kafka: Kafka,
  groupId: string,
  topics: readonly string[],
  listener: MemberListener,
): Promise<Member> {
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    metadataMaxAge,
    sessionTimeout: 6_000,
    rebalanceTimeout: 30_000,
    heartbeatInterval: 1_500,
    maxWaitTimeInMs: 250,
    maxBytesPerPartition: readBytes,
    // A member outlives a broker's restart: a new one would wait until the group believes that the old one is dead. For
    // what remains there is one way back: the owner makes a new member.
    retry: { ...retry, retries: 30, restartOnFailure: async () => false },
  })
  const member: Member = {
    seek: (topic, partition, offset) => consumer.seek({ topic, partition, offset: String(offset) }),
    pause: (topic, partition) => consumer.pause([{ topic, partitions: [partition] }]),
    resume: (topic, partition) => consumer.resume([{ topic, partitions: [partition] }]),
    leave: () => consumer.disconnect(),
  }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    listener.joined(new Map(Object.entries(payload.memberAssignment)), member)
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => listener.crashed(payload.error))
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: (payload) => listener.handed(asHanded(payload)),
    })
  } catch (error) {
    await member.leave()
    throw error
  }
  return member
}

function asHanded(payload: EachBatchPayload): Handed {
  const { topic, partition, messages } = payload.batch
  return {
    topic,
    partition,
    records: messages.map(asIncoming),
    heartbeat: () => payload.heartbeat(),
    resolve: (offset) => payload.resolveOffset(String(offset)),
    // consumer.commitOffsets is dropped without a word while closing (stack.md §1.3b).
    copy: (offset) => {
      const partitions = [{ partition, offset: String(offset) }]
      return payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions }] })
    },
    isCurrent: () => payload.isRunning() && !payload.isStale(),
  }
}

function asIncoming({ offset, timestamp, key, value, headers = {} }: KafkaMessage): Incoming {
  return { offset: Number(offset), timestamp: Number(timestamp), key, value, headers }
}

/** A client of its own for reading partitions by offset, without a group. */
function clusterOf(kafka: Kafka, reached: { brokers: string[]; clientId: string; requestTimeout: number }): Cluster {
  return new Cluster({
    ...reached,
    logger: kafka.logger(),
    socketFactory: socketFactory(),
    retry,
    connectionTimeout: 1_000,
    authenticationTimeout: 10_000,
    reauthenticationThreshold: 10_000,
    enforceRequestTimeout: true,
    metadataMaxAge,
    allowAutoTopicCreation: false,
  })
}

async function fetch(cluster: Cluster, topic: string, partition: number, from: number): Promise<Stretch> {
  await cluster.addTargetTopic(topic)
  const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
  const broker = await cluster.findBroker({ nodeId })
  const partitions = [{ partition, fetchOffset: String(from), maxBytes: readBytes }]
  const answer: { responses: { partitions: FetchedPartition[] }[] } = await broker.fetch({
    isolationLevel: 1,
    maxWaitTime: 50,
    maxBytes: readBytes,
    topics: [{ topic, partitions }],
  })
  const found = answer.responses[0]?.partitions[0]
  if (!found || found.messages.length === 0) return { records: [], next: from }
  const batch = new Batch(topic, String(from), found)
  return { records: batch.messages.map(asIncoming), next: Number(batch.lastOffset()) + 1 }
}
