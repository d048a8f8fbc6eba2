import type { Database } from '../postgres/driver.ts'
import { partCount, partOf } from '../store/parts.ts'
import type { Clock, Timer } from '../time/index.ts'
import { Leases, type Beat, type Lease } from './leases.ts'
import type { Hold, Ownership, Worker, WorkKind } from './port.ts'
import { openSignals, type Signals, type Told } from './signals.ts'

/** Lengths in ms. */
export interface Terms {
  /** A heartbeat is good for so long; nothing is begun in its second half. */
  readonly term: number
  readonly rhythm: number
  /** What a planned hand-over waits for open calls. */
  readonly drain: number
  /** Between two looks for rows of which nobody told. */
  readonly look: number
}

/** Partitions that become free within so many ms are given back together. */
const together = 100

const usual: Terms = { term: 8_000, rhythm: 2_000, drain: 20_000, look: 5_000 }

export interface LeasedGround {
  readonly database: Database
  readonly clock: Clock
  readonly report: (message: string, detail: unknown) => void
  readonly terms?: Partial<Terms>
}

/** Ownership that several processes share, by leases in PostgreSQL. It begins with the first worker that joins. */
export function openLeasedOwnership(ground: LeasedGround): Ownership & { readonly name: string } {
  return new Leased(ground)
}

interface Held extends Hold {
  readonly epoch: number
  /** The heartbeat that was last begun when it was taken: an older one cannot know of it. */
  readonly since: number
  readonly end: AbortController
}

/**
 * A partition is taken (a new epoch; workers take up what is open) → held → lost (somebody has taken it: known by a heartbeat)
 * or handed over (workers come to an end of it, then it is given back). Members hold equal shares: who has less takes what
 * nobody owns, who has more hands over.
 */
class Leased implements Ownership {
  private readonly holds = new Map<number, Held>()
  private readonly workers: Worker[] = []
  private readonly handing = new Set<Promise<void>>()
  private readonly terms: Terms
  private leases: Leases
  private signals: Signals | undefined
  private beats = 0
  private freshUntil = -Infinity
  private beating: Promise<void> | undefined
  private adjusting: Promise<void> | undefined
  private again = false
  private closed = false
  private closing: Promise<void> | undefined
  private readonly timers: { beat?: Timer; look?: Timer } = {}

  constructor(private readonly ground: LeasedGround) {
    this.terms = { ...usual, ...ground.terms }
    this.leases = new Leases(ground.database, this.terms.term, `pid-${process.pid}`)
  }

  get name(): string {
    return this.leases.name
  }

  async join(worker: Worker): Promise<void> {
    this.workers.push(worker)
    if (this.workers.length > 1) return worker.gained([...this.holds.values()])
    await this.leases.enter()
    // What is heard causes heartbeats, and those are for members.
    this.signals = openSignals(this.ground.database, (told) => this.heard(told))
    this.announce()
    await this.soon()
    await this.adjusting
    this.lookAgain()
  }

  held(): readonly number[] {
    return [...this.holds.keys()].toSorted((a, b) => a - b)
  }

  owns(hash: number): boolean {
    return this.holds.has(partOf(hash))
  }

  tell(what: WorkKind, hash: number, id: number): void {
    this.signals?.tell({ what, part: partOf(hash), id })
  }

  doubt(): void {
    void this.soon()
  }

  close(): Promise<void> {
    return (this.closing ??= this.end())
  }

  /** A heartbeat now; one that is under way may have seen too little, then another follows. */
  private soon(): Promise<void> {
    this.again = this.beating !== undefined
    this.beating ??= this.beatOn()
    return this.beating
  }

  private async end(): Promise<void> {
    this.closed = true
    this.timers.look?.cancel()
    await this.adjusting
    this.handOver([...this.holds.values()])
    await Promise.all(this.handing)
    this.timers.beat?.cancel()
    await this.beating
    await this.leases.leave().catch((error: unknown) => this.ground.report('leases.not-left', error))
    this.announce()
    await this.signals?.close()
  }

  private async beatOn(): Promise<void> {
    this.timers.beat?.cancel()
    do {
      this.again = false
      await this.beat().catch((error: unknown) => this.ground.report('leases.no-heartbeat', error))
    } while (this.again)
    this.beating = undefined
    if (!this.isOver()) this.timers.beat = this.ground.clock.after(this.terms.rhythm, () => void this.soon())
  }

  /** While partitions are being handed over they still have to be kept. */
  private isOver(): boolean {
    return this.closed && this.handing.size === 0
  }

  private async beat(): Promise<void> {
    const number = ++this.beats
    const began = this.ground.clock.uptime()
    const beat = await this.leases.beat()
    if (!beat) return this.takenForDead()
    this.freshUntil = began + this.terms.term / 2
    const epochs = new Map(beat.mine.map(({ part, epoch }) => [part, epoch]))
    this.drop([...this.holds.values()].filter((hold) => hold.since < number && epochs.get(hold.part) !== hold.epoch))
    if (!this.closed) this.adjusting ??= this.adjust(beat).finally(() => (this.adjusting = undefined))
  }

