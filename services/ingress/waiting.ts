import type { Ownership } from '@shuniu/infra/leases'
import { partCount, type Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'

export interface WaitingGround {
  readonly store: Store
  readonly clock: Clock
  readonly ownership: Ownership
  /** Those that are in hand here. */
  readonly own: () => number
  readonly failed: (error: unknown) => void
}

/** Between two counts of what waits elsewhere, ms. */
const countEvery = 1_000

/** How many receipts wait to be understood, in whichever process: the door is one, however many there are behind it. */
export class Waiting {
  private counted = 0
  private countedAt = -Infinity

  constructor(private readonly ground: WaitingGround) {}

  now(): number {
    const { ownership, own } = this.ground
    if (ownership.held().length === partCount) return own()
    this.countAgain()
    return Math.max(this.counted, own())
  }

  private countAgain(): void {
    const { clock, store, failed } = this.ground
    if (clock.uptime() < this.countedAt + countEvery) return
    this.countedAt = clock.uptime()
    store.tally('receipts', 'state', { open: 'received' }).then(({ received = 0 }) => (this.counted = received), failed)
  }
}
