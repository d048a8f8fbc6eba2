import { HubError } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import { Owned, type Hold, type Ownership } from '@shuniu/infra/leases'
import { partCount, type Store } from '@shuniu/infra/store'
import { within } from '@shuniu/infra/telemetry'
import type { Clock, Random } from '@shuniu/infra/time'
import type { Log, Reading, SourceDocument } from '@shuniu/sdk'
import { decide, type DecideGround } from './decide.ts'
import { detailOf, messageOf, surprise } from './detail.ts'
import { changesOf, type Ending } from './ending.ts'
import { NotOurs, Stale, staleness } from './ground.ts'
import { Lanes, type Turn } from './lanes.ts'
import { LeftOver } from './left-over.ts'
import type { ConnectionPlan } from './mapping.ts'
import { OwnedReceipts } from './owned-receipts.ts'
import type { Accepted } from './receive.ts'
import { handedOf, isUrgent, type Receipt } from './receipt.ts'
import { spanOf } from './story.ts'
import { reasonToLeave } from './sweep-plan.ts'
import { afterDisagreement, afterFailure, longestWait } from './trouble.ts'

export interface NormaliserGround extends DecideGround {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly report: Log
  /** By the connection's first name. */
  readonly plans: ReadonlyMap<string, ConnectionPlan>
  /** Receipts of one connection that are worked on at once; fewer where it may make fewer calls at once. */
  readonly concurrency: number
  readonly ownership: Ownership
  /** Aborted when the ingress stops. */
  readonly closing: AbortSignal
  readonly lost: (error: unknown) => void
}

/** Rows that are read at once when an earlier life is taken up. */
const pageSize = 500
/** Until a turn that may not be begun now is asked for again, ms. */
const notNow = 1_000

/**
 * The second half of the ingress: from receipts to events. It holds ids only, the store is the truth; it may die at any
 * moment and takes up what is `received` at the next start.
 */
export class Normaliser {
  private readonly lanes = new Map<string, Lanes>()
  private readonly leftOver: LeftOver
  /** What is worked on here. */
  readonly owned: Owned

  constructor(private readonly ground: NormaliserGround) {
    this.leftOver = new LeftOver(ground.store, ground.concurrency)
    const receipts = new OwnedReceipts({
      store: ground.store,
      lanes: this.lanes,
      leftOver: this.leftOver,
      received: (parts) => this.received(parts),
      takeUp: (receipt) => this.takeUp(receipt),
      add: (receipt) => this.queue(receipt),
      failed: (error) => this.broken(error),
    })
    this.owned = new Owned(receipts, ground.closing)
  }

  /** Receipts that are not understood yet, of one connection or of all. */
  waiting(connection?: string): number {
    if (connection !== undefined) return this.lanes.get(connection)?.size ?? 0
    let sum = 0
    for (const lanes of this.lanes.values()) sum += lanes.size
    return sum
  }

  /** When the one that waits longest was received. */
  oldest(connection: string): number | undefined {
    return this.lanes.get(connection)?.oldest
  }

  /** Where somebody else works on it, they are told. */
  add(receipt: Accepted): void {
    if (this.owned.has(receipt.subject_hash)) this.queue(receipt)
    else this.ground.ownership.tell('receipt', receipt.subject_hash, receipt.id)
  }

  private queue(receipt: Accepted): void {
    const { id, subject_hash, received_at, origin, next_at } = receipt
    const after = next_at ? Math.min(next_at - this.ground.clock.now(), longestWait) : 0
    const waiting = { id, lane: subject_hash, since: received_at, urgent: isUrgent(origin) }
    this.lanesOf(receipt.connection).add(waiting, after)
  }

  /** Takes what is on disk and was never announced, after commits of which nobody knew whether they happened. */
  async readBack(): Promise<void> {
    for await (const row of this.received(this.owned.parts)) this.add(row)
  }

  private async *received(parts: readonly number[]): AsyncGenerator<Receipt, void> {
    const ours = parts.length === partCount ? {} : { subject_hash: { part: parts } }
    for (let above = 0; ;) {
      const where = { open: 'received', id: { above }, ...ours } as const
      const rows = await this.ground.store.select('receipts', where, { order: { by: 'id' }, limit: pageSize })
      yield* rows
      const last = rows.at(-1)
      if (!last || rows.length < pageSize) return
      above = last.id
    }
  }

  private async takeUp(receipt: Receipt): Promise<void> {
    const taken = this.leftOver.takeUp(receipt)
    const hold = this.owned.holdOf(receipt.subject_hash)
    if ('is' in taken && hold) return void (await this.settle(receipt, taken, hold))
    if ('is' in taken) throw new NotOurs(`receipt ${receipt.id} is not to be ended here`)
    const soonest = this.ground.clock.now() + taken.wait
    this.queue(taken.wait > 0 ? { ...receipt, next_at: Math.max(receipt.next_at ?? 0, soonest) } : receipt)
  }

