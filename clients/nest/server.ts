import { Server, type CustomTransportStrategy } from '@nestjs/microservices'
import {
  contracts as shipped,
  EventReader,
  HubError,
  identityOf,
  rememberEvents,
  type Contract,
  type HubEvent,
  type KafkaRecord,
  type RegistrySettings,
  type SeenEvents,
} from '@shuniu/client'
import type { KafkaConfig } from 'kafkajs'
import { EventContext } from './context.ts'
import { Abandoned, deliver, placeOf, usualRetry, type GivenUp, type RetryPolicy } from './deliver.ts'
import { joinGroup, type Group } from './group.ts'

export interface ShuniuOptions {
  /** As kafkajs takes it: brokers, ssl, sasl. */
  readonly kafka: KafkaConfig
  /** The consumer group: one name for all processes that share the work. */
  readonly group: string
  readonly registry: RegistrySettings
  /** Contracts to read by; those of the hub when left out. */
  readonly contracts?: readonly Contract[]
  /** Before the names of topics, where installations share a cluster. */
  readonly prefix?: string
  /** A new group begins with what is in the topics already, unless false. */
  readonly fromBeginning?: boolean
  /** ms without a sign of life after which the group takes this process for dead: 30,000 unless told. A slow handler gives signs. */
  readonly sessionTimeout?: number
  /** Which events were handled; in memory unless told. */
  readonly seen?: SeenEvents
  readonly retry?: Partial<RetryPolicy>
  /**
   * Takes what was given up, to a dead letter topic for example. The partition goes on when it resolves; while it rejects,
   * it is asked again. Without it, a line in the log.
   */
  readonly onGivenUp?: (given: GivenUp) => Promise<void> | void
}

/**
 * Nest's way to a hub's events: `app.connectMicroservice({ strategy: new ShuniuServer({…}) })`, then
 * `@EventPattern('finance.voucher.created')` gets each event decoded, typed and once. A handler that throws is tried again,
 * then given up; it never blocks its partition for ever.
 */
export class ShuniuServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('shuniu')
  /** We wait for handlers and report what they throw. */
  override readonly propagatesEventHandlerErrors = true
  private joined: Group | undefined

  constructor(private readonly options: ShuniuOptions) {
    super()
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      const { kafka, group, fromBeginning = true, sessionTimeout = 30_000 } = this.options
      const topics = [...this.messageHandlers.keys()].map((pattern) => this.topicOf(pattern))
      const report = (message: string, error: unknown): void => this.logger.warn(`${message}: ${said(error)}`)
      this.joined = await joinGroup({ kafka, group, topics, fromBeginning, sessionTimeout, report, take: this.taker() })
      callback()
    } catch (error) {
      callback(error)
    }
  }

  async close(): Promise<void> {
    await this.joined?.close()
    this.joined = undefined
  }

  /** There are no events of this transport to listen to. */
  override on(): void {}

  override unwrap<T>(): T {
    throw new HubError('internal.bug', { what: 'this transport has no client to hand out' })
  }

  /** A pattern is the type of an event, or a whole topic: `finance.voucher.created` or `finance.voucher.created.v1`. */
  private topicOf(pattern: string): string {
    const { contracts = shipped, prefix = '' } = this.options
    const found = contracts.find(({ type, topic }) => type === pattern || topic === pattern)
    if (!found && !/\.v[1-9]\d*$/.test(pattern)) throw new HubError('contract.unknown', { type: pattern, nearest: '' })
    return prefix + (found?.topic ?? pattern)
  }

  private taker(): (record: KafkaRecord, isOurs: () => boolean) => Promise<void> {
    const { registry, contracts, prefix = '', seen = rememberEvents(), retry, onGivenUp } = this.options
    const delivery = {
      reader: new EventReader({ registry, ...(contracts && { contracts }) }),
      seen,
      retry: { ...usualRetry, ...retry },
      dispatch: (event: HubEvent, record: KafkaRecord) => this.dispatch(event, record),
      givenUp: onGivenUp ?? ((given: GivenUp) => this.tellGivenUp(given)),
      failed: (message: string, error: unknown) => this.logger.warn(`${message}: ${said(error)}`),
    }
    return async (record, isOurs) => {
      try {
        await deliver(delivery, { ...record, topic: record.topic.slice(prefix.length) }, isOurs)
      } catch (error) {
        if (error instanceof Abandoned) this.logger.debug?.(`${placeOf(record)} is left to the next member`)
        throw error
      }
    }
  }

  private async dispatch(event: HubEvent, record: KafkaRecord): Promise<void> {
    const handler = this.getHandlerByPattern(event.type) ?? this.getHandlerByPattern(record.topic)
    // A topic may carry what nobody here asked for.
    if (!handler) return
    const result = this.transformToObservable(await handler(event, new EventContext(event, record)))
    await new Promise<void>((resolve, reject) => result.subscribe({ error: reject, complete: resolve }))
  }

  private tellGivenUp({ record, event, error, attempts }: GivenUp): void {
    const what = event ? `${event.type} ${identityOf(event)}` : 'a record that cannot be read'
    this.logger.error(`${placeOf(record)}: ${what} was given up after ${attempts} attempts: ${said(error)}`)
  }
}

function said(error: unknown): string {
  if (error instanceof HubError) return `${error.code} ${error.message}`
  // Nest hands on what an RpcException says, and hides the words of any other error: those are in Nest's own log.
  const isWorded = typeof error === 'object' && error !== null && 'message' in error
  return isWorded ? String(error.message) : String(error)
}
