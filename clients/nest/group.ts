import { setTimeout as pause } from 'node:timers/promises'
import { Kafka, logLevel, type Consumer, type EachBatchPayload, type KafkaConfig } from 'kafkajs'
import type { KafkaRecord } from '@shuniu/client'

export interface GroupSettings {
  readonly kafka: KafkaConfig
  readonly group: string
  readonly topics: readonly string[]
  /** Whether a group that was never there begins with what is in the topics already. */
  readonly fromBeginning: boolean
  /** ms without a heartbeat after which the group takes a member for dead. */
  readonly sessionTimeout: number
  /** Resolves when the record is done with; rejects when it has to come again. */
  take(record: KafkaRecord, isOurs: () => boolean): Promise<void>
  report(message: string, error: unknown): void
}

/** A place in a consumer group, however often the member behind it has to be made anew. */
export interface Group {
  close(): Promise<void>
}

/** A batch has a heartbeat beside it, ms. */
const heartbeat = 2_000
/** So long may the batch under way go on when the group is divided anew. */
const rebalanceTimeout = 60_000
/** ms that a fetch waits for something new: so long may closing take. */
const patience = 1_000
/** Positions are told at least after so many records, so that little comes twice after a crash. */
const told = 100
const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 30, restartOnFailure: async () => false }

/** Joins a group and reads until it is closed. Rejects when it cannot join at first. */
export async function joinGroup(settings: GroupSettings): Promise<Group> {
  let consumer: Consumer
  let isClosed = false
  /** kafkajs gives up for good on some failures: then a new member takes the place of the dead one. */
  async function again(): Promise<void> {
    for (let ms = 500; ; ms = Math.min(ms * 2, 10_000)) {
      await pause(ms)
      if (isClosed) return
      try {
        consumer = await startMember(settings, crashed)
        // Closed meanwhile: nobody else would end this one.
        if (isClosed) await consumer.disconnect()
        return
      } catch (error) {
        settings.report('the group cannot be joined', error)
      }
    }
  }
  function crashed(dead: Consumer, error: unknown): void {
    settings.report('the member of the group is dead; another one joins', error)
    dead
      .disconnect()
      .then(again, again)
      .catch((failed: unknown) => settings.report('the group was left', failed))
  }
  consumer = await startMember(settings, crashed)
  return {
    async close() {
      isClosed = true
      await consumer.disconnect()
    },
  }
}

async function startMember(
  { kafka, group, topics, fromBeginning, sessionTimeout, take, report }: GroupSettings,
  crashed: (consumer: Consumer, error: unknown) => void,
): Promise<Consumer> {
  const client = new Kafka({ logLevel: logLevel.NOTHING, ...kafka, retry: { ...retry, ...kafka.retry } })
  const consumer = client.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    sessionTimeout,
    heartbeatInterval: heartbeat,
    rebalanceTimeout,
    maxWaitTimeInMs: patience,
    retry,
  })
  let isRunning = false
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (isRunning && !payload.restart) crashed(consumer, payload.error)
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning })
    isRunning = true
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: (payload) => takeBatch(payload, take, report),
    })
    return consumer
  } catch (error) {
    isRunning = false
    await consumer.disconnect()
    throw error
  }
}

/** One by one, in order. What is done is told to the group, also when the rest of the batch has to come again. */
async function takeBatch(
  payload: EachBatchPayload,
  take: GroupSettings['take'],
  report: GroupSettings['report'],
): Promise<void> {
  const { topic, partition, messages } = payload.batch
  const isOurs = (): boolean => payload.isRunning() && !payload.isStale()
  // A slow handler must not look like a dead member.
  const beat = setInterval(() => payload.heartbeat().catch((error: unknown) => report('heartbeat', error)), heartbeat)
  let done = 0
  try {
    for (const message of messages) {
      if (!isOurs()) return
      await take({ ...message, topic, partition }, isOurs)
      payload.resolveOffset(message.offset)
      if (++done % told === 0) await tell(payload, message.offset)
    }
  } catch (error) {
    // What is not ours any more is done by whoever has it now.
    if (isOurs()) throw error
  } finally {
    clearInterval(beat)
    const last = messages[done - 1]
    if (last) await tell(payload, last.offset).catch((error: unknown) => report('a position could not be told', error))
  }
}

/** `consumer.commitOffsets` is dropped without a word while the consumer closes; this is not. */
function tell(
  { batch: { topic, partition }, commitOffsetsIfNecessary }: EachBatchPayload,
  offset: string,
): Promise<void> {
  const partitions = [{ partition, offset: String(Number(offset) + 1) }]
  return commitOffsetsIfNecessary({ topics: [{ topic, partitions }] })
}
