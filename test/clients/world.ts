import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  contract,
  contracts,
  encode,
  eventId,
  eventIdBytes,
  frame,
  Instant,
  sampleOf,
  schemaNumber,
  toHeaders,
  type EventType,
  type HubEvent,
} from '@shuniu/contracts'
import type { RunningHub } from '@shuniu/hub'
import { main } from '@shuniu/hub/cli'
import { ensureTopics, openKafka } from '@shuniu/infra/kafka'
import { startCluster, type Cluster } from '@shuniu/infra/kafka/fixtures'
import { openKafkaLog, type EventLog } from '@shuniu/infra/log'
import { realClock } from '@shuniu/infra/time'
import { root } from '../processes/root.ts'
import { openSystems, startOn } from '../scenarios/rig.ts'

/** Where programs of others are built and fetched to, once. */
export const cache = join(root, 'node_modules/.cache/registry-clients')

/** A broker with the topics of the hub, and a hub whose contracts are registered. */
export interface World {
  readonly cluster: Cluster
  readonly hub: RunningHub
  /** The hub's own way to Kafka. */
  readonly log: EventLog
  readonly registry: string
  readonly broker: string
  /** Runs a command of the hub's project. */
  shuniu(...argv: string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }>
  /** Publishes events as the hub does. */
  publish(...events: readonly HubEvent[]): Promise<void>
  close(): Promise<void>
}

export async function openWorld(): Promise<World> {
  mkdirSync(cache, { recursive: true })
  const [cluster, systems] = await Promise.all([startCluster(1), openSystems()])
  const hub = await startOn(systems)
  const [broker = ''] = cluster.addresses
  const kafka = await openKafka({ brokers: [broker] }, () => undefined)
  await ensureTopics(
    kafka,
    contracts.map(({ topic }) => ({ topic, partitions: 2, replication: 1, config: {} })),
  )
  const { store } = hub.parts
  const log = openKafkaLog({ kafka, store, clock: realClock, found: () => undefined, report: () => undefined })
  return {
    cluster,
    hub,
    log,
    broker,
    registry: `${hub.url}/registry`,
    shuniu: (...argv) => run([...argv, '--project', systems.project.dir], hub.url),
    publish: (...events) => log.append(events.map(rowOf)),
    async close() {
      await kafka.close()
      await hub.close()
      await Promise.all([systems.close(), cluster.close()])
    },
  }
}

/** An event of a type that comes with the hub, with sample data; another number, another event. */
export function eventOf(type: EventType, number: number): HubEvent {
  const its = contract(type)
  const time = new Instant(1_772_672_523_000 + number)
  return {
    id: eventId({ time, connection: 'dingtalk-main', type, document: String(number), version: '1' }),
    type,
    topic: its.topic,
    key: `key-${number}`,
    time,
    source: '/flows/payment-to-voucher',
    subject: String(number),
    correlation: 'whole',
    data: { ...sampleOf(its), ...(type === 'finance.voucher.created' ? { number: `记-${number}` } : {}) },
  }
}

function rowOf(event: HubEvent) {
  const its = contract(event.type)
  return {
    eventId: eventIdBytes(event.id) ?? new Uint8Array(),
    topic: event.topic,
    key: event.key,
    time: event.time.ms,
    attributes: JSON.stringify(toHeaders(event)),
    data: frame(schemaNumber(its.text), encode(its, event.data)),
  }
}

export async function run(argv: readonly string[], hub: string): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const code = await main([...argv], {
    out: { write: (text) => void (said.out += text) },
    err: { write: (text) => void (said.err += text) },
    in: Readable.from([]),
    environment: { SHUNIU_HUB: hub },
    onStop: () => () => undefined,
    exit: () => undefined,
  })
  return { code, ...said }
}
