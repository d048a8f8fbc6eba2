import type { Contract, Instant, Language, ParkReason, Text, Value, ValueRecord } from '@shuniu/contracts'
import type { TableEdit, TableRow, TableShape } from '@shuniu/infra/config'
import type { EventLog, LogRecord } from '@shuniu/infra/log'
import type { Store } from '@shuniu/infra/store'
import type { Metrics, OperatorLog } from '@shuniu/infra/telemetry'
import type { Clock, Random } from '@shuniu/infra/time'
import type { CheckFinding, Discovery, Listed, Log } from '@shuniu/sdk'

/**
 * Everything the API stands on. What is in rows it reads itself from `store` and `log`; for what other services do, the
 * hub puts them behind these few functions. They may throw `HubError`, which becomes the answer.
 */
export interface ConsolePorts {
  readonly store: Store
  readonly log: EventLog
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Metrics
  /** Which lines of the operators' log are written; changes at once. */
  readonly levels: OperatorLog['levels']
  /** The operators' log: surprises of the API go there, never into an answer. */
  readonly report: Pick<Log, 'error'>
  readonly contracts: readonly Contract[]
  /** Folder of the project, absolute and without links. */
  readonly folder: string
  /** Of the project; a request may ask for another one. */
  readonly language: Language
  /** Zone of business dates, such as `Asia/Shanghai`. */
  readonly zone: string
  /** Of the settings, an administrator's. With one, or one in the store, every request has to carry one. */
  readonly token?: string
  /** Says of a peer whether it is the proxy in front. */
  readonly isProxy?: (peer: string | undefined) => boolean
  readonly hashes: Hashes
  readonly parking: RunParking
  readonly receiptParking: ReceiptParking
  readonly flows: Flows
  readonly tables: Tables
  readonly connections: Connections
  /** Decodes a record. Throws `contract.*` and `event.*` for what nobody can read. */
  readEvent(record: LogRecord): ReadEvent
  /** Writes a consistent copy of the data; the path is the operator's own. */
  backup(file: string): Promise<{ readonly bytes: number }>
  readonly project: ActiveProject
  /** Ends resync mode: from now on effects are sent without showing their absence first. */
  closeResync(decision: Decision): Promise<void>
  /** What it stands on besides the store, by name: each resolves when it is well. */
  readonly dependencies?: Readonly<Record<string, () => Promise<unknown>>>
  /** Of an event log on Kafka. */
  readonly topics?: Topics
  status(): Promise<HubStatus> | HubStatus
}

export interface Topics {
  /** What stops a partition of this process. */
  gaps(): readonly LogGap[]
  /** Throws `log.no-gap`. */
  acceptGap(where: Pick<LogGap, 'topic' | 'partition'>, decision: Decision): Promise<LogGap>
}

/** Offsets `from` up to `earliest` of a partition were deleted before they were read. */
export interface LogGap {
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly earliest: number
}

/** The project in use. */
export interface ActiveProject {
  active(): Promise<{
    readonly number: number
    readonly running: number
    readonly hash: string
    readonly actor: string
    readonly appliedAt: number
    /** SHA-256 by path. */
    readonly files: Readonly<Record<string, string>>
  }>
  /** Takes the files with this hash into use. Throws `project.*`. */
  apply(hash: string, decision: Decision): Promise<void>
}

/** The 52-bit hashes under which the services keep their rows. */
export interface Hashes {
  /** `runs.key_hash`, `marks.key_hash` */
  key(flow: string, key: string): number
  /** `receipts.subject_hash` */
  subject(connection: string, source: string, subject: string): number
  /** `crosswalk.from_hash` */
  crosswalk(kind: string, fromConnection: string, fromId: string): number
}

/** Who decides, and why: both are kept in the audit log. */
export interface Decision {
  readonly actor: string
  readonly reason: string
}

export interface RunParking {
  retry(run: number, decision: Decision): Promise<void>
  resolve(run: number, document: string, decision: Decision & { readonly accept: boolean }): Promise<void>
  drop(run: number, decision: Decision): Promise<void>
  /** A pair of the crosswalk was written: runs that wait for it go on. */
  learned(pair: CrosswalkPair): Promise<void>
}

/** The same thing in two systems. */
export interface CrosswalkPair {
  readonly kind: string
  readonly from: { readonly connection: string; readonly id: string }
  readonly to: { readonly connection: string; readonly id: string }
}

export interface ReceiptParking {
  retry(receipt: number, decision: Decision): Promise<void>
  drop(receipt: number, decision: Decision): Promise<void>
}

/** An event as flows see it. */
export interface ReadEvent {
  /** Place in the log. */
  readonly position: number
  readonly id: string
  readonly type: string
  /** When the fact happened. */
  readonly time: Instant
  /** Name of the connection, or of the flow (`/flows/…`), it came from. */
  readonly source: string
  readonly correlation: string
  readonly data: ValueRecord
}

