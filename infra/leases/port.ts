import type { Fence } from '../store/port.ts'

/** A partition while it is ours. */
export interface Hold {
  readonly part: number
  /** Stands in every commit that changes a state of the partition. Empty where nobody else can own it. */
  readonly fence: readonly Fence[]
  /** Whether anything new may be begun: a run, a turn, above all a send. Not when half the lease is over, nor once it ends. */
  mayStart(): boolean
  /** Aborted when it is lost or to be handed over: who waits for a turn goes home. */
  readonly ending: AbortSignal
}

/** What work is about: each kind has one worker in a process. */
export type WorkKind = 'run' | 'receipt' | 'sweep' | 'topic'

/** Work that follows the partitions. */
export interface Worker {
  readonly kind: WorkKind
  /** Takes up what is open of these partitions; they are ours when it is called. Rejects: they are given back. */
  gained(holds: readonly Hold[]): Promise<void>
  /** Starts nothing more of these partitions and forgets what waits; resolves when nothing of them is under way. */
  lost(parts: ReadonlySet<number>): Promise<void>
  /** Rows of our partitions that somebody else wrote or changed; without ids, anything may have happened. */
  told(ids: readonly number[] | undefined): void
}

/** Which partitions this process works on. Proven by `ownershipSuite`. */
export interface Ownership {
  /** Tells the worker of everything held, and from then on of every change. */
  join(worker: Worker): Promise<void>
  /** Partitions held now. */
  held(): readonly number[]
  /** Whether the partition of this hash is held. */
  owns(hash: number): boolean
  /** Tells the owner of a hash's partition, in whichever process, that a row is there or has changed. */
  tell(kind: WorkKind, hash: number, id: number): void
  /** A commit was refused as stale: looks at once what is still ours. */
  doubt(): void
  /** Hands everything over, each partition as soon as nothing of it is under way. Called again, it is the same hand-over. */
  close(): Promise<void>
}
