import type { Tables } from '@shuniu/infra/config'
import type { Ground } from '@shuniu/infra/ground'
import type { EventLog } from '@shuniu/infra/log'
import type { Store } from '@shuniu/infra/store'
import type { Metrics, OperatorLog } from '@shuniu/infra/telemetry'
import type { Clock } from '@shuniu/infra/time'
import type { Ingress } from '@shuniu/ingress'
import type { FlowPlan, Orchestrator } from '@shuniu/orchestrator'
import type { Connection } from '@shuniu/sdk'
import type { InUse } from './project-in-use.ts'
import type { OpenProject } from './project.ts'
import type { Wakes } from './wakes.ts'

/** Everything of a hub that is open, from the ground up. Closed in reverse order. */
export interface Parts {
  readonly open: OpenProject
  readonly report: OperatorLog
  readonly metrics: Metrics
  readonly ground: Ground
  readonly store: Store
  readonly log: EventLog
  readonly tables: Tables
  readonly connections: ReadonlyMap<string, Connection>
  readonly plans: readonly FlowPlan[]
  readonly orchestrator: Orchestrator
  readonly ingress: Ingress
  readonly wakes: Wakes
  readonly inUse: InUse
  readonly clock: Clock
  readonly startedAt: number
  /** Why no work should be handed to it now; empty = ready. */
  readonly notReady: () => readonly string[]
}
