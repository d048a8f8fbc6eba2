import type { Contract } from '../contract.ts'

/** What is known of the place where events are, beside their contracts. */
export interface CatalogueAround {
  /** Name of the project. */
  readonly title: string
  readonly version: string
  /** `host:port` of a broker, as consumers reach it. */
  readonly server: string
  /** Address of the schema registry. */
  readonly registry: string
  /** Before the name of every topic, where installations share a cluster. */
  readonly prefix?: string
  /** How topics are set, where it is known. */
  readonly topics?: TopicSettings
}

export interface TopicSettings {
  readonly partitions?: number
  readonly replicas?: number
  /** ms; -1 = for ever. */
  readonly retentionMs?: number
}

/** Public ones first, each by its topic. */
export function inOrderOfTopics(contracts: readonly Contract[]): Contract[] {
  const rank = ({ visibility, topic }: Contract): string => `${visibility === 'public' ? 0 : 1} ${topic}`
  return contracts.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1))
}
