import type { Gaps } from '../kafka/gaps.ts'
import type { Ownership } from '../leases/port.ts'
import type { EventLog } from '../log/port.ts'
import type { Flushed } from '../store/committer.ts'
import type { EventRow, Store } from '../store/port.ts'
import type { Row } from '../store/tables.ts'

/** What a hub stands on: its rows, its events, and what belongs to the installation as a whole. */
export interface Ground {
  readonly store: Store
  readonly log: EventLog
  /** Which partitions of the work are this process's. */
  readonly ownership: Ownership
  /** The topics that are there to be read; any, when left out. */
  readonly topics?: readonly string[]
  /** Where the log may forget what was not read yet. */
  readonly gaps?: Pick<Gaps, 'list' | 'accept'>
  /** Where strangers write to the log: the copy of a record that nobody can read. */
  readonly deadLetter?: (row: Row<'poisoned'>) => Promise<EventRow | undefined>
  /** Identity of the installation, given once. */
  readonly installation: string
  /** True while sends must first show that their document is absent; until a person closes it. */
  readonly resync: boolean
  /** Begin and end resync mode, durably. */
  openResync(): Promise<void>
  closeResync(): Promise<void>
  /** Hears of each group of commits that is durable. */
  onFlushed(listener: Flushed): void
  /** Writes a consistent copy; a start on the copy is in resync mode. Absent where the database has its own means. */
  readonly backup?: (file: string) => Promise<void>
  /** Begins nothing more, and gives each partition to others as soon as it is free. Absent where there are no others. */
  readonly handOver?: () => Promise<void>
  /** Resolves when nothing is under way; what waits to be published goes on with the next start. */
  close(): Promise<void>
}
