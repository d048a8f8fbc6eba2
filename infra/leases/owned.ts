import { partOf } from '../store/parts.ts'
import type { Hold, Worker, WorkKind } from './port.ts'

/** One kind of work, as it follows its partitions. One of these is under way at a time, but for `drop`. */
export interface Work {
  readonly kind: WorkKind
  /** Takes up what is open of these partitions. */
  takeUp(holds: readonly Hold[]): Promise<void>
  /** Forgets what is in hand of these partitions; resolves when nothing of it is under way. */
  drop(parts: ReadonlySet<number>): Promise<unknown>
  /** Takes note of rows that somebody else wrote or changed, where `owned` has their partition. */
  notice(ids: readonly number[], owned: Owned): Promise<void>
  /** Looks for rows of which nobody told, by their state: never by a last id, for a commit with a lower id may come later. */
  look(parts: readonly number[]): Promise<void>
  /** A notice or look failed; there will be others. */
  failed(error: unknown): void
}

/** The partitions of one kind of work that are ours. `closing`: aborted when the hub stops. */
export class Owned implements Worker {
  private readonly holds = new Map<number, Hold>()
  /** Whose open rows are in hand: what comes is added as it comes. */
  private readonly takenUp = new Set<number>()
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly work: Work,
    private readonly closing: AbortSignal,
  ) {}

  get kind(): WorkKind {
    return this.work.kind
  }

  /** Partitions whose rows are in hand. */
  get parts(): readonly number[] {
    return [...this.takenUp]
  }

  /** Whether the rows of this hash are in hand. */
  has(hash: number): boolean {
    return this.takenUp.has(partOf(hash))
  }

  /** The partition of this hash, when something of it may be begun now. */
  holdOf(hash: number): Hold | undefined {
    const hold = this.holds.get(partOf(hash))
    return hold?.mayStart() ? hold : undefined
  }

  gained(holds: readonly Hold[]): Promise<void> {
    for (const hold of holds)
      this.holds.set(hold.part, { ...hold, ending: AbortSignal.any([this.closing, hold.ending]) })
    return this.inTurn(async () => {
      await this.work.takeUp(holds)
      for (const { part, ending } of holds) if (!ending.aborted) this.takenUp.add(part)
      // They were lost while they were being read.
      const lost = holds.filter(({ ending }) => ending.aborted)
      if (lost.length > 0) void this.work.drop(new Set(lost.map(({ part }) => part)))
    })
  }

  async lost(parts: ReadonlySet<number>): Promise<void> {
    for (const part of parts) {
      this.holds.delete(part)
      this.takenUp.delete(part)
    }
    await this.work.drop(parts)
  }

  told(ids: readonly number[] | undefined): void {
    this.inTurn(async () => {
      if (this.takenUp.size === 0 || this.closing.aborted) return
      await (ids === undefined ? this.work.look(this.parts) : this.work.notice(ids, this))
    }).catch((error: unknown) => this.work.failed(error))
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.last.then(work)
    this.last = done.catch(() => undefined)
    return done
  }
}
