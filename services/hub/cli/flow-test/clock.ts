import type { Clock, Timer } from '@shuniu/infra/time'

interface Alarm {
  readonly at: number
  readonly call: () => void
  timer: Timer
}

/**
 * A clock for tests of flows against simulators: it goes like the real one, so that a call on the wire has its real time,
 * and jumps to what is due next when somebody says that nothing but waiting is left. Three minutes of quarantine pass in
 * milliseconds, and look-ups still come after the calls they are about.
 */
export class SkippingClock implements Clock {
  readonly bootId = 'boot-of-a-test'
  private readonly alarms = new Set<Alarm>()
  private readonly begun: number
  private skippedMs = 0

  constructor(
    private readonly real: Clock,
    private readonly start: number,
  ) {
    this.begun = real.uptime()
  }

  now(): number {
    return this.start + this.uptime() - this.begun
  }

  uptime(): number {
    return this.real.uptime() + this.skippedMs
  }

  /** How much time was jumped over, ms. */
  get skipped(): number {
    return this.skippedMs
  }

  after(ms: number, call: () => void): Timer {
    const alarm: Alarm = { at: this.uptime() + Math.max(0, ms), call, timer: { cancel: () => undefined } }
    this.alarms.add(alarm)
    this.arm(alarm)
    return {
      cancel: () => {
        alarm.timer.cancel()
        this.alarms.delete(alarm)
      },
    }
  }

  /** Jumps to the next alarm; false when there is none. */
  skip(): boolean {
    const next = [...this.alarms].toSorted((one, other) => one.at - other.at)[0]
    if (!next) return false
    this.skippedMs += Math.max(0, next.at - this.uptime())
    const pending = [...this.alarms]
    for (const alarm of pending) {
      alarm.timer.cancel()
      if (alarm.at <= this.uptime()) this.fire(alarm)
      else this.arm(alarm)
    }
    return true
  }

  /** Nothing rings any more. */
  stop(): void {
    for (const alarm of this.alarms) alarm.timer.cancel()
    this.alarms.clear()
  }

  private arm(alarm: Alarm): void {
    alarm.timer = this.real.after(alarm.at - this.uptime(), () => this.fire(alarm))
  }

  private fire(alarm: Alarm): void {
    if (this.alarms.delete(alarm)) alarm.call()
  }
}