export interface Flows {
  /** Event types a flow runs on, and those that undo it; undefined for a flow nobody knows. */
  events(flow: string): { readonly on: string; readonly undoOn: readonly string[] } | undefined
  /** The business key a flow sees in an event; undefined when it gives none. */
  keyOf(flow: string, record: LogRecord): string | undefined
  /** Hands an older event to a flow; false when it had it already. What the ledger holds is never sent again. */
  deliver(flow: string, record: LogRecord): Promise<boolean>
  /** Id of the event that a flow's step `path` emitted, as type `type`, because of `cause`. */
  emittedId(emitted: { flow: string; path: string; type: string; cause: Pick<ReadEvent, 'id' | 'time'> }): string
  /** Ids of the events that follow from this one by flows that only compute and emit: they keep no rows. */
  passedIds(record: LogRecord): Promise<readonly string[]>
  /** Computes what the flow would do with this event, without doing it. */
  dryRun(flow: string, event: DryEvent, explain: boolean): Promise<DryRun>
}

/** An event for a dry-run: its data by the contract, and what the envelope says when it is known. */
export interface DryEvent {
  readonly data: ValueRecord
  readonly id?: string
  readonly type?: string
  readonly time?: Instant
  readonly source?: string
}

export interface DryRun {
  readonly calls: readonly DryCall[]
  readonly emits: readonly { readonly type: string; readonly data: ValueRecord }[]
  readonly park?: { readonly reason: ParkReason; readonly message: Text; readonly step?: string }
  readonly explain?: readonly Explained[]
}

export interface DryCall {
  readonly step: string
  readonly connection: string
  readonly operation: string
  /** The reference it would travel under. */
  readonly reference?: string
  readonly input: ValueRecord
  /** What would be sent, where it can be built without asking the target. */
  readonly body?: ValueRecord
}

/** Where a field of a call comes from. */
export interface Explained {
  /** `voucher.entries[0].account` */
  readonly path: string
  readonly value: Value
  /** The expression as it is written. */
  readonly source: string
  readonly lookups: readonly string[]
}

export interface Tables {
  readonly shapes: readonly TableShape[]
  /** All rows of a table. Throws `table.unknown`. */
  rows(name: string): readonly TableRow[]
  set(name: string, edit: TableEdit, actor: string): Promise<void>
}

export interface Connections {
  check(name: string): Promise<readonly CheckFinding[]>
  /** What a month costs in calls, for so many documents a day. Throws for an unknown name. */
  forecast(name: string, documentsPerDay?: number): Forecast
  discover(name: string): Promise<Discovery>
  /** The newest documents, as read from the source, and the events they would become. */
  sample(name: string, ask: { readonly form?: string; readonly last: number }): Promise<Sample>
  /** What receipts are known by: the sources of every connection, under the connection's identity. */
  readonly sources: readonly { readonly connection: string; readonly source: string }[]
  /** Looks soon at what a connection's pushes may have lost. */
  sweep(name: string): Promise<void>
  /** Operations with effect `money` that can list their target's documents, for reconciliation. */
  readonly targets: readonly { readonly connection: string; readonly operation: string }[]
  /** All documents dated from `from` to `to`, both included (`yyyy-MM-dd`). */
  list(connection: string, operation: string, from: string, to: string): Promise<readonly Listed[]>
  /** What a stored body says, in the connector's words; undefined when the operation is gone. */
  describe(connection: string, operation: string, body: ValueRecord): Described | undefined
}

/** The calls of a month, as planned. */
export interface Forecast {
  readonly documentsPerDay: number
  /** Forms that are mapped to events. */
  readonly forms: number
  readonly calls: number
  /** What the vendor's edition allows; 0 = no limit. */
  readonly perMonth: number
  /** Calls of this month so far; undefined where nobody counted. */
  readonly usedThisMonth?: number
  readonly lines: readonly { readonly what: Text; readonly calls: number }[]
}

export interface Described {
  /** What the operation does: "Save a voucher". */
  readonly title: Text
  readonly book?: string
  /** `yyyy-MM-dd` */
  readonly day?: string
  /** Decimal text. */
  readonly amount?: string
  readonly currency?: string
  readonly text: string
}

export interface Sample {
  readonly documents: readonly ValueRecord[]
  readonly events: readonly { readonly type: string; readonly data: ValueRecord }[]
}

/** What only the process itself knows; the rest of `/status` comes from rows. Times are ms since 1970. */
export interface HubStatus {
  readonly version: string
  readonly project: string
  readonly epoch: number
  readonly resync: boolean
  readonly startedAt: number
  readonly flows: readonly FlowStatus[]
  readonly connections: readonly ConnectionStatus[]
  /** What is not well enough to take work; empty = ready. */
  readonly notReady: readonly string[]
  /** Partitions that this process works on. */
  readonly partitions?: readonly number[]
}

export interface FlowStatus {
  readonly name: string
  readonly version: string
  readonly on: string
  readonly active: boolean
  /** Place in the log from which on it gets events. */
  readonly from: number
  /** It only computes and emits: no row is kept of what passes. */
  readonly short: boolean
}

export interface ConnectionStatus {
  readonly name: string
  readonly connector: string
  readonly breaker: 'closed' | 'open' | 'half-open'
  readonly underWay: number
  readonly waiting: number
  readonly usedThisMonth: number
  /** 0 = no limit. */
  readonly perMonth: number
  readonly stream?: 'connected' | 'disconnected'
  /** How far it may be behind its sources, ms; undefined where nothing is read from it. */
  readonly lag?: number
}
