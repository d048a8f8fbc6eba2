import { HubError } from '@shuniu/contracts'
import { commitAudited, type Change, type Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { packMemory } from './detail.ts'
import { Stale } from './ground.ts'
import type { Accepted } from './receive.ts'
import { isConflicting, type Receipt } from './receipt.ts'

/** Who decides, and why: both are kept. */
export interface Decision {
  readonly actor: string
  readonly reason: string
}

export interface ReceiptParkingGround {
  readonly store: Store
  readonly clock: Clock
  /** It has to be understood again. */
  readonly released: (receipt: Accepted) => void
}

/** What a person does with a parked receipt: retry or drop. Each is one guarded commit with its audit line. */
export class ReceiptParking {
  constructor(private readonly ground: ReceiptParkingGround) {}

  /** Reads and maps it again. A receipt parked as `human` goes through this time: somebody has looked. */
  async retry(id: number, decision: Decision): Promise<void> {
    await this.release(await this.parked(id), decision, 'retry')
  }

  /**
   * Skipped, with who and why; sweeps leave its document alone from now on. Of other content under a taken key only that is
   * dropped: the receipt that came first decides about the document.
   */
  async drop(id: number, decision: Decision): Promise<void> {
    const receipt = await this.parked(id)
    const final = isConflicting(receipt) ? receipt.final : 1
    const set = { state: 'skipped', reason: 'dropped', final }
    await this.settle(receipt, set, decision, 'drop', [{ count: 'receipts.skipped', by: 1 }])
  }

  /** What was parked because the connection did not work goes on by itself. Returns how many. */
  async wake(connection: string, why: string): Promise<number> {
    const where = { open: 'parked', reason: 'connection', connection } as const
    const rows = await this.ground.store.select('receipts', where, { order: { by: 'id' } })
    let woken = 0
    for (const row of rows) {
      try {
        await this.release(row, { actor: 'hub', reason: why }, 'wake')
        woken++
      } catch (error) {
        // Somebody has just decided on this one; the others wait all the same.
        if (!(error instanceof HubError) || error.code !== 'receipt.changed-meanwhile') throw error
      }
    }
    return woken
  }

  private async release(receipt: Receipt, decision: Decision, action: string): Promise<void> {
    const detail = receipt.reason === 'human' ? packMemory({ released: true }) : null
    await this.settle(receipt, { state: 'received', reason: null, detail, attempts: 0, final: 0 }, decision, action)
    this.ground.released({ ...receipt, next_at: null })
  }

  private async parked(id: number): Promise<Receipt> {
    const receipt = await this.ground.store.get('receipts', id)
    if (!receipt) throw new HubError('receipt.unknown', { receipt: id })
    if (receipt.state !== 'parked') throw new HubError('receipt.not-parked', { receipt: id, state: receipt.state })
    return receipt
  }

  private async settle(
    { id }: Receipt,
    set: Partial<Receipt>,
    decision: Decision,
    action: string,
    more: readonly Change[] = [],
  ): Promise<void> {
    const line = { ...decision, action: `park ${action}`, target: `receipt ${id}` }
    const outcome = await commitAudited(this.ground, line, [
      { update: 'receipts', where: { id, state: 'parked' }, set: { next_at: null, noticed_at: null, ...set } },
      { count: 'receipts.parked', by: -1 },
      ...more,
    ])
    if (outcome === 'stale') throw new Stale()
    if (outcome === 'refused') throw new HubError('receipt.changed-meanwhile', { receipt: id })
  }
}
