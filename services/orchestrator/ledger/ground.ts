import type { Value, ValueRecord } from '@shuniu/contracts'
import type { Hold } from '@shuniu/infra/leases'
import type { Change, Row, Store } from '@shuniu/infra/store'
import type { Traces } from '@shuniu/infra/telemetry'
import type { Clock, Random } from '@shuniu/infra/time'
import type { ConnectedOperation, Connection, Log } from '@shuniu/sdk'
import type { Doors } from '../run/doors.ts'
import type { Journal } from '../run/journal.ts'

/** What the ledger stands on. */
export interface LedgerGround {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly connections: ReadonlyMap<string, Connection>
  /** Zone of business dates, such as `Asia/Shanghai`. */
  readonly zone: string
  /** While true, no effect is sent before its absence has been shown. */
  readonly resync: () => boolean
  /** Begins resync mode, durably: only a person ends it. */
  readonly openResync: () => Promise<void>
  /** Boot time (ms) of this start: in resync the quarantine counts from here. */
  readonly startedAt: number
  readonly log: Log
  readonly traces?: Traces | undefined
  /** For metrics: what became of an effect's attempt. */
  readonly observe: (connection: string, operation: string, outcome: string) => void
  /** What a connection takes its time for goes through its door. */
  readonly doors: Pick<Doors, 'pass' | 'leave'>
}

/** A ledger row. */
export type Effect = Omit<Row<'effects'>, 'open'>

/** A run while it is being executed: its row, its journal, and what its next commit will say. */
export interface RunInHand {
  readonly row: Row<'runs'>
  /** Its partition, as it was held when this attempt began. */
  readonly hold: Hold
  readonly journal: Journal
  readonly effects: Map<string, Effect>
  readonly pending: Change[]
  /** Tags of what it learned for others: pairs of the crosswalk. */
  readonly learned: string[]
  /** Attempts that came to nothing since the last step that worked. */
  attempts: number
  /** Whether its row says so. */
  running: boolean
}

/** One `call` of a flow, computed. */
export interface CallRequest {
  /** Where the step stands in the flow: `voucher`, `pay[line-3]`. */
  readonly path: string
  readonly leg: readonly string[]
  readonly connection: string
  readonly operation: string
  readonly input: ValueRecord
  readonly onTrouble: 'park' | 'continue'
  /** The confirmed effect this call undoes. */
  readonly undone?: Effect
}

export type Output = Readonly<Record<string, Value>>

/** One effect being worked on. */
export interface Hand {
  readonly run: RunInHand
  readonly call: CallRequest
  readonly connection: Connection
  readonly operation: ConnectedOperation
  readonly reference: string
  /** Hash of the input. */
  readonly asked: string
  /** Whether the journal has it. */
  noted: boolean
}

/** A call that nothing was done about yet. */
export type Preparing = Pick<Hand, 'call' | 'connection' | 'operation' | 'reference'>

/** `sendBy` lies so long after the commit: what has not left by then is not sent. */
export const sendWindow = 2_000
