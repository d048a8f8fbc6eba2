import Queue from 'yocto-queue'
import type { Clock, Timer } from '@shuniu/infra/time'

/** A receipt that waits to be understood. `lane`: its document; receipts of one document go one after the other. */
export interface Waiting {
  readonly id: number
  readonly lane: number
  /** When it was received, ms. */
  readonly since: number
  /** Goes before the others: somebody pushed it, a sweep could have found it at any time. */
  readonly urgent: boolean
}

/** What came of one turn: its end, or another turn in so many ms. */
export type Turn = 'ended' | { readonly after: number }

interface Entry extends Waiting {
  state: 'ready' | 'working' | 'held'
  /** Added again during its turn. */
  again?: boolean
  /** Its partition was lost during its turn. */
  dropped?: () => void
  timer?: Timer
}

/** After a turn that could not even write down how it went. */
const afterTrouble = 5_000

/**
 * The receipts of one connection: ready → working → ended, or held until their next turn. The first of a lane holds those
 * behind it; lanes go side by side, so many at once.
 */
export class Lanes {
  private readonly entries = new Map<number, Entry>()
  private readonly lanes = new Map<number, Entry[]>()
  private readonly ready = { urgent: new Queue<Entry>(), others: new Queue<Entry>() }
  private working = 0
  private closed = false
  private idle: (() => void)[] = []

  constructor(
    private readonly clock: Clock,
    private readonly concurrency: number,
    private readonly turn: (id: number) => Promise<Turn>,
    private readonly broken: (error: unknown) => void,
  ) {}

  get size(): number {
    return this.entries.size
  }

  /** When the one that waits longest was received. */
  get oldest(): number | undefined {
    let oldest: number | undefined
    for (const { since } of this.entries.values()) oldest = Math.min(since, oldest ?? since)
    return oldest
  }

  /**
   * Adds a receipt behind those of its lane; its first turn is `after` ms from now at the earliest. One that is here has a
   * turn to come, or gets another one: it may have been released before the turn that parked it has come to its end.
   */
  add(waiting: Waiting, after = 0): void {
    const known = this.entries.get(waiting.id)
    if (known) return void (known.again = known.state === 'working')
    const entry: Entry = { ...waiting, state: 'held' }
    this.entries.set(entry.id, entry)
    const lane = this.lanes.get(entry.lane)
    if (lane) lane.push(entry)
    else this.lanes.set(entry.lane, [entry])
    if (after > 0) this.hold(entry, after)
    else this.makeReady(entry)
  }

  /** Forgets what waits in these lanes; turns under way come to an end unheard. */
  drop(isLost: (lane: number) => boolean): { readonly ids: readonly number[]; readonly ended: Promise<unknown> } {
    const dropped = [...this.entries.values()].filter(({ lane }) => isLost(lane))
    const ended = dropped.flatMap((entry) => {
      entry.timer?.cancel()
      this.entries.delete(entry.id)
      this.lanes.delete(entry.lane)
      if (entry.state === 'working') return new Promise<void>((resolve) => (entry.dropped = resolve))
      entry.state = 'held'
      return []
    })
    return { ids: dropped.map(({ id }) => id), ended: Promise.all(ended) }
  }

  /** Starts no more turns; resolves when none is under way. */
  async close(): Promise<void> {
    this.closed = true
    for (const entry of this.entries.values()) entry.timer?.cancel()
    if (this.working > 0) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  private hold(entry: Entry, after: number): void {
    entry.state = 'held'
    if (!this.closed) entry.timer = this.clock.after(after, () => this.makeReady(entry))
  }

  private makeReady(entry: Entry): void {
    entry.state = 'ready'
    if (this.lanes.get(entry.lane)?.[0] === entry) this.queue(entry)
    this.pump()
  }

  private queue(entry: Entry): void {
    this.ready[entry.urgent ? 'urgent' : 'others'].enqueue(entry)
  }

  private pump(): void {
    while (!this.closed && this.working < this.concurrency) {
      const entry = this.ready.urgent.dequeue() ?? this.ready.others.dequeue()
      if (!entry) return
      if (entry.state === 'ready') void this.work(entry)
    }
  }

  private async work(entry: Entry): Promise<void> {
    entry.state = 'working'
    entry.again = false
    this.working++
    try {
      const turn = await this.turn(entry.id)
      if (entry.dropped) return
      if (turn !== 'ended') this.hold(entry, turn.after)
      else if (entry.again) this.makeReady(entry)
      else this.end(entry)
    } catch (error) {
      if (!entry.dropped) this.hold(entry, afterTrouble)
      this.broken(error)
    } finally {
      entry.dropped?.()
      this.working--
      if (this.working === 0) for (const done of this.idle.splice(0)) done()
      this.pump()
    }
  }

  private end(entry: Entry): void {
    this.entries.delete(entry.id)
    const lane = this.lanes.get(entry.lane)
    lane?.shift()
    const next = lane?.[0]
    if (!next) this.lanes.delete(entry.lane)
    else if (next.state === 'ready') this.queue(next)
  }
}
