import type { Clock, Timer } from '@shuniu/infra/time'
import type { Standing } from './standing.ts'

/** A run in the scheduler's hands. `lane` is its queue: (flow, key); undo runs have one of their own. */
export interface Queued {
  readonly id: number
  readonly lane: string
  /** The run that has to end before this one starts. */
  readonly after?: number
}

interface Entry extends Queued {
  state: 'ready' | 'executing' | 'held'
  timer?: Timer
  /** Woken while it was executing: it is tried again at once. */
  woken?: boolean
}

/** Runs of one lane go one after the other, lanes side by side; a run that waits or is parked holds its own lane only. */
export class Scheduler {
  private readonly lanes = new Map<string, Entry[]>()
  private readonly entries = new Map<number, Entry>()
  private readonly followers = new Map<number, number[]>()
  private ready: number[] = []
  private executing = 0
  private closed = false
  private idle: (() => void)[] = []

  constructor(
    private readonly clock: Clock,
    private readonly concurrency: number,
    private readonly execute: (id: number) => Promise<Standing>,
    private readonly broken: (error: unknown) => void,
  ) {}

  /** Runs known and not ended. */
  get size(): number {
    return this.entries.size
  }

  get underWay(): number {
    return this.executing
  }

  /** Adds a run behind those of its lane. `after` ms from now at the earliest; `held`: until it is woken. */
  add(run: Queued, when: { held?: boolean; after?: number } = {}): void {
    if (this.entries.has(run.id)) return
    const entry: Entry = { ...run, state: 'held' }
    this.entries.set(run.id, entry)
    const lane = this.lanes.get(run.lane)
    if (lane) lane.push(entry)
    else this.lanes.set(run.lane, [entry])
    if (run.after !== undefined && this.entries.has(run.after)) {
      this.followers.set(run.after, [...(this.followers.get(run.after) ?? []), run.id])
      return
    }
    if (when.after !== undefined) this.later(entry, when.after)
    else if (!when.held) this.makeReady(entry)
  }

  /** Tries a run again that waits or was parked. */
  wake(id: number): void {
    const entry = this.entries.get(id)
    if (!entry) return
    entry.timer?.cancel()
    if (entry.state === 'executing') entry.woken = true
    else this.makeReady(entry)
  }

  /** Wakes whatever stands first in a lane. */
  wakeLane(lane: string): void {
    const first = this.lanes.get(lane)?.[0]
    if (first) this.wake(first.id)
  }

  /** A run that ended without being executed (dropped, skipped by a withdrawal). */
  end(id: number): void {
    const entry = this.entries.get(id)
    if (entry && entry.state !== 'executing') this.finish(entry)
  }

  /** Starts nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.closed = true
    for (const entry of this.entries.values()) entry.timer?.cancel()
    if (this.executing > 0) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  private makeReady(entry: Entry): void {
    if (entry.state === 'ready') return
    entry.state = 'ready'
    if (this.lanes.get(entry.lane)?.[0] === entry) this.ready.push(entry.id)
    this.pump()
  }

  private later(entry: Entry, after: number): void {
    entry.state = 'held'
    entry.timer = this.clock.after(after, () => this.makeReady(entry))
  }

  private pump(): void {
    while (!this.closed && this.executing < this.concurrency && this.ready.length > 0) {
      const entry = this.entries.get(this.ready.shift() ?? 0)
      if (entry?.state === 'ready') void this.start(entry)
    }
  }

  private async start(entry: Entry): Promise<void> {
    entry.state = 'executing'
    entry.woken = false
    this.executing++
    try {
      this.stand(entry, await this.execute(entry.id))
    } catch (error) {
      entry.state = 'held'
      this.broken(error)
    } finally {
      this.executing--
      if (this.executing === 0) for (const done of this.idle.splice(0)) done()
      this.pump()
    }
  }

  private stand(entry: Entry, standing: Standing): void {
    if (standing.is === 'done' || standing.is === 'skipped') return this.finish(entry)
    entry.state = 'held'
    if (entry.woken) this.makeReady(entry)
    else if (standing.is === 'waiting' && standing.after !== undefined) this.later(entry, standing.after)
  }

  private finish(entry: Entry): void {
    entry.timer?.cancel()
    this.entries.delete(entry.id)
    const lane = this.lanes.get(entry.lane)?.filter((one) => one !== entry) ?? []
    if (lane.length === 0) this.lanes.delete(entry.lane)
    else this.lanes.set(entry.lane, lane)
    const next = lane[0]
    if (next?.state === 'ready') this.ready.push(next.id)
    for (const id of this.followers.get(entry.id) ?? []) this.wake(id)
    this.followers.delete(entry.id)
    this.pump()
  }
}
