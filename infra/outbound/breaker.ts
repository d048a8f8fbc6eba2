import type { Clock } from '../time/index.ts'

const SECONDS = 30
const FIRST_OPEN = 30_000
const LONGEST_OPEN = 300_000
/** After the open time only reads may try, for so long; then a send may, or a connection that only sends would stay open. */
const READS_FIRST = 5_000
/** Ask again so soon while another call tries. */
const TRYING = 1_000

/** How a call went: `unknown` says nothing about the system (late, denied, cancelled). */
export type CallResult = 'good' | 'failed' | 'timeout' | 'unknown'

/**
 * Keeps calls from a system that does not answer (reliability: circuit breaker per connection).
 * closed: opens when of at least 20 calls in 30 s half failed, or after 10 time-outs in a row.
 * open: refuses everything for 30 s, doubling to 5 min while the tries fail.
 * half-open: one call at a time goes through and decides; reads first.
 */
export class Breaker {
  private readonly window = Array.from({ length: SECONDS }, () => ({ second: -1, calls: 0, failures: 0 }))
  private timeouts = 0
  private openUntil: number | undefined
  private openFor = FIRST_OPEN
  private trying = false

  constructor(
    private readonly clock: Clock,
    private readonly opened: (retryAfter: number) => void,
  ) {}

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.openUntil === undefined) return 'closed'
    return this.clock.uptime() < this.openUntil ? 'open' : 'half-open'
  }

  /** ms from now, while open. */
  get openFurther(): number {
    return this.openUntil === undefined ? 0 : Math.max(0, this.openUntil - this.clock.uptime())
  }

  /** Undefined when a call may go, else how long to wait. `waits` is false for reads and for calls that waited before. */
  refusal(waits: boolean): number | undefined {
    if (this.openUntil === undefined) return undefined
    const left = this.openUntil - this.clock.uptime()
    if (left > 0) return left
    if (this.trying) return TRYING
    return waits && left + READS_FIRST > 0 ? left + READS_FIRST : undefined
  }

  /** A call goes on the wire. True when it is the one that decides; hand this back with its result. */
  begin(): boolean {
    if (this.openUntil === undefined) return false
    this.trying = true
    return true
  }

  end(result: CallResult, decides: boolean): void {
    if (decides) this.decide(result)
    else if (this.openUntil === undefined && result !== 'unknown') this.record(result)
  }

  private decide(result: CallResult): void {
    this.trying = false
    if (result === 'unknown') return
    if (result === 'good') return this.close()
    this.openFor = Math.min(this.openFor * 2, LONGEST_OPEN)
    this.open()
  }

  private record(result: 'good' | 'failed' | 'timeout'): void {
    const second = Math.floor(this.clock.uptime() / 1000)
    const slot = this.window[second % SECONDS]!
    if (slot.second !== second) Object.assign(slot, { second, calls: 0, failures: 0 })
    slot.calls++
    this.timeouts = result === 'timeout' ? this.timeouts + 1 : 0
    if (result === 'good') return
    slot.failures++
    if (this.timeouts >= 10 || this.failsTooOften(second)) this.open()
  }

  private failsTooOften(second: number): boolean {
    let calls = 0
    let failures = 0
    for (const slot of this.window) {
      if (slot.second <= second - SECONDS) continue
      calls += slot.calls
      failures += slot.failures
    }
    return calls >= 20 && failures * 2 >= calls
  }

  private open(): void {
    this.openUntil = this.clock.uptime() + this.openFor
    this.opened(this.openFor)
  }

  private close(): void {
    this.openUntil = undefined
    this.openFor = FIRST_OPEN
    this.timeouts = 0
    for (const slot of this.window) slot.second = -1
  }
}
