/** The parts of kafkajs 2.2.4 that read a partition from an offset without a group: its public API has no such call. */
declare module 'kafkajs/src/cluster/index.js' {
  import type { Broker, ISocketFactory, Logger, RetryOptions } from 'kafkajs'

  export default class Cluster {
    constructor(options: {
      brokers: string[]
      clientId: string
      ssl?: unknown
      sasl?: unknown
      logger: Logger
      socketFactory?: ISocketFactory
      retry: RetryOptions
      connectionTimeout: number
      authenticationTimeout: number
      reauthenticationThreshold: number
      requestTimeout: number
      enforceRequestTimeout: boolean
      metadataMaxAge: number
      allowAutoTopicCreation: boolean
    })
    connect(): Promise<void>
    disconnect(): Promise<void>
    refreshMetadata(): Promise<void>
    addTargetTopic(topic: string): Promise<void>
    findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>
    findBroker(node: { nodeId: string }): Promise<Broker>
  }
}

declare module 'kafkajs/src/consumer/batch.js' {
  import type { KafkaMessage } from 'kafkajs'

  export interface FetchedPartition {
    readonly partition: number
    readonly highWatermark: string
    readonly abortedTransactions: readonly unknown[]
    readonly messages: readonly KafkaMessage[]
  }
  /** Leaves out control records and what a transaction took back. */
  export default class Batch {
    constructor(topic: string, fetchedOffset: string, partition: FetchedPartition)
    readonly messages: KafkaMessage[]
    readonly rawMessages: KafkaMessage[]
    lastOffset(): string
  }
}

declare module 'kafkajs/src/broker/saslAuthenticator/scram512.js' {
  import type { AuthenticationProviderArgs, Authenticator } from 'kafkajs'

  export default function scram512(user: {
    readonly username: string
    readonly password: string
  }): (connection: AuthenticationProviderArgs) => Authenticator
}
