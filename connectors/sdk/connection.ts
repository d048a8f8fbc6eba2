import { Duration } from '@shuniu/contracts'
import type { Outbound } from '@shuniu/infra/outbound'
import type { ConnectorDefinition } from './connector.ts'
import type { Ground } from './ground.ts'
import type { Operation } from './operation.ts'

/** How a connection changes what an operation declares; shorter times only with a reason. */
export interface OperationOverride {
  readonly timeout?: Duration | undefined
  readonly quarantine?: Duration | undefined
  readonly lookUps?: { readonly times?: number | undefined; readonly apart?: Duration | undefined } | undefined
}

/** An operation as this connection uses it, times in ms. */
export interface ConnectedOperation {
  readonly name: string
  readonly definition: Operation<unknown>
  readonly timeout: number
  readonly quarantine: number
  readonly lookUps: { readonly times: number; readonly apart: number }
}

/** A configured instance of a connector, open and ready to be used by ingress and orchestrator alike. */
export interface Connection {
  readonly name: string
  readonly definition: ConnectorDefinition
  readonly settings: unknown
  readonly link: unknown
  readonly outbound: Outbound
  readonly operations: ReadonlyMap<string, ConnectedOperation>
  close(): Promise<void>
}

export interface ConnectionConfiguration {
  readonly name: string
  /** As validated by the connector's own schema. */
  readonly settings: unknown
  readonly operations: Readonly<Record<string, OperationOverride>>
}

/** Opens a connection: no call is made yet. */
export function openConnection(
  definition: ConnectorDefinition,
  configuration: ConnectionConfiguration,
  ground: Ground,
): Connection {
  const link = definition.open(configuration.settings, ground)
  const operations = Object.entries(definition.operations).map(
    ([name, operation]) => [name, connect(name, operation, configuration.operations[name] ?? {})] as const,
  )
  return {
    name: configuration.name,
    definition,
    settings: configuration.settings,
    link,
    outbound: ground.outbound,
    operations: new Map(operations),
    async close() {
      await definition.close?.(link)
      await ground.outbound.close()
    },
  }
}

function connect(name: string, definition: Operation<unknown>, override: OperationOverride): ConnectedOperation {
  return {
    name,
    definition,
    timeout: override.timeout?.ms ?? milliseconds(definition.timeout),
    quarantine: override.quarantine?.ms ?? milliseconds(definition.quarantine),
    lookUps: {
      times: override.lookUps?.times ?? definition.lookUps.times,
      apart: override.lookUps?.apart?.ms ?? milliseconds(definition.lookUps.apart),
    },
  }
}

/** Length written as `60s`, in ms. Declarations and configurations are checked before they get here. */
export function milliseconds(text: string): number {
  const duration = Duration.parse(text)
  if (!duration) throw new RangeError(`${text} is not a length of time`)
  return duration.ms
}
