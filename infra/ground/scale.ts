import { randomUUID } from 'node:crypto'
import { HubError } from '@shuniu/contracts'
import type { KafkaLogSettings, PostgresSettings } from '../config/index.ts'
import { deadLetters, Gaps, openKafka, witnessTopic, type Finding, type KafkaDriver } from '../kafka/index.ts'
import { openLeasedOwnership, ownNothing } from '../leases/index.ts'
import { openKafkaLog, Relay } from '../log/index.ts'
import { refuseHalfMoved } from '../move/target.ts'
import { joinStore, openBell, openPostgres, openPostgresStore, type Seen } from '../postgres/index.ts'
import type { Flushed } from '../store/committer.ts'
import type { Store } from '../store/port.ts'
import { sleep, type Clock } from '../time/index.ts'
import type { Ground } from './port.ts'
import { Witness } from './witness.ts'

export interface ScaleOptions {
  readonly postgres: PostgresSettings
  readonly kafka: KafkaLogSettings
  /** Topics that must be there: what is read and what is appended. */
  readonly topics: readonly string[]
  /** Who reads them: what it cannot read has dead-letter topics of its own. */
  readonly reader: string
  readonly resync?: boolean
  /** Whether this process works on partitions; else it only takes in, and tells those who do. */
  readonly works?: boolean
  readonly clock: Clock
  readonly report: (message: string, detail: unknown) => void
  /** Another hub owns the store now: this one has to end. */
  readonly lost: (error: unknown) => void
}

/**
 * Rows in PostgreSQL, events on Kafka, and between them the outbox. Rejects, with nothing left open, with `store.*` and `log.*`
 * for what somebody else has to bring about first: a database, a migration, a cluster, topics.
 */
export async function openScaleGround(options: ScaleOptions): Promise<Ground> {
  const opened: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).toReversed()) await one()
  }
  try {
    return await open(options, opened, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  { postgres, kafka: cluster, topics, reader, resync, works = true, clock, report, lost }: ScaleOptions,
  opened: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Ground> {
  const database = await openPostgres(postgres)
  opened.push(() => database.close())
  await refuseHalfMoved(database)
  const kafka = await reach(cluster, report)
  opened.push(() => kafka.close())
  await mustHave(kafka, [...topics, witnessTopic], cluster.prefix)
  const listeners: Flushed[] = []
  const flushed: Flushed = (groups, ms) => listeners.forEach((listener) => listener(groups, ms))
  const seen: Seen = { timeline: undefined, ledger: 0 }
  const store = openPostgresStore(database, await joinStore(database), flushed, seen)
  opened.push(() => store.close())
  const about = await installationOf(store, resync === true)
  const { prefix } = cluster
  const witness = await Witness.open({ database, store, kafka, prefix, clock, report, lost })
  opened.push(() => witness.close())
  Object.assign(seen, { timeline: witness.past.timeline, ledger: witness.past.ledger })
  about.resync ||= witness.isRolledBack
  opened.push(followResync(store, about, clock))
  const gaps = new Gaps({ store, clock, kafka, reader, prefix })
  const found = (finding: Finding): void => {
    const gap = gaps.note(finding)
    report(gap?.message ?? `the log is not what it was: ${finding.is}`, finding)
  }
  const log = openKafkaLog({ kafka, store, clock, prefix, report, found })
  const ownership = works ? openLeasedOwnership({ database, clock, report }) : ownNothing(database)
  const relay = new Relay({ store, ownership, clock, lost, report, publish: (events) => log.publish(events) })
  opened.push(() => relay.close())
  const bell = openBell(database, 'outbox', () => void relay.look().catch(() => undefined))
  opened.push(() => bell.close())
  opened.push(() => ownership.close())
  listeners.push((groups) => {
    const appended = new Set(groups.flat().flatMap((change) => ('append' in change ? [change.append.topic] : [])))
    if (appended.size === 0) return
    relay.wake(appended)
    bell.ring()
  })
  return {
    store,
    log,
    ownership,
    handOver: () => ownership.close(),
    topics,
    gaps,
    deadLetter: deadLetters({ store, kafka, reader, prefix }),
    installation: about.installation,
    get resync() {
      return about.resync
    },
    openResync: () => setResync(store, about, true),
    closeResync: () => setResync(store, about, false),
    onFlushed: (listener) => void listeners.push(listener),
    close,
  }
}

/** Any failure to reach the cluster is one that passes. */
export async function reach(
  { brokers, security }: KafkaLogSettings,
  report: ScaleOptions['report'],
): Promise<KafkaDriver> {
  try {
    return await openKafka({ brokers, security }, report)
  } catch (cause) {
    if (cause instanceof HubError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HubError('log.unreachable', { brokers: brokers.join(', '), reason }, { cause })
  }
}

export async function mustHave(kafka: KafkaDriver, topics: readonly string[], prefix: string): Promise<void> {
  const there = await kafka.topics()
  const missing = topics.map((topic) => prefix + topic).filter((topic) => !there.has(topic))
  if (missing.length > 0)
    throw new HubError('log.topics-missing', { count: missing.length, topics: missing.join(', ') })
}

interface About {
  readonly installation: string
  resync: boolean
}

/** Given once, by whoever starts first. */
async function installationOf(store: Store, resync: boolean): Promise<About> {
  await store.commit([{ insert: 'meta', row: { name: 'installation', value: randomUUID() }, orSkip: true }])
  const rows = await store.select('meta', { name: ['installation', 'resync'] })
  const valueOf = (name: string): string | undefined => rows.find((row) => row.name === name)?.value
  const about = { installation: valueOf('installation') ?? '', resync: valueOf('resync') === 'on' }
  if (resync && !about.resync) await setResync(store, about, true)
  return about
}

/** Another process may begin or end the mode, ms. */
const followEvery = 1_000

function followResync(store: Store, about: About, clock: Clock): () => Promise<void> {
  const stop = new AbortController()
  const following = (async () => {
    while (!stop.signal.aborted) {
      await sleep(clock, followEvery, stop.signal)
      const [row] = await store.select('meta', { name: 'resync' }).catch(() => [])
      if (row) about.resync = row.value === 'on'
    }
  })()
  return async () => {
    stop.abort()
    await following
  }
}

async function setResync(store: Store, about: About, on: boolean): Promise<void> {
  await store.commit([{ upsert: 'meta', row: { name: 'resync', value: on ? 'on' : 'off' } }])
  about.resync = on
}
