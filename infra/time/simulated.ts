import type { Clock, Random, Timer } from './clock.ts'

interface Alarm {
  readonly at: number
  readonly order: number
  readonly call: () => void
}

/** A clock that stands still until it is moved; timers fire in order, each after pending promises had their turn. */
export class SimulatedClock implements Clock {
  private alarms: Alarm[] = []
  private order = 0
  private elapsed = 0
  private wall: number

  constructor(
    start: number,
    public bootId = 'boot-simulated',
  ) {
    this.wall = start
  }

  now(): number {
    return this.wall
  }

  uptime(): number {
    return this.elapsed
  }

  after(ms: number, call: () => void): Timer {
    const alarm = { at: this.elapsed + Math.max(0, ms), order: this.order++, call }
    this.alarms.push(alarm)
    return { cancel: () => void (this.alarms = this.alarms.filter((one) => one !== alarm)) }
  }

  /** Moves the wall clock alone, as a person or NTP does. */
  jump(ms: number): void {
    this.wall += ms
  }

  /** Lets `ms` pass, firing what falls due. */
  async advance(ms: number): Promise<void> {
    const end = this.elapsed + ms
    await settle()
    for (let next = this.nextDue(end); next; next = this.nextDue(end)) {
      this.alarms = this.alarms.filter((one) => one !== next)
      this.wall += next.at - this.elapsed
      this.elapsed = next.at
      next.call()
      await settle()
    }
    this.wall += end - this.elapsed
    this.elapsed = end
  }

  private nextDue(end: number): Alarm | undefined {
    const due = this.alarms.filter((alarm) => alarm.at <= end)
    return due.toSorted((a, b) => a.at - b.at || a.order - b.order)[0]
  }
}

/** Lets promises and immediates that are ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** A small seeded generator (mulberry32): the same seed gives the same run. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return { next, bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)) }
}
