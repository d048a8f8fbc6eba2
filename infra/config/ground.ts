import { problem, type Problem } from '@shuniu/contracts'
import { z } from 'zod'
import { placeOf, type YamlNode } from './node.ts'
import { kafkaTerms, securityOf, topicTerms, type KafkaSecurity, type TopicTerms } from './kafka-part.ts'
import { expression } from './parts.ts'

/** PostgreSQL as the store. `url` is never logged and never returned by an API. */
export interface PostgresSettings {
  readonly url: string
  /** What its references say now: a password may have been changed. */
  readonly urlNow: () => string
  readonly schema: string
  readonly connections: number
}

/** Kafka as the event log. */
export interface KafkaLogSettings extends TopicTerms {
  readonly brokers: readonly string[]
  readonly prefix: string
  /** TLS and login, as the references say now. */
  readonly security: () => KafkaSecurity
}

const formed = (pattern: RegExp, example: string): z.ZodString =>
  z.string().refine((text) => pattern.test(text), { params: { code: 'config.bad-format', example } })

const postgresShape = z.strictObject({
  postgres: expression().describe(
    'Address of the database, by reference when it holds a password: `postgres://hub@db:5432/shuniu?sslmode=verify-full`.',
  ),
  schema: formed(/^[a-z_][a-z0-9_]{0,39}$/, 'shuniu')
    .default('shuniu')
    .describe('Schema that holds the tables; each installation has its own.'),
  connections: z.int().min(4).max(100).default(10).describe('Connections to the database at most.'),
})

const kafkaShape = z.strictObject({
  kafka: z
    .strictObject({
      brokers: z
        .array(expression())
        .min(1)
        .describe('Brokers to begin with, each `host:port`; one text may hold several, with commas between them.'),
      prefix: formed(/^[A-Za-z0-9._-]{0,60}$/, 'shuniu.')
        .default('')
        .describe('Stands before the name of every topic and group, where installations share a cluster.'),
      ...kafkaTerms,
    })
    .describe('The cluster that holds the topics.'),
})

/** How `store` and `log` of hub.yaml are written; addresses are nodes, for they may hold references. */
export const storeShape = z.union([z.literal('embedded'), postgresShape])
export const logShape = z.union([z.literal('embedded'), kafkaShape])

interface Written {
  readonly store: z.output<typeof storeShape>
  readonly log: z.output<typeof logShape>
}

/**
 * A refinement: both or none. An event leaves in the commit that says it, through an outbox: a file has none that others
 * could read, and PostgreSQL is no event log.
 */
export const isWholeGround = ({ store, log }: { readonly store: unknown; readonly log: unknown }): boolean =>
  (store === 'embedded') === (log === 'embedded')
export const notWhole = { params: { code: 'config.half-scale' } }

export type StoreSettings = 'embedded' | PostgresSettings
export type LogSettings = 'embedded' | KafkaLogSettings

/** Resolves the references of a node; undefined when something is wrong with them, which has been said. */
type Resolve = (node: YamlNode) => Found | undefined
interface Found {
  readonly text: string
  readonly isWritten: boolean
  /** What it says later; what it said before, when it says nothing. */
  again(): string
}

export interface Ground {
  readonly store: StoreSettings
  readonly log: LogSettings
  /** To be masked wherever text leaves the hub. */
  readonly secrets: readonly string[]
  /** What came by reference and is none: people must read in a log which broker is meant. */
  readonly addresses: readonly string[]
  readonly problems: readonly Problem[]
}

/** What is written, with its references resolved. With problems it must not be opened. */
export function resolveGround({ store, log }: Written, resolve: Resolve): Ground {
  const [secrets, addresses, problems]: [string[], string[], Problem[]] = [[], [], []]
  const bad = (key: string, example: string, node: YamlNode): void =>
    void problems.push(problem('config.bad-format', { key, example }, placeOf(node)))
  const urlOf = (node: YamlNode): Pick<PostgresSettings, 'url' | 'urlNow'> => {
    const found = resolve(node)
    if (!found) return { url: '', urlNow: () => '' }
    const url = URL.canParse(found.text) ? new URL(found.text) : undefined
    if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '')
      bad('store.postgres', 'postgres://hub@db:5432/shuniu', node)
    else if (url.password !== '' && found.isWritten)
      problems.push(problem('config.secret-in-clear', { key: 'store.postgres' }, placeOf(node)))
    else if (url.password !== '') secrets.push(found.text, decodeURIComponent(url.password))
    return { url: found.text, urlNow: () => found.again() }
  }
  const brokersOf = (node: YamlNode): string[] => {
    const text = resolve(node)?.text ?? ''
    const brokers = text.split(',').map((broker) => broker.trim())
    if (brokers.every((one) => broker.test(one))) addresses.push(text)
    else bad('log.kafka.brokers', 'kafka-1:9092', node)
    return brokers
  }
  const kafkaOf = (written: z.output<typeof kafkaShape>['kafka']): KafkaLogSettings => {
    const security = securityOf(written, resolve, problems)
    secrets.push(...security.secrets)
    const brokers = written.brokers.flatMap(brokersOf)
    return { brokers, prefix: written.prefix, ...topicTerms(written), security: security.now }
  }
  return {
    store: store === 'embedded' ? store : opened(store, urlOf(store.postgres)),
    log: log === 'embedded' ? log : kafkaOf(log.kafka),
    secrets,
    addresses,
    problems,
  }
}

const broker = /^(?:[^\s:/@[\]]+|\[[\da-fA-F:]+\]):\d{1,5}$/

function opened(
  { schema, connections }: z.output<typeof postgresShape>,
  url: Pick<PostgresSettings, 'url' | 'urlNow'>,
): PostgresSettings {
  return { ...url, schema, connections }
}
