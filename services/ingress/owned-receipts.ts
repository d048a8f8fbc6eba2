import type { Hold, Owned, Work } from '@shuniu/infra/leases'
import { partOf, type Store } from '@shuniu/infra/store'
import type { Lanes } from './lanes.ts'
import type { LeftOver } from './left-over.ts'
import type { Receipt } from './receipt.ts'

export interface OwnedReceiptsGround {
  readonly store: Store
  readonly lanes: ReadonlyMap<string, Lanes>
  readonly leftOver: Pick<LeftOver, 'begin' | 'forget'>
  /** Receipts that are `received`, in order of their ids. */
  readonly received: (parts: readonly number[]) => AsyncIterable<Receipt>
  /** One that an earlier life or owner has left. */
  readonly takeUp: (receipt: Receipt) => Promise<void>
  readonly add: (receipt: Receipt) => void
  readonly failed: (error: unknown) => void
}

/** While so many are in hand, there is time to look later for those of which nobody told. */
const busy = 2_000

/** The receipts of the partitions that are ours. */
export class OwnedReceipts implements Work {
  readonly kind = 'receipt'

  constructor(private readonly ground: OwnedReceiptsGround) {}

  async takeUp(holds: readonly Hold[]): Promise<void> {
    const { leftOver, received, takeUp } = this.ground
    leftOver.begin()
    for await (const row of received(holds.map(({ part }) => part))) await takeUp(row)
  }

  drop(parts: ReadonlySet<number>): Promise<unknown> {
    const { lanes, leftOver } = this.ground
    const dropped = [...lanes.values()].map((one) => one.drop((lane) => parts.has(partOf(lane))))
    for (const { ids } of dropped) leftOver.forget(ids)
    return Promise.all(dropped.map(({ ended }) => ended))
  }

  async notice(ids: readonly number[], owned: Owned): Promise<void> {
    const { store, add } = this.ground
    const rows = await store.select('receipts', { id: ids, state: 'received' }, { order: { by: 'id' } })
    for (const row of rows) if (owned.has(row.subject_hash)) add(row)
  }

  async look(parts: readonly number[]): Promise<void> {
    const { store, lanes } = this.ground
    const { received = 0 } = await store.tally('receipts', 'state', { open: 'received', subject_hash: { part: parts } })
    const inHand = [...lanes.values()].reduce((sum, { size }) => sum + size, 0)
    // Rows are read only when there are more than are in hand, and when that is not simply because there are many.
    if (received <= inHand || inHand > busy) return
    for await (const row of this.ground.received(parts)) this.ground.add(row)
  }

  failed(error: unknown): void {
    this.ground.failed(error)
  }
}
