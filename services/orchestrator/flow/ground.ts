import type { Contract, Problem } from '@shuniu/contracts'
import type { Tables } from '@shuniu/infra/config'
import type { HostCall, HostFunction } from '@shuniu/infra/expressions'
import type { Store } from '@shuniu/infra/store'
import type { Connection, ConnectorDefinition } from '@shuniu/sdk'
import type { RunContext } from './plan.ts'

/** The connector behind each connection. */
export type Connectors = ReadonlyMap<string, ConnectorDefinition>

/** What flows are checked against and compiled with: the same for lint, dry-run, tests and live runs. */
export interface FlowGround {
  readonly contracts: readonly Contract[]
  readonly connectors: Connectors
  /** Look-ups: `table`, `crosswalk`, `openDate`. */
  readonly functions: Readonly<Record<string, HostFunction<RunContext>>>
  /** What is wrong with a look-up that can be seen before it is made. */
  readonly checkLookUp?: (call: HostCall) => readonly Problem[]
}

/** What look-ups ask. */
export interface LookUpGround {
  readonly tables: Pick<Tables, 'shapes' | 'shape' | 'find'>
  readonly store: Store
  readonly connections: ReadonlyMap<string, Connection>
}

/** A look-up of flows: answers from the run's journal once it has been asked; a miss parks the run. */
export type LookUp = HostFunction<RunContext>
