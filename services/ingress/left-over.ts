import { HubError } from '@shuniu/contracts'
import type { Change, Store } from '@shuniu/infra/store'
import { detailOf, packMemory, unpackMemory } from './detail.ts'
import type { Ending } from './ending.ts'
import { staleness } from './ground.ts'
import type { Turn } from './lanes.ts'
import { isUrgent, type Receipt } from './receipt.ts'

/** A receipt that was being tried at the end of so many lives is not tried in another. */
const mostLives = 3
/** ms of this life for the others, before one is tried that was there at the end of two: whatever it does, they go on. */
const standsBack = 10_000
/** ms between two looks whether the suspect before it has come to its end. */
const behindAnother = 100

/**
 * What an earlier life has left, until its first attempt in this one. One of it may be what ended that life, so before an
 * attempt it is written down that this life began with it; its end, or another attempt later, takes that back. The first
 * time all go side by side, afterwards one at a time, so that the innocent are told from the one that kills. Receipts of
 * this life are not written down: if one of them ends it, it is left over in the next. Nor are those that no life can
 * have begun with, being too far behind in their queue.
 */
export class LeftOver {
  private readonly untried = new Set<number>()
  private readonly documents = new Set<number>()
  private readonly before = new Map<string, number>()
  private suspect: number | undefined

  /** `atOnce` = receipts that a life works on at once, of one connection. */
  constructor(
    private readonly store: Pick<Store, 'commit'>,
    private readonly atOnce: number,
  ) {}

  /** For how long (ms) it has to wait in this life, or its end when it has had its lives. In the order of arrival. */
  takeUp(receipt: Receipt): { readonly wait: number } | Ending {
    const { id, detail, attempts } = receipt
    const lives = livesOf(detail)
    if (lives >= mostLives) {
      const error = new HubError('ingress.deadly', { times: lives })
      return { is: 'parked', reason: 'poison', detail: detailOf(error), final: false }
    }
    if (this.mayHaveBegun(receipt) || attempts > 0 || lives > 0) this.untried.add(id)
    return { wait: lives === mostLives - 1 ? standsBack : 0 }
  }

  /**
   * Those first in their queue: pushed ones and others queue apart. Only what surely went before counts as before it, the
   * first receipt of a document that no attempt has put off: what is put off, and what waits behind it, is overtaken.
   */
  private mayHaveBegun({ connection, origin, subject_hash, detail, attempts }: Receipt): boolean {
    const queue = `${connection} ${isUrgent(origin)}`
    const before = this.before.get(queue) ?? 0
    const isFirst = !this.documents.has(subject_hash)
    this.documents.add(subject_hash)
    if (isFirst && detail === null && attempts === 0) this.before.set(queue, before + 1)
    return before < this.atOnce
  }

  /** Another life, or another owner, has left something: what surely went before is counted from here. */
  begin(): void {
    this.documents.clear()
    this.before.clear()
  }

  /** They are somebody else's now. */
  forget(ids: readonly number[]): void {
    for (const id of ids) this.untried.delete(id)
  }

  has({ id }: Receipt): boolean {
    return this.untried.has(id)
  }

  /** The first attempt of this life. `attempt` gets the receipt without what is written down here. */
  async attempt(
    receipt: Receipt,
    fence: readonly Change[],
    attempt: (receipt: Receipt) => Promise<Turn>,
  ): Promise<Turn> {
    const { id, detail } = receipt
    const lives = livesOf(detail)
    if (lives > 0 && this.suspect !== undefined) return { after: behindAnother }
    if (lives > 0) this.suspect = id
    try {
      const { lives: _, ...memory } = unpackMemory(detail)
      const set = { detail: packMemory({ ...memory, lives: lives + 1 }) }
      const update: Change = { update: 'receipts', where: { id, state: 'received' }, set }
      const outcome = await this.store.commit([update, ...fence])
      if (outcome.is === 'stale') throw staleness(outcome)
      this.untried.delete(id)
      return outcome.is === 'done' ? await attempt({ ...receipt, detail: packMemory(memory) }) : 'ended'
    } finally {
      if (this.suspect === id) this.suspect = undefined
    }
  }
}

const livesOf = (detail: string | null): number => unpackMemory(detail).lives ?? 0
