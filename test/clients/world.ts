import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { contracts, type HubEvent } from '@shuniu/contracts'
import type { RunningHub } from '@shuniu/hub'
import { ensureTopics, openKafka } from '@shuniu/infra/kafka'
import { startCluster, type Cluster } from '@shuniu/infra/kafka/fixtures'
import { openKafkaLog, type EventLog } from '@shuniu/infra/log'
import { realClock } from '@shuniu/infra/time'
import { root } from '../processes/root.ts'
import { openSystems, startOn } from '../scenarios/rig.ts'
import { run } from './command.ts'
import { rowOf } from './events.ts'

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
