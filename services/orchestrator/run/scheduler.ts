import Queue from 'yocto-queue'
import type { Clock, Timer } from '@shuniu/infra/time'
import type { Standing } from './standing.ts'

/** A run in the scheduler's hands. `lane` is its queue: (flow, key); undo runs of a key have one of their own. */
export interface Queued {
  readonly id: number
  readonly lane: string
  /** Its partition; all of a lane are of one. */
  readonly part?: number
  /** The run that has to end before this one starts. */
  readonly after?: number
  /** A lane whose first run may wait for this one: tried again when this one ends or stands still for a person. */
  readonly wakes?: string
}

/** When a run may start: at once, `after` ms from now, or when a person releases it. */
export interface Start {
  readonly parked?: boolean
  readonly after?: number
}

/**
 * behind (the run it follows) → ready → executing → waiting (for a time, or to be woken) or parked (for a person) → ready;
 * a run that ends, or whose partition is lost, is forgotten. `meanwhile` = what was said of it while it was executing, heeded when it comes to stand.
 */
interface Entry extends Queued {
  state: 'behind' | 'ready' | 'executing' | 'waiting' | 'parked'
  meanwhile?: 'woken' | 'released' | 'ended'
  timer?: Timer
  /** Its partition was lost while it was executed: whatever it comes to is for others to say. */
  dropped?: () => void
}

/** Runs begun and not come to stand, those aside included: each holds its event and what it has computed. */
const mostInHand = 4_096
/** An attempt that could not be written is made again so soon, ms. */
const again = 2_000

/** Runs of one lane go one after the other, lanes side by side; a run that waits or is parked holds its own lane only. */
export class Scheduler {
  private readonly lanes = new Map<string, Entry[]>()
  private readonly entries = new Map<number, Entry>()
  private readonly followers = new Map<number, number[]>()
  private readonly ready = new Queue<number>()
  private executing = 0
  private inHand = 0
  private parked = 0
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

  /** Those that need no person to go on. */
  get backlog(): number {
    return this.entries.size - this.parked
  }

  /** Runs that stand still for a person. */
  get parkedRuns(): readonly number[] {
    return [...this.entries.values()].flatMap(({ id, state }) => (state === 'parked' ? [id] : []))
  }

  get underWay(): number {
    return this.inHand
  }

  /** Adds a run behind those of its lane. */
  add(run: Queued, { parked = false, after }: Start = {}): void {
    if (this.entries.has(run.id)) return
    const entry: Entry = { ...run, state: 'waiting' }
    this.entries.set(run.id, entry)
    const lane = this.lanes.get(run.lane)
    if (lane) lane.push(entry)
    else this.lanes.set(run.lane, [entry])
    if (parked) this.move(entry, 'parked')
    else if (run.after !== undefined && this.entries.has(run.after)) this.follow(entry, run.after)
    else if (after !== undefined) this.later(entry, after)
    else this.makeReady(entry)
  }

  /** Tries a waiting run now. False for one that is parked, behind another or gone: it is not touched. */
  wake(id: number): boolean {
    const entry = this.entries.get(id)
    if (entry?.state === 'executing') entry.meanwhile ??= 'woken'
    else if (entry?.state === 'waiting') this.makeReady(entry)
    return entry !== undefined && entry.state !== 'parked' && entry.state !== 'behind'
  }

  /** A parked run may go on: its row says so already. */
  release(id: number): void {
    const entry = this.entries.get(id)
    if (entry?.state === 'executing') entry.meanwhile = 'released'
    else if (entry?.state === 'parked') this.makeReady(entry)
  }

  /** A run that ended without being executed: dropped, or skipped by a withdrawal. */
  end(id: number): void {
    const entry = this.entries.get(id)
    if (entry?.state === 'executing') entry.meanwhile = 'ended'
    else if (entry) this.finish(entry)
  }

