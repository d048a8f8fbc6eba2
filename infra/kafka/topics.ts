import { HubError } from '@shuniu/contracts'
import type { KafkaDriver, NewTopic } from './port.ts'

/** Creates the topics that are missing; the only place that does. Returns the names created. Others are left as they are. */
export function ensureTopics(
  kafka: Pick<KafkaDriver, 'create'>,
  topics: readonly NewTopic[],
): Promise<readonly string[]> {
  return kafka.create(topics)
}

/** How many partitions a topic has: asked once, for a key must not change its partition. Throws `log.topic-missing`. */
export function topicCounts(kafka: Pick<KafkaDriver, 'topics'>): (topic: string) => Promise<number> {
  const counts = new Map<string, number>()
  return async (topic) => {
    const known = counts.get(topic)
    if (known !== undefined) return known
    for (const [name, count] of await kafka.topics()) if (!counts.has(name)) counts.set(name, count)
    const count = counts.get(topic)
    if (count === undefined) throw new HubError('log.topic-missing', { topic })
    return count
  }
}