  /** Whoever was away for a whole term owns nothing any more, and comes back as somebody new. */
  private async takenForDead(): Promise<void> {
    this.freshUntil = -Infinity
    this.drop([...this.holds.values()])
    if (this.closed) return
    this.leases = new Leases(this.ground.database, this.terms.term, `pid-${process.pid}`)
    await this.leases.enter()
    this.announce()
    this.again = true
  }

  private async adjust({ members, mine }: Beat): Promise<void> {
    try {
      await this.giveBackUnknown(mine)
      const lacking = fairShare(members, this.name) - this.holds.size
      if (lacking > 0) await this.gain(await this.leases.take(lacking))
      else if (lacking < 0) this.handOver([...this.holds.values()].slice(lacking))
    } catch (error) {
      this.ground.report('leases.not-adjusted', error)
    }
  }

  /** The answer that they were taken was lost, or they could not be taken up. */
  private async giveBackUnknown(mine: readonly Lease[]): Promise<void> {
    const unknown = mine.filter(({ part }) => !this.holds.has(part)).map(({ part }) => part)
    if (unknown.length > 0 && this.handing.size === 0) await this.leases.release(unknown)
  }

  private async gain(leases: readonly Lease[]): Promise<void> {
    if (leases.length === 0) return
    const holds = leases.map((lease) => this.holdOf(lease))
    for (const hold of holds) this.holds.set(hold.part, hold)
    try {
      await Promise.all(this.workers.map((worker) => worker.gained(holds)))
      this.ground.report('leases.gained', { parts: holds.map(({ part }) => part) })
    } catch (error) {
      this.ground.report('leases.not-taken-up', error)
      // The next heartbeat finds them unknown and gives them back.
      await this.letGo(holds)
    }
  }

  private holdOf({ part, epoch }: Lease): Held {
    const end = new AbortController()
    const mayStart = (): boolean => !end.signal.aborted && this.ground.clock.uptime() < this.freshUntil
    return { part, epoch, fence: [{ fence: part, epoch }], since: this.beats, end, ending: end.signal, mayStart }
  }

  /** Somebody else has them: nothing is waited for. */
  private drop(holds: readonly Held[]): void {
    if (holds.length === 0) return
    this.ground.report('leases.lost', { parts: holds.map(({ part }) => part) })
    void this.letGo(holds)
  }

  private handOver(holds: readonly Held[]): void {
    if (holds.length === 0) return
    const handing = this.handedOver(holds).finally(() => this.handing.delete(handing))
    this.handing.add(handing)
  }

  /** Each is given back when nothing of it is under way any more, those that are free together; at last all. */
  private async handedOver(holds: readonly Held[]): Promise<void> {
    const { clock } = this.ground
    const end = clock.uptime() + this.terms.drain
    const free: number[] = []
    const left = new Set(holds.map(({ part }) => part))
    const all = Promise.all(
      holds.map(async (hold) => {
        await this.letGo([hold]).catch((error: unknown) => this.ground.report('leases.not-let-go', error))
        free.push(hold.part)
      }),
    )
    while (left.size > 0) {
      await atMost(clock, together, all)
      const parts = clock.uptime() < end ? free.splice(0) : [...left]
      for (const part of parts) left.delete(part)
      if (parts.length > 0) await this.giveBack(parts)
    }
  }

  private async giveBack(parts: readonly number[]): Promise<void> {
    try {
      await this.leases.release(parts)
      this.announce()
      this.ground.report('leases.handed-over', { parts })
    } catch (error) {
      this.ground.report('leases.not-handed-over', error)
    }
  }

  private async letGo(holds: readonly Held[]): Promise<void> {
    for (const hold of holds) {
      this.holds.delete(hold.part)
      hold.end.abort()
    }
    const parts = new Set(holds.map(({ part }) => part))
    await Promise.all(this.workers.map((worker) => worker.lost(parts)))
  }

  /** Others shall look at once what their share is now. */
  private announce(): void {
    this.signals?.tell({ what: 'lease', part: 0, id: 0 })
  }

  private heard(told: readonly Told[] | undefined): void {
    if (this.closed) return
    if (told === undefined || told.some(({ what }) => what === 'lease')) void this.soon()
    for (const worker of this.workers) {
      const ids = told?.filter(({ what, part }) => what === worker.kind && this.holds.has(part)).map(({ id }) => id)
      if (ids === undefined || ids.length > 0) worker.told(ids)
    }
  }

  private lookAgain(): void {
    if (this.closed) return
    this.timers.look = this.ground.clock.after(this.terms.look, () => {
      for (const worker of this.workers) worker.told(undefined)
      this.lookAgain()
    })
  }
}

/** What each should hold of all partitions, so that it adds up. */
export function fairShare(members: readonly string[], name: string): number {
  const at = members.indexOf(name)
  return at === -1 ? 0 : Math.floor(partCount / members.length) + Number(at < partCount % members.length)
}

async function atMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  let timer: Timer | undefined
  const late = new Promise<void>((resolve) => (timer = clock.after(ms, resolve)))
  await Promise.race([work, late])
  timer?.cancel()
}
