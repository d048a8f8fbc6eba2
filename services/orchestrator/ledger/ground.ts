import type { Change, Row, Store } from '@shuniu/infra/store'
import type { Clock, Random } from '@shuniu/infra/time'
import type { Connection, Log } from '@shuniu/sdk'
import type { Value, ValueRecord } from '@shuniu/contracts'
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
  /** Boot time (ms) of this start: in resync the quarantine counts from here. */
  readonly startedAt: number
  readonly log: Log
  /** For metrics: what became of an effect's attempt. */
  readonly observe: (connection: string, operation: string, outcome: string) => void
}

/** A run while it is being executed: its row, its journal, and what the next commit will say. */
export interface RunInHand {
  readonly row: Row<'runs'>
  readonly journal: Journal
  readonly effects: Map<string, Row<'effects'>>
  readonly pending: Change[]
}

/** One `call` of a flow, computed. */
export interface CallRequest {
  /** Where the step stands in the flow: `voucher`, `lines[3].pay`. */
  readonly path: string
  readonly leg: readonly string[]
  readonly connection: string
  readonly operation: string
  readonly input: ValueRecord
  readonly onTrouble: 'park' | 'continue'
  /** The confirmed effect this call undoes. */
  readonly undone?: Row<'effects'>
}

export type Output = Readonly<Record<string, Value>>

/** `sendBy` lies so long after the commit: what has not left by then is not sent. */
export const sendWindow = 2_000
