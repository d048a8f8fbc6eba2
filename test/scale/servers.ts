import { contracts, decode, unframe, type Contract, type ValueRecord } from '@shuniu/contracts'
import { neededTopics, openProject } from '@shuniu/hub'
import { ensureTopics, openKafka, toOutgoing, wantedTopics, type KafkaDriver } from '@shuniu/infra/kafka'
import { startCluster, type Broker, type Cluster } from '@shuniu/infra/kafka/fixtures'
import type { EventRow } from '@shuniu/infra/store'
import { startPostgres, type PostgresServer } from '@shuniu/infra/postgres/fixtures'

/** A real broker and a real PostgreSQL, empty at first, for one test file. */
export class Servers {
  private constructor(
    readonly postgres: PostgresServer,
    private readonly cluster: Cluster,
    private readonly kafka: KafkaDriver,
  ) {}

  static async start(): Promise<Servers> {
    const [postgres, cluster] = await Promise.all([startPostgres(), startCluster(1)])
    return new Servers(postgres, cluster, await openKafka({ brokers: cluster.addresses }, () => undefined))
  }

  get broker(): Broker {
    const [broker] = this.cluster.brokers
    if (!broker) throw new Error('the cluster has no broker')
    return broker
  }

  get brokers(): string {
    return this.cluster.addresses.join(',')
  }

  /** Makes the topics a project needs, with several partitions each. */
  async makeTopics(prefix: string, project: string, environment: Readonly<Record<string, string>>): Promise<void> {
    const topics = neededTopics(await openProject(project, environment))
    const terms = { partitions: 4, replication: 1, durability: 'single', retention: undefined } as const
    await ensureTopics(this.kafka, wantedTopics({ topics, prefix, reader: 'orchestrator', ...terms }))
  }

  /** Every event on a topic, as any reader of it gets them: partition by partition, repeats included. */
  async eventsOn(prefix: string, of: string | Contract): Promise<readonly Published[]> {
    const its = typeof of === 'string' ? contracts.find((contract) => contract.type === of) : of
    if (!its) throw new Error(`there is no contract ${String(of)}`)
    const partitions = (await this.kafka.topics()).get(prefix + its.topic) ?? 0
    const events: Published[] = []
    for (let partition = 0; partition < partitions; partition++)
      events.push(...(await this.partition(prefix, its, partition)))
    return events
  }

  /** Puts events into their topics as any producer would. */
  async produce(prefix: string, events: readonly EventRow[]): Promise<void> {
    const counts = await this.kafka.topics()
    const lanes = Map.groupBy(events, ({ topic, key }) => {
      const name = prefix + topic
      return JSON.stringify([name, this.kafka.partitionOf(key, counts.get(name) ?? 1)])
    })
    for (const [lane, records] of lanes) {
      const [topic, partition] = JSON.parse(lane) as [string, number]
      for (let at = 0; at < records.length; at += 500)
        await this.kafka.send(topic, partition, records.slice(at, at + 500).map(toOutgoing))
    }
  }

  private async partition(prefix: string, its: Contract, partition: number): Promise<Published[]> {
    const events: Published[] = []
    for (let from = 0; ;) {
      const { records, next } = await this.kafka.read(prefix + its.topic, partition, from)
      for (const { headers, key, value } of records)
        events.push({
          id: String(headers['ce_id']),
          key: key === null ? '' : Buffer.from(key).toString(),
          data: decode(its, unframe(value ?? new Uint8Array()).payload),
        })
      if (next === from) return events
      from = next
    }
  }

  async stop(): Promise<void> {
    await this.kafka.close()
    await Promise.all([this.postgres.stop(), this.cluster.close()])
  }
}

export interface Published {
  readonly id: string
  readonly key: string
  readonly data: ValueRecord
}