  /** Starts nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lanes) => lanes.close()))
  }

  private lanesOf(connection: string): Lanes {
    const known = this.lanes.get(connection)
    if (known) return known
    const { clock, concurrency, plans } = this.ground
    // More would only queue for the way out, where a first read of one document goes before the second of another.
    const atOnce = Math.min(concurrency, plans.get(connection)?.concurrency ?? concurrency)
    const lanes = new Lanes(
      clock,
      atOnce,
      (id) => this.turn(id),
      (error) => this.broken(error),
    )
    this.lanes.set(connection, lanes)
    return lanes
  }

  private broken(error: unknown): void {
    if (error instanceof NotOurs) return this.ground.ownership.doubt()
    if (!(error instanceof Stale)) return this.ground.report.error('ingress.turn-failed', { error: messageOf(error) })
    void this.close()
    this.ground.lost(error)
  }

  private async turn(id: number): Promise<Turn> {
    const receipt = await this.ground.store.get('receipts', id)
    if (receipt?.state !== 'received') return 'ended'
    const hold = this.owned.holdOf(receipt.subject_hash)
    if (!hold) return { after: notNow }
    const attempt = (one: Receipt): Promise<Turn> => this.attempt(one, hold)
    return this.leftOver.has(receipt) ? this.leftOver.attempt(receipt, hold.fence, attempt) : attempt(receipt)
  }

  private attempt(receipt: Receipt, hold: Hold): Promise<Turn> {
    const { traces } = this.ground
    const work = async (): Promise<Turn> => this.settle(receipt, await this.understand(receipt), hold)
    const told = (): Promise<Turn> => (traces ? traces.within('normalise', spanOf(traces, receipt), work) : work())
    return within({ correlation: receipt.subject }, told)
  }

  private async settle(receipt: Receipt, understood: Understood, { fence }: Hold): Promise<Turn> {
    for (;;) {
      const ending = understood.is === 'document' ? await this.decide(receipt, understood) : understood
      const changes = changesOf(receipt, ending, this.ground.clock.now())
      const outcome = await this.ground.store.commit([...changes, ...fence])
      if (outcome.is === 'done') return this.after(ending, receipt)
      if (outcome.is === 'stale') throw staleness(outcome)
      // Refused at its revision, another document of the chain was faster: once more. At the receipt, a person was.
      if (outcome.at === 0) return 'ended'
    }
  }

  private after(ending: Ending, { id, connection }: Receipt): Turn {
    if (ending.is === 'later') return { after: ending.after }
    if (ending.is === 'parked')
      this.ground.report.warn('ingress.parked', { receipt: id, connection, reason: ending.reason })
    return 'ended'
  }

  private decide(receipt: Receipt, { document, plan }: DocumentRead): Promise<Ending> {
    return decide(document, receipt, plan, this.ground)
  }

  /** What costs no call comes first. */
  private async understand(receipt: Receipt): Promise<Understood> {
    const { connection, source, form } = receipt
    const plan = this.ground.plans.get(connection)
    if (!plan) return parked('connection', new HubError('ingress.no-connection', { connection }))
    const isMapped = plan.mappings.some((one) => one.source === source && (form === null || one.form === form))
    if (!isMapped) return { is: 'skipped', because: 'no mapping', final: false }
    const because = await this.reasonToLeave(receipt)
    if (because) return { is: 'skipped', because, final: because === 'read before' }
    return this.read(receipt, plan)
  }

  /** Since a sweep has found it, what was told of its document before may have come to an end. */
  private async reasonToLeave({ origin, connection, source, subject, subject_hash }: Receipt) {
    if (origin !== 'sweep') return undefined
    return reasonToLeave(await this.ground.store.select('receipts', { subject_hash, connection, source, subject }))
  }

  private async read(receipt: Receipt, plan: ConnectionPlan): Promise<Understood> {
    const { definition, link } = plan.connection
    try {
      const source = definition.sources[receipt.source]
      if (!source) throw new HubError('ingress.no-source', { connection: plan.name, source: receipt.source })
      return this.afterReading(receipt, plan, await source.read(link, handedOf(receipt), plan.forms))
    } catch (error) {
      if (error instanceof CallFailure) return afterFailure(error, receipt, plan.connection, this.ground.random)
      this.ground.report.error('ingress.read-failed', { receipt: receipt.id, error: messageOf(error) })
      return parked('poison', surprise(error))
    }
  }

  private afterReading(receipt: Receipt, plan: ConnectionPlan, reading: Reading): Understood {
    switch (reading.is) {
      case 'document':
        return { is: 'document', document: reading.document, plan }
      case 'skipped':
        return { is: 'skipped', because: reading.because, final: reading.final }
      case 'again':
        return afterDisagreement(reading.because, receipt, this.ground.clock)
      case 'unreadable':
        return parked('poison', new HubError('ingress.unreadable', { because: reading.because }))
    }
  }
}

interface DocumentRead {
  readonly is: 'document'
  readonly document: SourceDocument
  readonly plan: ConnectionPlan
}

/** An end, or a document to decide on as things stand in the store. */
type Understood = Ending | DocumentRead

function parked(reason: 'connection' | 'poison', error: HubError): Ending {
  return { is: 'parked', reason, detail: detailOf(error), final: false }
}
