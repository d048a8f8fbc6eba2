import type { Change, EventRow } from '../store/port.ts'

/** An event as it stands in the log. */
export interface LogRecord extends EventRow {
  /** Its place, one number for ever (`place.ts`); grows within a topic's partition. */
  readonly position: number
}

/** What a reader gets: records in order, and the change that moves its position past them. */
export interface Batch {
  readonly records: readonly LogRecord[]
  /** Put it into the commit that makes the batch's rows durable: position and rows move together. */
  readonly moved: Change
  /** Holds as long as the position stands where this batch begins: for totals that must count a batch once. */
  readonly continues?: Change
}

export interface Subscription {
  /** Stops handing out; what was handed out goes on. */
  pause(): void
  resume(): void
  /** Resolves when the batch under way is finished and nothing more comes. */
  close(): Promise<void>
}

export interface ReadRange {
  readonly topics?: readonly string[]
  /** First position that is wanted. */
  readonly from: number
  readonly limit: number
}

/**
 * The durable log: order per key, at-least-once delivery to each named reader.
 * The position of record stands in the store, moved by the reader's own commit.
 */
export interface EventLog {
  /** It is not part of the store: what follows from a batch may be appended before its position moves, without an outbox. */
  readonly isApart?: boolean
  /**
   * Durable when it resolves. An event whose id is there already is not handed out again, as far as the log can see:
   * the embedded log keeps every id, Kafka knows the repeat of a send. After a rejection some of it may be there.
   */
  append(events: readonly EventRow[]): Promise<void>
  /**
   * Hands batches to `handle`, one at a time within a partition, from the reader's position on. A batch whose `handle` rejects, or whose
   * position was not moved, is handed out again after a pause that grows.
   */
  subscribe(reader: string, topics: readonly string[], handle: (batch: Batch) => Promise<void>): Promise<Subscription>
  /** Reads without a reader's position: replay, trace, tail. Partition by partition; `last.position + 1` goes on. */
  read(range: ReadRange): Promise<readonly LogRecord[]>
  find(eventId: Uint8Array): Promise<LogRecord | undefined>
  /**
   * For each partition of these topics, or of all that were ever read, the position after its newest record; `isAfter`
   * compares a record with it.
   */
  ends(topics?: readonly string[]): Promise<readonly number[]>
}
