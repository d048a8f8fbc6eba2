import { HubError } from '@shuniu/contracts'
import type { Change, CommitOutcome, Store } from '@shuniu/infra/store'
import type { Traces } from '@shuniu/infra/telemetry'
import type { Clock } from '@shuniu/infra/time'
import type { Handed } from '@shuniu/sdk'
import { Stale } from './ground.ts'
import { conflicting, isRepeat, isUrgent, newReceipt, type NewReceipt, type Origin, type Receipt } from './receipt.ts'
import { tellReceived } from './story.ts'

/** A receipt that is on disk and has to be understood. */
export type Accepted = Pick<Receipt, 'id' | 'connection' | 'subject_hash' | 'received_at' | 'origin'> & {
  readonly next_at?: number | null
}

export interface ReceiverGround {
  readonly store: Store
  readonly clock: Clock
  /** Receipts that may wait to be understood. */
  readonly limit: number
  /** Receipts that wait now. */
  readonly waiting: () => number
  readonly accepted: (receipt: Accepted) => void
  readonly traces?: Traces | undefined
}

/** What was handed over at once, and who waits until it is durable. */
interface Gathered {
  readonly receipts: readonly NewReceipt[]
  resolve(): void
  reject(error: unknown): void
}

/** What a sender is told to wait, in seconds. */
const retryAfter = 5

/**
 * The first half of the ingress: what a vendor hands over becomes durable, and nothing else happens.
 * An equal repeat adds nothing; different content under one key is kept beside the first, parked.
 */
export class Receiver {
  private onTheWay = 0
  private closed = false
  private readonly gathered: Gathered[] = []
  private isWriting = false

  constructor(private readonly ground: ReceiverGround) {}

  /**
   * Resolves when all of it is on disk: only then may the vendor's answer leave. Rejects with `ingress.busy` when the hub
   * cannot take more now, and with `ingress.closed` when it is stopping; then nothing was taken.
   */
  async receive(connection: string, origin: Origin, handed: readonly Handed[]): Promise<void> {
    this.refuseWhenBusy(origin)
    if (handed.length === 0) return
    const now = this.ground.clock.now()
    this.onTheWay += handed.length
    try {
      await this.together(handed.map((one) => newReceipt(connection, origin, one, now)))
    } catch (error) {
      throw error instanceof HubError && error.code === 'store.full' ? busy(error) : error
    } finally {
      this.onTheWay -= handed.length
    }
  }

  /** Takes nothing more. */
  close(): void {
    this.closed = true
  }

  /** Sweeps can wait, pushes cannot: half of the room is theirs alone. */
  private refuseWhenBusy(origin: Origin): void {
    if (this.closed) throw new HubError('ingress.closed')
    const { limit, waiting } = this.ground
    const room = isUrgent(origin) ? limit : limit / 2
    if (waiting() + this.onTheWay >= room) throw busy()
  }

  /** What comes while a commit is on its way goes with the next one: hundreds of pushes share a commit, none waits for a timer. */
  private together(receipts: readonly NewReceipt[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.gathered.push({ receipts, resolve, reject })
      if (!this.isWriting) void this.writeGathered()
    })
  }

  private async writeGathered(): Promise<void> {
    this.isWriting = true
    // What this turn of the loop still brings belongs to the first.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.gathered.length > 0) {
      const group = this.gathered.splice(0)
      try {
        await this.write(distinct(group.flatMap((one) => one.receipts)))
        for (const one of group) one.resolve()
      } catch (error) {
        for (const one of group) one.reject(error)
      }
    }
    this.isWriting = false
  }

  private async write(receipts: readonly NewReceipt[]): Promise<void> {
    let left = receipts
    while (left.length > 0) {
      const outcome = await this.ground.store.commit(changesOf(left))
      if (outcome.is === 'done') return this.announce(left, outcome)
      if (outcome.is === 'stale') throw new Stale()
      left = await this.withoutRepeats(left)
    }
  }

  private announce(receipts: readonly NewReceipt[], { ids }: CommitOutcome & { is: 'done' }): void {
    const { traces, accepted } = this.ground
    receipts.forEach((receipt, at) => {
      const id = ids[at]
      if (traces && id !== undefined) tellReceived(traces, receipt, receipt.received_at)
      if (id !== undefined && receipt.state === 'received') accepted({ ...receipt, id })
    })
  }

  /** Some of the keys are on disk: what is equal there is done, what differs gets a key of its own. */
  private async withoutRepeats(receipts: readonly NewReceipt[]): Promise<NewReceipt[]> {
    const known = await this.ground.store.select('receipts', {
      subject_hash: receipts.map((one) => one.subject_hash),
      key_hash: receipts.map((one) => one.key_hash),
    })
    if (known.length === 0) throw new HubError('internal.bug', { what: 'a receipt exists and cannot be read' })
    const byPlace = new Map(known.map((one) => [placeOf(one), one]))
    return receipts.flatMap((receipt) => {
      const same = byPlace.get(placeOf(receipt))
      if (!same) return [receipt]
      return isRepeat(same, receipt) ? [] : [conflicting(receipt)]
    })
  }
}

function busy(cause?: unknown): HubError {
  return new HubError('ingress.busy', { seconds: retryAfter }, { cause })
}

/** Inserts first, so that outcome and receipts have the same places; a repeat refuses the commit, so totals stay exact. */
function changesOf(receipts: readonly NewReceipt[]): Change[] {
  const parked = receipts.filter(({ state }) => state === 'parked').length
  return [
    ...receipts.map((row): Change => ({ insert: 'receipts', row, ifAbsent: true })),
    { count: 'receipts.accepted', by: receipts.length },
    ...(parked > 0 ? [{ count: 'receipts.parked', by: parked }] : []),
  ]
}

const placeOf = ({ subject_hash, key_hash }: NewReceipt): string => `${subject_hash} ${key_hash}`

/** One push may hold the same thing twice, and two of one commit may be the same. */
function distinct(receipts: readonly NewReceipt[]): readonly NewReceipt[] {
  if (receipts.length < 2) return receipts
  const kept = new Map<string, NewReceipt>()
  for (let receipt of receipts) {
    for (;;) {
      const same = kept.get(placeOf(receipt))
      if (!same || isRepeat(same, receipt)) break
      receipt = conflicting(receipt)
    }
    kept.set(placeOf(receipt), receipt)
  }
  return [...kept.values()]
}
