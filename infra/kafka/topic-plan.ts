import { HubError } from '@shuniu/contracts'
import { deadLetterTopic } from './dead-letter.ts'
import type { KafkaDriver, NewTopic, TopicState } from './port.ts'

/** A compacted topic with one partition: what each process has last seen of the database (`infra/ground/witness.ts`). */
export const witnessTopic = 'internal.witness.v1'

/** How an installation wants its topics. */
export interface TopicTerms {
  readonly partitions: number
  /** Copies of each. */
  readonly replication: number
  readonly durability: 'replicated' | 'single'
  /** ms; undefined = for ever. */
  readonly retention: number | undefined
}

export interface TopicsWanted extends TopicTerms {
  /** Topics of events, without the prefix. */
  readonly topics: readonly string[]
  readonly prefix: string
  /** The reader whose dead letters have topics of their own. */
  readonly reader: string
}

/** One thing to be done. */
export type TopicChange =
  | { readonly is: 'create'; readonly topic: string; readonly wanted: NewTopic }
  | { readonly is: 'set'; readonly topic: string; readonly setting: string; readonly from: string; readonly to: string }
  /** Only when nothing is written and nothing is left to read. */
  | { readonly is: 'add partitions'; readonly topic: string; readonly from: number; readonly to: number }

export interface TopicPlan {
  readonly changes: readonly TopicChange[]
  /** What is not as it has to be, and cannot be changed from here. */
  readonly problems: readonly HubError[]
  readonly topics: readonly TopicStanding[]
}

/** A topic of events, and how far back its events reach. */
export interface TopicStanding {
  readonly topic: string
  readonly exists: boolean
  readonly partitions: number
  readonly replication: number
  /** ms; undefined = for ever. */
  readonly retention: number | undefined
  readonly records: number
  /** When its oldest record was appended, ms since 1970; undefined where it has none. */
  readonly since: number | undefined
}

/** What the topics of an installation have to be, events first. */
export function wantedTopics(wanted: TopicsWanted): NewTopic[] {
  const { topics, prefix, reader, partitions, replication } = wanted
  const config = settingsOf(wanted)
  return [
    ...topics.map((topic) => ({ topic: prefix + topic, partitions, replication, config })),
    ...topics.map((topic) => {
      return { topic: prefix + deadLetterTopic(topic, reader), partitions: 1, replication, config }
    }),
    { topic: prefix + witnessTopic, partitions: 1, replication, config: { ...config, 'cleanup.policy': 'compact' } },
  ]
}

/**
 * Acknowledged has to mean kept: on two brokers of three, none of which may lead without having everything; or on the
 * disk of the only one, where Kafka would otherwise leave it in memory.
 */
function settingsOf({ durability, retention }: TopicTerms): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    'retention.ms': String(retention ?? -1),
    'retention.bytes': '-1',
    'unclean.leader.election.enable': 'false',
    'min.insync.replicas': durability === 'single' ? '1' : '2',
    ...(durability === 'single' && { 'flush.messages': '1' }),
  }
}

type Seen = Pick<KafkaDriver, 'brokers' | 'describe' | 'extents' | 'read'>

/** Compares what there is with what is wanted. Nothing is changed. */
export async function planTopics(kafka: Seen, wanted: TopicsWanted): Promise<TopicPlan> {
  const needed = wantedTopics(wanted)
  const there = await kafka.describe(needed.map(({ topic }) => topic))
  const brokers = await kafka.brokers()
  const { replication } = wanted
  const tooFew = brokers < replication ? [new HubError('topics.brokers', { brokers, replication })] : []
  const compared = needed.map((one) => compare(one, there.get(one.topic)))
  const events = needed.slice(0, wanted.topics.length)
  return {
    changes: compared.flatMap(({ changes }) => changes),
    problems: [...tooFew, ...compared.flatMap(({ problems }) => problems)],
    topics: await Promise.all(events.map(({ topic }) => standingOf(kafka, topic, there.get(topic)))),
  }
}

function compare(wanted: NewTopic, is: TopicState | undefined): Pick<TopicPlan, 'changes' | 'problems'> {
  const { topic } = wanted
  if (!is) return { changes: [{ is: 'create', topic, wanted }], problems: [] }
  const settings = Object.entries(wanted.config).flatMap(([setting, to]): TopicChange[] => {
    const from = is.config[setting] ?? ''
    return from === to || isMore(setting, from, to) ? [] : [{ is: 'set', topic, setting, from, to }]
  })
  const more: TopicChange[] =
    is.partitions < wanted.partitions
      ? [{ is: 'add partitions', topic, from: is.partitions, to: wanted.partitions }]
      : []
  const what = `replication ${is.replication} (${wanted.replication} needed)`
  const problems = is.replication < wanted.replication ? [new HubError('topics.by-hand', { topic, what })] : []
  return { changes: [...settings, ...more], problems }
}

/** More copies in step than are needed lose nothing. */
const isMore = (setting: string, from: string, to: string): boolean =>
  setting === 'min.insync.replicas' && Number(from) > Number(to)

async function standingOf(kafka: Seen, topic: string, is: TopicState | undefined): Promise<TopicStanding> {
  if (!is) {
    return { topic, exists: false, partitions: 0, replication: 0, retention: undefined, records: 0, since: undefined }
  }
  const extents = [...(await kafka.extents(topic))]
  const kept = Number(is.config['retention.ms'])
  const oldest = await Promise.all(
    extents.map(async ([partition, { earliest, end }]) =>
      earliest === end ? Infinity : ((await kafka.read(topic, partition, earliest)).records[0]?.timestamp ?? Infinity),
    ),
  )
  const since = Math.min(...oldest)
  return {
    topic,
    exists: true,
    partitions: is.partitions,
    replication: is.replication,
    retention: kept < 0 ? undefined : kept,
    records: extents.reduce((sum, [, { earliest, end }]) => sum + end - earliest, 0),
    since: Number.isFinite(since) ? since : undefined,
  }
}

/**
 * Does what a plan says. Throws the first of its problems, and `topics.drained` where partitions are to be added and nobody
 * has said that nothing is under way; then nothing is changed at all.
 */
export async function applyTopics(
  kafka: Pick<KafkaDriver, 'create' | 'alter' | 'addPartitions'>,
  { changes, problems }: TopicPlan,
  { drained }: { readonly drained: boolean },
): Promise<void> {
  const [problem] = problems
  if (problem) throw problem
  for (const one of changes)
    if (one.is === 'add partitions' && !drained)
      throw new HubError('topics.drained', { topic: one.topic, is: one.from, wanted: one.to })
  await kafka.create(changes.flatMap((one) => (one.is === 'create' ? one.wanted : [])))
  const settings = Map.groupBy(
    changes.flatMap((one) => (one.is === 'set' ? one : [])),
    ({ topic }) => topic,
  )
  for (const [topic, list] of settings)
    await kafka.alter(topic, Object.fromEntries(list.map(({ setting, to }) => [setting, to])))
  for (const one of changes) if (one.is === 'add partitions') await kafka.addPartitions(one.topic, one.to)
}
