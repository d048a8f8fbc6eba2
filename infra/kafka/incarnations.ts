import type { Row, Store } from '../store/index.ts'
import type { KafkaDriver } from './port.ts'

export type Incarnation = Row<'incarnations'>

/** The lives of topics' partitions in this cluster, kept in the store. Topics by their names on the cluster. */
export class Incarnations {
  constructor(
    private readonly store: Store,
    private readonly kafka: Pick<KafkaDriver, 'clusterId'>,
  ) {}

  get(id: number): Promise<Incarnation | undefined> {
    return this.store.get('incarnations', id)
  }

  /** The newest life of a partition; its first, when it was never seen. */
  async newest(topic: string, partition: number): Promise<Incarnation> {
    const where = { cluster: this.kafka.clusterId, topic, partition }
    const rows = await this.store.select('incarnations', where, { order: { by: 'incarnation', down: true }, limit: 1 })
    return rows[0] ?? this.begin(topic, partition, 1)
  }

  /** The newest lives of all partitions ever seen here, oldest row first. */
  async all(): Promise<Incarnation[]> {
    const rows = await this.store.select('incarnations', { cluster: this.kafka.clusterId }, { order: { by: 'id' } })
    const newest = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, row.id]))
    return rows.filter((row) => newest.get(`${row.topic}/${row.partition}`) === row.id)
  }

  /** The life after this one, begun by whoever noticed first. */
  after({ topic, partition, incarnation }: Incarnation): Promise<Incarnation> {
    return this.begin(topic, partition, incarnation + 1)
  }

  private async begin(topic: string, partition: number, incarnation: number): Promise<Incarnation> {
    const row = { cluster: this.kafka.clusterId, topic, partition, incarnation }
    await this.store.commit([{ insert: 'incarnations', row, orSkip: true }])
    const [begun] = await this.store.select('incarnations', row)
    if (!begun) throw new Error(`the store belongs to a later start: ${topic}/${partition} has no incarnation`)
    return begun
  }
}
