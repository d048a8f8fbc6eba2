import { problem, type Problem } from '@shuniu/contracts'
import { z } from 'zod'
import { placeOf, type YamlNode } from './node.ts'
import { duration, expression } from './parts.ts'

/** Texts in PEM and a password, as their references give them now. */
export interface KafkaSecurity {
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly sasl?: { readonly username: string; readonly password: string }
}

export const durabilities = ['replicated', 'single'] as const
export type Durability = (typeof durabilities)[number]

/** How topics are made. */
export interface TopicTerms {
  readonly partitions: number
  readonly replication: number
  readonly durability: Durability
  /** ms; undefined = for ever. */
  readonly retention: number | undefined
}

const pem = (what: string) => expression().optional().describe(`${what}, in PEM, by reference: \`\${file:…}\`.`)

/** How `log.kafka` says what topics are like and how the way to them is secured. */
export const kafkaTerms = {
  tls: z
    .union([
      z.literal(true),
      z.strictObject({
        ca: pem('The CA that signed the certificates of the brokers'),
        cert: pem('Our own certificate, for mutual TLS'),
        key: pem('Its private key'),
      }),
    ])
    .optional()
    .describe(
      'Encrypts, and checks the certificates of the brokers: by the CAs of the system (true) or by one of your own.',
    ),
  sasl: z
    .strictObject({
      username: expression().describe('Name of the user.'),
      password: expression().describe('Password, by reference.'),
    })
    .optional()
    .describe('Login with SCRAM-SHA-512.'),
  partitions: z.int().min(1).max(1_000).default(12).describe('Partitions of a new topic.'),
  replication: z
    .int()
    .min(3)
    .max(9)
    .default(3)
    .describe('Brokers that keep a copy of each event; one where durability is single.'),
  durability: z
    .enum(durabilities)
    .default('replicated')
    .describe(
      'replicated (two copies before anything is acknowledged), or single: one broker, which then writes through to its disk.',
    ),
  retention: z
    .union([z.literal('forever'), duration('1h', '3650d')])
    .prefault('90d')
    .describe('How long events are kept, which is how far back replay reaches.'),
}

const termsShape = z.strictObject(kafkaTerms)
type Written = z.output<typeof termsShape>

/** A text with its references resolved; `again` gives what they say later. */
interface Found {
  readonly text: string
  readonly isWritten: boolean
  again(): string
}
type Resolve = (node: YamlNode) => Found | undefined

export function topicTerms({ partitions, replication, durability, retention }: Written): TopicTerms {
  const copies = durability === 'single' ? 1 : replication
  return { partitions, replication: copies, durability, retention: retention === 'forever' ? undefined : retention.ms }
}

/** What secures the way, as a function: files and variables are read again whenever it is called. */
export function securityOf(
  { tls, sasl }: Written,
  resolve: Resolve,
  problems: Problem[],
): { readonly now: () => KafkaSecurity; readonly secrets: readonly string[] } {
  const secrets: string[] = []
  const secret = (key: string, node: YamlNode): Found | undefined => {
    const found = resolve(node)
    if (found?.isWritten) problems.push(problem('config.secret-in-clear', { key: `log.kafka.${key}` }, placeOf(node)))
    else if (found) secrets.push(found.text)
    return found
  }
  const { ca, cert, key } = tls === undefined || tls === true ? {} : tls
  const ours = { ca: ca && resolve(ca), cert: cert && resolve(cert), key: key && secret('tls.key', key) }
  if (cert && !key) problems.push(half('cert', 'key', cert))
  if (key && !cert) problems.push(half('key', 'cert', key))
  const user = sasl && { username: resolve(sasl.username), password: secret('sasl.password', sasl.password) }
  const textsNow = (found: Readonly<Record<string, Found | undefined>>): Record<string, string> =>
    Object.fromEntries(Object.entries(found).flatMap(([name, one]) => (one ? [[name, one.again()]] : [])))
  const now = (): KafkaSecurity => ({
    ...(tls !== undefined && { tls: textsNow(ours) }),
    ...(user && { sasl: { username: '', password: '', ...textsNow(user) } }),
  })
  return { now, secrets }
}

function half(there: string, missing: string, node: YamlNode): Problem {
  const named = { there: `log.kafka.tls.${there}`, missing: `log.kafka.tls.${missing}` }
  return problem('option.half-tls', named, placeOf(node))
}
