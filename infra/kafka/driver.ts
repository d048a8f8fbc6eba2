import { setTimeout as wait } from 'node:timers/promises'
import {
  Kafka,
  logLevel,
  Partitioners,
  type EachBatchPayload,
  type KafkaConfig,
  type KafkaMessage,
  type LogEntry,
} from 'kafkajs'
import scram512 from 'kafkajs/src/broker/saslAuthenticator/scram512.js'
import Cluster from 'kafkajs/src/cluster/index.js'
import Batch, { type FetchedPartition } from 'kafkajs/src/consumer/batch.js'
import { unpackAll } from './driver-codecs.ts'
import { addPartitions, alterTopic, createTopics, describeTopics } from './driver-topics.ts'
import { failureOf, isMoving } from './failure.ts'
import type { Handed, Incoming, KafkaDriver, KafkaSettings, Member, MemberListener, Stretch } from './port.ts'
import { Renewed } from './renewed.ts'
import { socketsFor } from './secured.ts'

type Report = (message: string, detail?: unknown) => void

/** Quick and many: by default kafkajs is not back 18 s after a broker (stack.md §1.3b). */
const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 } as const
const metadataMaxAge = 30_000
const readBytes = 1_048_576

/** This file and its parts are all that knows kafkajs. Connects, so a cluster that cannot be reached rejects. */
export async function openKafka(settings: KafkaSettings, report: Report): Promise<KafkaDriver> {
  unpackAll()
  const { requestTimeout = 30_000, sendRetries = 5 } = settings
  const reached = reach(settings, requestTimeout)
  const told = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      throw failureOf(error, settings.brokers)
    }
  }
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
  const ask = <T>(question: (one: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> =>
    told(whileMoving(() => admin.use(question)))
  const close = async (): Promise<void> => {
    await Promise.all([producer.close(), admin.close(), reader.close()])
  }
  const { clusterId } = await ask((one) => one.describeCluster()).catch((error) =>
    close().then(() => Promise.reject(error)),
  )
  return {
    clusterId,
    brokers: async () => (await ask((one) => one.describeCluster())).brokers.length,
    async topics() {
      const { topics } = await ask((one) => one.fetchTopicMetadata())
      return new Map(topics.map(({ name, partitions }) => [name, partitions.length]))
    },
    async extents(topic) {
      const found = await ask((one) => one.fetchTopicOffsets(topic))
      return new Map(found.map(({ partition, low, high }) => [partition, { earliest: Number(low), end: Number(high) }]))
    },
    async offsetsAt(topic, time) {
      const found = await ask((one) => one.fetchTopicOffsetsByTimestamp(topic, time))
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]))
    },
    async create(topics) {
      // A client that never heard of a topic that was deleted.
      const once = new Renewed(() => kafka.admin())
      return told(once.use((one) => createTopics(one, topics))).finally(() => once.close())
    },
    describe: (topics) => ask((one) => describeTopics(one, topics)),
    alter: (topic, config) => ask((one) => alterTopic(one, topic, config)),
    addPartitions: (topic, count) => ask((one) => addPartitions(one, topic, count)),
    partitionOf,
    async send(topic, partition, records) {
      const messages = records.map(({ key, value, headers }) => {
        return { key, value: Buffer.from(value), headers: { ...headers } as KafkaMessage['headers'], partition }
      })
      await told(producer.use((one) => one.send({ topic, acks: -1, timeout: requestTimeout, messages })))
    },
    read: (topic, partition, from) => told(whileMoving(() => reader.use((one) => fetch(one, topic, partition, from)))),
    join: (group, topics, listener) => {
      const crashed = (error: unknown): void => listener.crashed(failureOf(error, settings.brokers))
      return told(join(kafka, group, topics, { ...listener, crashed }))
    },
    close,
  }
}

/** Pauses between questions about a partition that is between two leaders, ms. */
const moving = [100, 200, 400, 800] as const

async function whileMoving<T>(ask: () => Promise<T>): Promise<T> {
  for (const pause of moving) {
    try {
      return await ask()
    } catch (error) {
      if (!isMoving(error)) throw error
      await wait(pause)
    }
  }
  return ask()
}

type Reached = Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'> & {
  readonly brokers: string[]
  readonly clientId: string
  readonly requestTimeout: number
}

function reach({ brokers, clientId = 'shuniu', security }: KafkaSettings, requestTimeout: number): Reached {
  const { tls, sasl } = security?.() ?? {}
  return {
    brokers: [...brokers],
    clientId,
    requestTimeout,
    socketFactory: socketsFor(security),
    ...(tls && { ssl: true }),
    ...(sasl && {
      sasl: {
        mechanism: 'scram-sha-512',
        authenticationProvider: (connection) => scram512(security?.().sasl ?? sasl)(connection),
      },
    }),
  }
}

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
function clusterOf(kafka: Kafka, reached: Reached): Cluster {
  return new Cluster({
    ...reached,
    logger: kafka.logger(),
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
