import { deadLetterTopic } from './dead-letter.ts'
import { witnessTopic, type TopicsWanted } from './topic-plan.ts'

export type RightOperation = 'Read' | 'Write' | 'Describe'

/** One right that a user needs on the cluster. */
export interface Right {
  readonly user: string
  readonly operation: RightOperation
  readonly resource: 'topic' | 'group'
  readonly name: string
  readonly pattern: 'literal' | 'prefixed'
}

/** Who works with the topics, by the name of its user. */
export interface RightUsers {
  /** Processes that receive: they write events. */
  readonly ingress: string
  /** Processes that run flows: they read and write events, and write dead letters. */
  readonly orchestrator: string
  /** Programs of others: they read events, in groups whose names begin with their own. */
  readonly readers: readonly string[]
}

/** The least rights that each needs. Who runs `topics apply` needs those of an administrator besides. */
export function rightsFor({ topics, prefix, reader }: TopicsWanted, users: RightUsers): readonly Right[] {
  const names = topics.map((topic) => prefix + topic)
  const copies = topics.map((topic) => prefix + deadLetterTopic(topic, reader))
  const all = [
    // Both publish what stands in the outbox, whoever put it there.
    ...[users.ingress, users.orchestrator].flatMap((user) =>
      onTopics(user, ['Write', 'Describe'], [...names, ...copies]),
    ),
    ...[users.orchestrator, ...users.readers].flatMap((user) => onTopics(user, ['Read', 'Describe'], names)),
    // Each testifies what it sees of the store, and reads what others have seen.
    ...[users.ingress, users.orchestrator].flatMap((user) =>
      onTopics(user, ['Read', 'Write', 'Describe'], [prefix + witnessTopic]),
    ),
    ...[users.ingress, users.orchestrator].flatMap((user) =>
      onTopics(user, ['Read', 'Write', 'Describe'], [prefix + witnessTopic]),
    ),
    ...onGroup(users.orchestrator, prefix + reader, 'literal'),
    ...users.readers.flatMap((user) => onGroup(user, user, 'prefixed')),
  ]
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}

function onTopics(user: string, operations: readonly RightOperation[], names: readonly string[]): Right[] {
  return names.flatMap((name) =>
    operations.map((operation) => ({ user, operation, resource: 'topic', name, pattern: 'literal' })),
  )
}

function onGroup(user: string, name: string, pattern: Right['pattern']): Right[] {
  return (['Read', 'Describe'] as const).map((operation) => ({ user, operation, resource: 'group', name, pattern }))
}

/** The command that grants a right. */
export function grantCommand({ user, operation, resource, name, pattern }: Right, server: string): string {
  const where = `--bootstrap-server ${server} --command-config admin.properties`
  const what = `--allow-principal User:${user} --operation ${operation} --${resource} ${name}`
  return `kafka-acls.sh ${where} --add ${what}${pattern === 'prefixed' ? ' --resource-pattern-type prefixed' : ''}`
}
