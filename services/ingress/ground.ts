import type { Contract } from '@shuniu/contracts'
import type { ConnectionFile, FormDescription } from '@shuniu/infra/config'
import type { Ownership } from '@shuniu/infra/leases'
import type { CommitOutcome, Store } from '@shuniu/infra/store'
import type { Traces } from '@shuniu/infra/telemetry'
import type { Clock, Random } from '@shuniu/infra/time'
import type { Connection, Log } from '@shuniu/sdk'

/** What the ingress reads of a connection's file, with the forms that `discover --save` found. */
export type Declared = Pick<
  ConnectionFile,
  'connector' | 'from' | 'events' | 'operations' | 'limits' | 'formerly' | 'node'
> & {
  readonly forms: readonly FormDescription[]
}

/** A connection that is open, and what its file says. */
export interface DeclaredConnection {
  readonly connection: Connection
  readonly declared: Declared
}

export interface IngressLimits {
  /** Receipts that may wait to be understood before the door answers 503. */
  readonly waiting: number
  /** Receipts of one connection that are normalised at once, where it may make as many calls at once. */
  readonly concurrency: number
}

/** What the ingress stands on; the hub puts it together. */
export interface IngressGround {
  readonly store: Store
  /** Which partitions are worked on here: receipts by their document, sweeps by their connection's name. */
  readonly ownership: Ownership
  /** Whether vendors hand over here: hooks and streams; left out: yes. */
  readonly receives?: boolean
  readonly clock: Clock
  readonly random: Random
  readonly report: Log
  readonly connections: readonly DeclaredConnection[]
  readonly contracts: readonly Contract[]
  /** The number of a contract's schema on the wire. */
  readonly schemaId: (contract: Contract) => number
  readonly limits: IngressLimits
  readonly traces?: Traces | undefined
  /** A push to a connection was answered after so many ms. */
  readonly answered?: (connection: string, ms: number) => void
  /** Somebody else owns the store now: the hub has to stop. */
  readonly lost: (error: unknown) => void
}

/** Somebody else owns this work now: nothing may be written any more. */
export class Stale extends Error {
  override readonly name = 'Stale'
}

/** The receipt's partition is not ours, or nothing may be begun in it now. */
export class NotOurs extends Error {
  override readonly name = 'NotOurs'
}

export function staleness({ part }: Extract<CommitOutcome, { is: 'stale' }>): Error {
  return part === undefined ? new Stale() : new NotOurs(`partition ${part} is somebody else's now`)
}
