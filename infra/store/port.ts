import type { Worth } from '@shuniu/contracts'
import type { NewRow, Row, TableName } from './tables.ts'

/** The id that an earlier insert of the same commit gets. */
export interface IdOf {
  readonly idOf: number
}

/** The order number that an earlier appended event of the same commit gets is written by `IdOf` too. */
export type Writable<R> = { readonly [C in keyof R]: R[C] | (number extends R[C] ? IdOf : never) }

/** Conditions, all of which must hold. A list means one of. */
export type Where<T extends TableName> = {
  readonly [C in keyof Row<T>]?: Row<T>[C] | readonly Row<T>[C][] | Comparison
}
export interface Comparison {
  readonly atLeast?: number | string
  readonly atMost?: number | string
  readonly above?: number | string
  readonly below?: number | string
  readonly not?: number | string | null
  /** Of a hash: it is in one of these partitions. */
  readonly part?: readonly number[]
}

/** Inserts. `ifAbsent`: when the table's first unique list is taken, the whole commit is refused as `exists`. */
export type Insert<T extends TableName = TableName> = T extends TableName
  ? { readonly insert: T; readonly row: Writable<NewRow<T>>; readonly ifAbsent?: boolean; readonly orSkip?: boolean }
  : never

/** Updates exactly one row; when none matches, the whole commit is refused as `guard` — unless `orSkip`. */
export type Update<T extends TableName = TableName> = T extends TableName
  ? {
      readonly update: T
      readonly where: Where<T>
      readonly set: Partial<Writable<Row<T>>>
      readonly orSkip?: boolean
      readonly many?: boolean
    }
  : never

/** Inserts, or sets the given columns of the row that has the same first unique list. */
export type Upsert<T extends TableName = TableName> = T extends TableName
  ? { readonly upsert: T; readonly row: Writable<NewRow<T>> }
  : never

export type Remove<T extends TableName = TableName> = T extends TableName
  ? { readonly remove: T; readonly where: Where<T> }
  : never

/** Refuses the whole commit as `guard` unless no row (`none`) / some row matches at this moment. */
export type Expect<T extends TableName = TableName> = T extends TableName
  ? { readonly expect: T; readonly where: Where<T>; readonly none: boolean }
  : never

/** Refuses the whole commit as `stale` unless this partition is held since this epoch: stands in every change of its states. */
export interface Fence {
  readonly fence: number
  readonly epoch: number
}

/** Adds to one of promise 2's totals. */
export interface Count {
  readonly count: string
  readonly by: number
}

/** An event on its way to the log; its id decides whether it is there already (then nothing is appended). */
export interface Append {
  readonly append: EventRow
}
export interface EventRow {
  readonly eventId: Uint8Array
  readonly topic: string
  readonly key: string
  readonly time: number
  /** CloudEvents attributes as JSON text. */
  readonly attributes: string
  readonly data: Uint8Array
  /** What it is worth, for metrics; not kept. */
  readonly worth?: Worth
}

/** What a commit says, as data: it may cross to a worker thread or a database. */
export type Change = Insert | Update | Upsert | Remove | Expect | Fence | Count | Append

export type CommitOutcome =
  /** All of it is durable. `ids[i]` belongs to change i: the row's id, for inserts and appends. */
  | { readonly is: 'done'; readonly ids: readonly (number | undefined)[] }
  /** None of it happened, because of change number `at`. */
  | { readonly is: 'refused'; readonly at: number; readonly why: 'exists' | 'guard' }
  /**
   * None of it happened: somebody else owns this work now. Stop at once, release nothing. `part`: of this partition; without
   * it, of the whole store.
   */
  | { readonly is: 'stale'; readonly part?: number }

export interface SelectOptions<T extends TableName> {
  readonly order?: { readonly by: keyof Row<T> & string; readonly down?: boolean }
  readonly limit?: number
}

/** The rows of the hub. Writes are durable when `commit` resolves; reads see every commit that resolved before. */
export interface Store {
  readonly epoch: number
  /**
   * Applies all changes or none, and resolves when they are on disk. It comes behind every commit that resolved before, and
   * behind those called before it in the same turn of the loop.
   * Rejects with `store.full` when the disk cannot take more, or `store.unreachable` when there is no way to the database;
   * then nothing of it happened. Rejects with `store.unknown` when that way was lost on the word COMMIT: all of it happened,
   * or nothing. Nothing may be sent or acknowledged on that; the rows can be read back. A file always knows.
   */
  commit(changes: readonly Change[]): Promise<CommitOutcome>
  get<T extends TableName>(table: T, id: number): Promise<Row<T> | undefined>
  select<T extends TableName>(table: T, where: Where<T>, options?: SelectOptions<T>): Promise<Row<T>[]>
  /** Recounts from rows, grouped by one column. */
  tally<T extends TableName>(table: T, by: keyof Row<T> & string, where?: Where<T>): Promise<Record<string, number>>
  /** The lowest id of each group of one column: the row of it that has been there longest. */
  oldest<T extends TableName>(table: T, by: keyof Row<T> & string, where?: Where<T>): Promise<Record<string, number>>
}
