import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CommitOutcome, Store } from '../store/port.ts'
import { partCount } from '../store/parts.ts'
import type { Hold, Ownership, Worker } from './port.ts'

export interface OwnershipUnderTest {
  readonly store: Store
  /** A process of the same installation; the one before is closed where only one may be there at a time. */
  open(): Promise<Ownership>
  close(): Promise<void>
}

/** Remembers what it was told. */
export class Notebook implements Worker {
  readonly kind = 'run'
  readonly holds = new Map<number, Hold>()
  readonly told_: (readonly number[] | undefined)[] = []
  /** What coming to an end takes. */
  ending: Promise<void> = Promise.resolve()
  /** Whether anything is under way in a partition. */
  isBusy = (_part: number): boolean => true
  refuse = 0
  calls = 0

  async gained(holds: readonly Hold[]): Promise<void> {
    this.calls++
    if (this.refuse-- > 0) throw new Error('cannot be read now')
    for (const hold of holds) this.holds.set(hold.part, hold)
  }

  async lost(parts: ReadonlySet<number>): Promise<void> {
    if ([...parts].some((part) => this.isBusy(part))) await this.ending
    for (const part of parts) this.holds.delete(part)
  }

  told(ids: readonly number[] | undefined): void {
    this.told_.push(ids)
  }
}

/** A commit as the holder of a partition makes it. */
export function commitAs(store: Store, hold: Hold | undefined): Promise<CommitOutcome> {
  return store.commit([{ count: 'work', by: 1 }, ...(hold?.fence ?? [])])
}

/** What every ownership must do; each adapter's test calls it with a factory. */
export function ownershipSuite(open: () => Promise<OwnershipUnderTest>): void {
  describe('an ownership', () => {
    let under: OwnershipUnderTest
    let first: Ownership
    let book: Notebook
    beforeEach(async () => {
      under = await open()
      first = await under.open()
      book = new Notebook()
      await first.join(book)
    })
    afterEach(() => under.close())

    test('that is alone holds every partition when its worker has joined, and may start', async () => {
      expect(first.held()).toEqual(Array.from({ length: partCount }, (_, part) => part))
      expect([...book.holds.keys()].toSorted((a, b) => a - b)).toEqual(first.held())
      expect([...book.holds.values()].every((hold) => hold.mayStart() && !hold.ending.aborted)).toBe(true)
      expect([0, 64, 2 ** 52 - 1].every((hash) => first.owns(hash))).toBe(true)
    })

    test('tells a worker that comes later of everything held', async () => {
      const later = new Notebook()
      await first.join(later)
      expect(later.holds.size).toBe(partCount)
    })

    test('lets its commits through', async () => {
      for (const part of [0, 31, 63])
        expect(await commitAs(under.store, book.holds.get(part))).toMatchObject({ is: 'done' })
    })

    test('that ends has let go of everything, and starts nothing more', async () => {
      const hold = book.holds.get(5)
      await first.close()
      expect([first.held(), book.holds.size]).toEqual([[], 0])
      expect([hold?.mayStart(), hold?.ending.aborted]).toEqual([false, true])
    })

    test('is followed by the next, which holds everything', async () => {
      await first.close()
      const [second, its] = [await under.open(), new Notebook()]
      await second.join(its)
      expect(its.holds.size).toBe(partCount)
      expect(await commitAs(under.store, its.holds.get(7))).toMatchObject({ is: 'done' })
      await second.close()
    })
  })
}
