/** TLS in PEM (without `ca` the CAs of the system count), and a login with SCRAM-SHA-512. */
export interface KafkaSecurity {
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly sasl?: { readonly username: string; readonly password: string }
}

/** How a cluster is reached. */
export interface KafkaSettings {
  /** `host:port` of brokers to begin with. */
  readonly brokers: readonly string[]
  readonly clientId?: string
  /**
   * Asked at the start whether connections are encrypted and logged in, and for every connection by what: what was renewed
   * meanwhile counts from the next one on.
   */
  readonly security?: () => KafkaSecurity
  /** ms until a request without an answer counts as failed; 30,000 unless told. */
  readonly requestTimeout?: number
  /** How often a send without an answer is repeated before it fails; 5 unless told. */
  readonly sendRetries?: number
}

/** Headers as they are on the wire: bytes, a list where a name came more than once. */
export type Headers = Readonly<Record<string, Uint8Array | string | readonly (Uint8Array | string)[] | undefined>>

/** What goes out. The value is never null: that would be a deletion on a compacted topic. */
export interface Outgoing {
  readonly key: string
  readonly value: Uint8Array
  readonly headers: Headers
}

/** What came in; anybody may have written it. */
export interface Incoming {
  readonly offset: number
  /** ms since 1970, when it was appended. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Headers
}

/** A stretch of a partition: its records, and the offset to go on from (records may be missing: compaction, markers). */
export interface Stretch {
  readonly records: readonly Incoming[]
  readonly next: number
}

/** First offset that is still there, and the one after the newest. */
export interface Extent {
  readonly earliest: number
  readonly end: number
}

export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  readonly replication: number
  readonly config: Readonly<Record<string, string>>
}

/** A topic as it is. */
export interface TopicState {
  readonly partitions: number
  /** Copies of the partition that has fewest. */
  readonly replication: number
  /** Every setting that counts for it. */
  readonly config: Readonly<Record<string, string>>
  /** Those that were set for this topic. */
  readonly own: Readonly<Record<string, string>>
}

/** Records of one partition, handed to a member of a group. */
export interface Handed {
  readonly topic: string
  readonly partition: number
  readonly records: readonly Incoming[]
  heartbeat(): Promise<void>
  /** The next fetch begins after this offset. */
  resolve(offset: number): void
  /** Tells the group that the offset before this one was read: a copy for tools. */
  copy(offset: number): Promise<void>
  /** False when the partition is about to be read from elsewhere, or by another member. */
  isCurrent(): boolean
}

export interface MemberListener {
  /** The partitions that are this member's from now on. */
  joined(assigned: ReadonlyMap<string, readonly number[]>, member: Member): void
  handed(batch: Handed): Promise<void>
  /** The member is dead and does not come back: leave it, make another. */
  crashed(error: unknown): void
}

/** One life of a member of a consumer group. */
export interface Member {
  seek(topic: string, partition: number, offset: number): void
  pause(topic: string, partition: number): void
  resume(topic: string, partition: number): void
  /** Resolves when the batches under way are finished and the group knows that it left. */
  leave(): Promise<void>
}

/** What the log needs of a Kafka client. Its failures are `log.unreachable`, `log.untrusted`, `log.login` and `log.forbidden`. */
export interface KafkaDriver {
  readonly clusterId: string
  brokers(): Promise<number>
  /** Existing topics and how many partitions they have. */
  topics(): Promise<ReadonlyMap<string, number>>
  extents(topic: string): Promise<ReadonlyMap<number, Extent>>
  /** First offset of each partition whose record was appended at this time or later. */
  offsetsAt(topic: string, time: number): Promise<ReadonlyMap<number, number>>
  /** Creates what is missing; returns the names created. */
  create(topics: readonly NewTopic[]): Promise<readonly string[]>
  /** Of these, those that exist. */
  describe(topics: readonly string[]): Promise<ReadonlyMap<string, TopicState>>
  /** Sets these of its settings; others stay. */
  alter(topic: string, config: Readonly<Record<string, string>>): Promise<void>
  addPartitions(topic: string, count: number): Promise<void>
  partitionOf(key: string, count: number): number
  /** Resolves when all in-sync replicas have it. */
  send(topic: string, partition: number, records: readonly Outgoing[]): Promise<void>
  /** Reads without a group; an empty stretch that does not move is the end. */
  read(topic: string, partition: number, from: number): Promise<Stretch>
  join(group: string, topics: readonly string[], listener: MemberListener): Promise<Member>
  close(): Promise<void>
}