  /** Forgets the runs of these partitions; those under way come to an end unheard. */
  drop(parts: ReadonlySet<number>): { readonly ids: readonly number[]; readonly ended: Promise<unknown> } {
    const dropped = [...this.entries.values()].filter(({ part }) => part !== undefined && parts.has(part))
    const ended = dropped.flatMap((entry) => {
      const { state } = entry
      this.move(entry, state === 'executing' ? state : 'waiting')
      this.entries.delete(entry.id)
      this.lanes.delete(entry.lane)
      this.followers.delete(entry.id)
      return state === 'executing' ? new Promise<void>((resolve) => (entry.dropped = resolve)) : []
    })
    return { ids: dropped.map(({ id }) => id), ended: Promise.all(ended) }
  }

  /** Whether it is here, in whatever state. */
  has(id: number): boolean {
    return this.entries.has(id)
  }

  /** A run under way that waits for somebody outside leaves its place here to others meanwhile. */
  async aside<T>(wait: () => Promise<T>): Promise<T> {
    this.executing--
    this.pump()
    try {
      return await wait()
    } finally {
      this.executing++
    }
  }

  /** Starts nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.closed = true
    for (const entry of this.entries.values()) entry.timer?.cancel()
    if (this.inHand > 0) await new Promise<void>((resolve) => this.idle.push(resolve))
  }

  private follow(entry: Entry, run: number): void {
    this.move(entry, 'behind')
    const others = this.followers.get(run)
    if (others) others.push(entry.id)
    else this.followers.set(run, [entry.id])
  }

  private move(entry: Entry, state: Entry['state']): void {
    entry.timer?.cancel()
    this.parked += Number(state === 'parked') - Number(entry.state === 'parked')
    entry.state = state
  }

  private makeReady(entry: Entry): void {
    this.move(entry, 'ready')
    if (this.lanes.get(entry.lane)?.[0] === entry) this.ready.enqueue(entry.id)
    this.pump()
  }

  private later(entry: Entry, after: number): void {
    this.move(entry, 'waiting')
    if (!this.closed) entry.timer = this.clock.after(after, () => this.makeReady(entry))
  }

  private pump(): void {
    while (!this.closed && this.executing < this.concurrency && this.inHand < mostInHand && this.ready.size > 0) {
      const entry = this.entries.get(this.ready.dequeue() ?? 0)
      if (entry?.state === 'ready') void this.start(entry)
    }
  }

  private async start(entry: Entry): Promise<void> {
    this.move(entry, 'executing')
    delete entry.meanwhile
    this.executing++
    this.inHand++
    try {
      const standing = await this.execute(entry.id)
      if (!entry.dropped) this.stand(entry, standing)
    } catch (error) {
      this.broken(error)
      if (!entry.dropped) this.later(entry, again)
    } finally {
      entry.dropped?.()
      this.executing--
      this.inHand--
      if (this.inHand === 0) for (const done of this.idle.splice(0)) done()
      this.pump()
    }
  }

  private stand(entry: Entry, standing: Standing): void {
    const { meanwhile } = entry
    if (standing.is === 'done' || standing.is === 'skipped' || meanwhile === 'ended') return this.finish(entry)
    if (standing.is === 'parked') {
      this.move(entry, 'parked')
      this.wakeFirst(entry.wakes)
      if (meanwhile === 'released') this.makeReady(entry)
    } else if (meanwhile !== undefined) this.makeReady(entry)
    else if (standing.after !== undefined) this.later(entry, standing.after)
    else this.move(entry, 'waiting')
  }

  private finish(entry: Entry): void {
    this.move(entry, 'waiting')
    this.entries.delete(entry.id)
    const lane = this.lanes.get(entry.lane)?.filter((one) => one !== entry) ?? []
    if (lane.length === 0) this.lanes.delete(entry.lane)
    else this.lanes.set(entry.lane, lane)
    const next = lane[0]
    if (next?.state === 'ready') this.ready.enqueue(next.id)
    for (const id of this.followers.get(entry.id) ?? []) this.startBehind(id)
    this.followers.delete(entry.id)
    this.wakeFirst(entry.wakes)
    this.pump()
  }

  private startBehind(id: number): void {
    const entry = this.entries.get(id)
    if (entry?.state === 'behind') this.makeReady(entry)
  }

  private wakeFirst(lane: string | undefined): void {
    const first = lane === undefined ? undefined : this.lanes.get(lane)?.[0]
    if (first) this.wake(first.id)
  }
}
