import type { Instant, Place, Value, ValueRecord } from '@shuniu/contracts'
import type { Explained } from '@shuniu/infra/expressions'
import type { CallRequest, Output } from '../ledger/ground.ts'
import type { EntryKind } from '../run/journal.ts'

/** Variables of a run while it is executed: `event`, `let` names, names of calls, list elements. */
export type Scope = Record<string, Value>

/** What an event says of itself before its data is read. */
export interface EventHead {
  /** Place in the log. */
  readonly position: number
  readonly id: string
  readonly type: string
  /** When the fact happened. */
  readonly time: Instant
  /** When the first document of its chain was made or finished, for a change or revocation. */
  readonly rootTime?: Instant
  /** The connection it came from. */
  readonly source: string
  readonly correlation: string
  readonly traceparent?: string
}

/** An event as flows see it. */
export interface FlowEvent extends EventHead {
  readonly data: ValueRecord
}

/** What a step may use. Steps never touch store, clock or network but through this. */
export interface RunContext {
  /**
   * Answers a look-up from the journal, or learns it now: at once where nobody has to be waited for. `asked` identifies the
   * question, `connection` says whom it asks.
   */
  learn(
    kind: EntryKind,
    asked: Value,
    learn: () => Learned | Promise<Learned>,
    connection?: string,
  ): Value | Promise<Value>
  /** Performs an effect at most once, then remembers. */
  call(request: CallRequest): Promise<Output>
  /** Emits an event at most once; it leaves with the run's next commit. */
  emit(path: string, type: string, data: ValueRecord): void
  /** Path of the step being computed: look-ups are noted under it. */
  path: string
  /** Keys of the list items around the step being run. */
  keys: readonly string[]
  /** Present when somebody wants to know where each field comes from, before it is computed: a dry-run. */
  explain?(fields: () => Promise<readonly Explained[]>): Promise<void>
}

export interface Learned {
  readonly answer: Value
  /** What the answer rests on, such as a table row's hash. */
  readonly version?: string
}

/** A compiled step. */
export interface StepPlan {
  readonly path: string
  readonly kind: string
  /** True when nothing behind it is ever reached. */
  readonly ends?: boolean
  run(scope: Scope, context: RunContext): Promise<void>
}

/** How a confirmed effect of a step is undone. */
export interface UndoPlan {
  readonly on: string
  readonly connection: string
  readonly operation: string
  readonly mode: 'auto' | 'park'
  readonly emit?: string
  /** Data of the event emitted afterwards. Scope: `event` (the one that undoes), `original` (the one it was made for), `effect` (undone), `undone` (what undid it). */
  data?(scope: Scope, context: RunContext): Promise<ValueRecord>
}

/** An event that a flow emits because of another. */
export interface Trigger {
  readonly on: string
  readonly emits: string
  /** Where it is written. */
  readonly place: Place
}

/** A flow, compiled: plain closures and a plan one can print. */
export interface FlowPlan {
  /** The identity, which references are made of: the first name it had. */
  readonly flow: string
  readonly name: string
  /** Hash of its meaning. */
  readonly version: string
  readonly title: string
  readonly source: string
  readonly on: string
  readonly since: Instant
  /** False means: not for this flow. */
  wants(event: FlowEvent): boolean
  /** The business key; also computable for events of `undo.on`. */
  keyOf(event: FlowEvent): string
  revisionOf(event: FlowEvent): number
  /** The number people know the document by. */
  numberOf(event: FlowEvent): string | undefined
  readonly steps: readonly StepPlan[]
  /** By path of the call they undo. */
  readonly undos: ReadonlyMap<string, UndoPlan>
  readonly undoOn: ReadonlySet<string>
  /** What it emits, and because of what: `checkFlows` looks at flows together. */
  readonly triggers: readonly Trigger[]
  /** It only computes and emits: what it makes of an event needs no row of its own (`short-way.ts`). */
  readonly short: boolean
}
