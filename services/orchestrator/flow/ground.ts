import type { Contract, Problem } from '@shuniu/contracts'
import type { HostCall, HostFunction } from '@shuniu/infra/expressions'
import type { ConnectorDefinition } from '@shuniu/sdk'
import type { RunContext } from './plan.ts'

/** What flows are checked against and compiled with: the same for lint, dry-run, tests and live runs. */
export interface FlowGround {
  readonly contracts: readonly Contract[]
  /** The connector behind each connection. */
  readonly connectors: ReadonlyMap<string, ConnectorDefinition>
  /** Look-ups: `table`, `crosswalk`, `openDate`. */
  readonly functions: Readonly<Record<string, HostFunction<RunContext>>>
  /** What is wrong with a look-up that can be seen before it is made. */
  readonly checkLookUp?: (call: HostCall) => readonly Problem[]
}
