import type { Clock, Timer } from '../time/index.ts'
import type { CallFailure } from './failure.ts'
import { httpFailure } from './http-failure.ts'

/** `call` goes on the wire at once; `place` is kept for a call that comes later. */
export type Entry = 'call' | 'place'

interface Waiter {
  readonly ticket: number
  readonly enter: () => void
  readonly refuse: (failure: CallFailure) => void
}

/** Ticks of the boot clock are 10 ms: a second by our clock is a second by theirs only with one more. */
const TICK = 10

/** At most so many entries in any second, however the second is laid. */
class Rate {
  private readonly entered: number[]
  private readonly length: number
  private next = 0

  constructor(perSecond: number) {
    const size = perSecond > 0 ? Math.max(1, Math.floor(perSecond)) : 0
    this.entered = Array.from({ length: size }, () => -Infinity)
    this.length = size === 0 ? 0 : (size / perSecond) * 1000 + TICK
  }

  /** ms until the next may enter. */
  wait(clock: Clock): number {
    const oldest = this.entered[this.next]
    return oldest === undefined ? 0 : Math.max(0, oldest + this.length - clock.uptime())
  }

  take(clock: Clock): void {
    if (this.entered.length === 0) return
    this.entered[this.next] = clock.uptime()
    this.next = (this.next + 1) % this.entered.length
  }
}

/**
 * Lets in first come, first served, as concurrency and rate allow. Calls without a place and places are bounded each by
 * themselves: who holds a place must still be able to read, and who uses it must not wait once more.
 */
export class Turnstile {
  private readonly queues = { call: new Set<Waiter>(), place: new Set<Waiter>() }
  private readonly rate: Rate
  private readonly inside = { call: 0, place: 0 }
  private tickets = 0
  private timer: Timer | undefined

  constructor(
    private readonly clock: Clock,
    private readonly concurrency: number,
    perSecond: number,
  ) {
    this.rate = new Rate(perSecond)
  }

  /** On the wire. */
  get underWay(): number {
    return this.inside.call
  }

  get waiting(): number {
    return this.queues.call.size + this.queues.place.size
  }

  /** Undefined when one is in at once, else a promise to be let in. */
  enter(entry: Entry, signal?: AbortSignal): Promise<void> | undefined {
    if (signal?.aborted) return Promise.reject(httpFailure('http.cancelled', {}))
    if (this.queues[entry].size > 0 || !this.hasRoom(entry) || this.rate.wait(this.clock) > 0)
      return this.queue(entry, signal)
    this.letIn(entry)
    return undefined
  }

  /** A place is used: it is on the wire from now on, without waiting. */
  use(): void {
    this.inside.call++
  }

  leave(entry: Entry): void {
    this.inside[entry]--
    this.advance()
  }

  /** Sends away everybody who waits. */
  refuseAll(failure: () => CallFailure): void {
    for (const queue of [this.queues.call, this.queues.place]) for (const waiter of queue) waiter.refuse(failure())
  }

  private queue(entry: Entry, signal?: AbortSignal): Promise<void> {
    const queue = this.queues[entry]
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const cancel = (): void => waiter.refuse(httpFailure('http.cancelled', {}))
    const leaving = (): void => {
      queue.delete(waiter)
      signal?.removeEventListener('abort', cancel)
    }
    const waiter: Waiter = {
      ticket: this.tickets++,
      enter: () => (leaving(), resolve()),
      refuse: (failure) => (leaving(), reject(failure)),
    }
    queue.add(waiter)
    signal?.addEventListener('abort', cancel, { once: true })
    this.advance()
    return promise
  }

  private hasRoom(entry: Entry): boolean {
    return this.inside[entry] < this.concurrency
  }

  private letIn(entry: Entry): void {
    this.inside[entry]++
    this.rate.take(this.clock)
  }

  /** Lets in whoever may enter now, and comes back when the rate allows the next. */
  private advance(): void {
    for (let entry = this.nextEntry(); entry !== undefined; entry = this.nextEntry()) {
      const wait = this.rate.wait(this.clock)
      if (wait > 0) return this.advanceIn(wait)
      this.letIn(entry)
      first(this.queues[entry])?.enter()
    }
  }

  /** Of the two queues the one whose head has room and came first. */
  private nextEntry(): Entry | undefined {
    const call = this.hasRoom('call') ? first(this.queues.call) : undefined
    const place = this.hasRoom('place') ? first(this.queues.place) : undefined
    if (call && place) return call.ticket < place.ticket ? 'call' : 'place'
    return call ? 'call' : place ? 'place' : undefined
  }

  private advanceIn(ms: number): void {
    this.timer ??= this.clock.after(ms, () => {
      this.timer = undefined
      this.advance()
    })
  }
}

function first<T>(set: Set<T>): T | undefined {
  return set.size === 0 ? undefined : set.values().next().value
}
