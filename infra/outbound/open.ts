import type { Pool } from 'undici'
import type { Clock } from '../time/index.ts'
import { Breaker, type CallResult } from './breaker.ts'
import { Exchange, type Ending } from './exchange.ts'
import type { CallFailure } from './failure.ts'
import { checkCall, openWay, systemResolve, type AllowedAddress, type Resolve } from './guard.ts'
import { httpFailure } from './http-failure.ts'
import type { HttpAnswer, HttpCall, Outbound, OutboundLimits, OutboundState, Permit } from './port.ts'
import { openPool } from './pool.ts'
import { MonthlyQuota } from './quota.ts'
import { Turnstile, type Entry } from './turnstile.ts'

/** How one exchange ended, for metrics. Calls that a limit or the breaker refused made no exchange. */
export interface Outcome {
  readonly operation: string
  /** `ok` = an answer of any status; else the failure's class. */
  readonly class: 'ok' | CallFailure['failureClass']
  /** 0 = no answer. */
  readonly status: number
  /** Wall time from asking for a socket to the end: for display. */
  readonly ms: number
}

export interface OutboundOptions {
  /** The only addresses this connection may call. */
  readonly allow: readonly AllowedAddress[]
  readonly limits: OutboundLimits
  readonly clock: Clock
  /** Calls made before in this calendar month (Asia/Shanghai). */
  readonly usedThisMonth?: number
  /** Every change of that count, with the month as `yyyy-MM`, so that its owner can keep it. */
  readonly onUsed?: (count: number, month: string) => void
  readonly observe?: (outcome: Outcome) => void
  /** Certificates (PEM) of private authorities, trusted besides the public ones. Certificates are always verified. */
  readonly authorities?: readonly string[]
  /** ms for name, TCP and TLS together; default 10 s. */
  readonly connectTimeout?: number
  readonly resolve?: Resolve
}

/** Opens the way out of one connection. No socket is opened yet. Fails with HubError `http.address` on a bad address. */
export function openOutbound(options: OutboundOptions): Outbound {
  return new HttpOutbound(options)
}

class HttpOutbound implements Outbound {
  private readonly clock: Clock
  private readonly pools: ReadonlyMap<string, Pool>
  private readonly turnstile: Turnstile
  private readonly breaker: Breaker
  private readonly quota: MonthlyQuota
  private closed = false

  constructor(private readonly options: OutboundOptions) {
    const { clock, limits, allow, usedThisMonth = 0, onUsed = () => undefined, resolve = systemResolve } = options
    this.clock = clock
    this.turnstile = new Turnstile(clock, limits.concurrency, limits.perSecond)
    this.breaker = new Breaker(clock, (retryAfter) => this.turnstile.refuseAll(() => breakerOpen(retryAfter)))
    this.quota = new MonthlyQuota(clock, limits.perMonth, usedThisMonth, onUsed)
    const ways = allow.map((address) => openWay(address, resolve))
    const poolOptions = { ...options, concurrency: limits.concurrency }
    this.pools = new Map(ways.map((way) => [way.origin, openPool(way, poolOptions)]))
  }

  async call(call: HttpCall): Promise<HttpAnswer> {
    const { permit } = call
    try {
      const url = checkCall(call, this.pools)
      const decides = permit ? this.use(permit) : await this.enterCall(call)
      return await this.exchange(call, url, decides)
    } catch (failure) {
      permit?.release()
      throw failure
    }
  }

  async place(_operation: string, signal?: AbortSignal): Promise<Permit> {
    await this.enter('place', true, false, signal)
    return new Place(this, () => {
      this.turnstile.leave('place')
      this.quota.giveBack()
    })
  }

  state(): OutboundState {
    const breaker = this.breaker.state
    return {
      breaker,
      ...(breaker === 'open' ? { openUntil: this.clock.now() + this.breaker.openFurther } : {}),
      underWay: this.turnstile.underWay,
      waiting: this.turnstile.waiting,
      usedThisMonth: this.quota.used,
      perMonth: this.quota.perMonth,
    }
  }

  /** Sends waiting callers away and lets the calls under way end. */
  async close(): Promise<void> {
    this.closed = true
    this.turnstile.refuseAll(() => httpFailure('http.closed', {}))
    await Promise.all([...this.pools.values()].map((pool) => pool.close()))
  }

  /** Breaker, quota, then rate and room; what was paid is given back when it comes to nothing. */
  private async enter(entry: Entry, waits: boolean, free: boolean, signal?: AbortSignal): Promise<void> {
    if (this.closed) throw httpFailure('http.closed', {})
    this.refuseWhileOpen(waits)
    if (!free) this.pay()
    try {
      await this.turnstile.enter(entry, signal)
    } catch (failure) {
      if (!free) this.quota.giveBack()
      throw failure
    }
  }

  /** Resolves when the call is on the wire: whether it decides about the breaker. */
  private async enterCall(call: HttpCall): Promise<boolean> {
    const free = call.free ?? false
    await this.enter('call', call.changes, free)
    const retryAfter = this.breaker.refusal(false)
    if (retryAfter === undefined) return this.breaker.begin()
    this.turnstile.leave('call')
    if (!free) this.quota.giveBack()
    throw breakerOpen(retryAfter)
  }

  private refuseWhileOpen(waits: boolean): void {
    const retryAfter = this.breaker.refusal(waits)
    if (retryAfter !== undefined) throw breakerOpen(retryAfter)
  }

  private pay(): void {
    const retryAfter = this.quota.take()
    if (retryAfter !== undefined) throw httpFailure('http.quota', { perMonth: this.quota.perMonth }, { retryAfter })
  }

  private use(permit: Permit): boolean {
    if (!(permit instanceof Place) || permit.owner !== this || !permit.isHeld)
      throw httpFailure('http.invalid', { what: 'a place that is not held any more' })
    this.refuseWhileOpen(false)
    permit.use()
    this.turnstile.use()
    return this.breaker.begin()
  }

  private async exchange(call: HttpCall, url: URL, decides: boolean): Promise<HttpAnswer> {
    const { promise, resolve } = Promise.withResolvers<Ending>()
    const began = this.clock.now()
    const exchange = new Exchange(call, url.origin, this.clock, (ending) => {
      this.settle(call, ending, decides)
      resolve(ending)
    })
    const { method, headers = null, body = null } = call
    this.pools.get(url.origin)?.dispatch({ path: url.pathname + url.search, method, headers, body }, exchange)
    // Observed by who called: what a socket calls back is around the work that opened it.
    const ending = await promise
    this.observe(call, ending, this.clock.now() - began)
    if (ending.is === 'answer') return ending.answer
    throw ending.failure
  }

  private settle(call: HttpCall, ending: Ending, decides: boolean): void {
    this.breaker.end(resultOf(ending), decides)
    const sent = ending.is === 'answer' || ending.started
    if (!sent && (call.permit || !call.free)) this.quota.giveBack()
    if (call.permit) this.turnstile.leave('place')
    this.turnstile.leave('call')
  }

  private observe(call: HttpCall, ending: Ending, ms: number): void {
    this.options.observe?.({
      operation: call.operation,
      class: ending.is === 'answer' ? 'ok' : ending.failure.failureClass,
      status: ending.is === 'answer' ? ending.answer.status : 0,
      ms: Math.max(0, ms),
    })
  }
}

/** held → used (its call went on the wire) or given back. */
class Place implements Permit {
  private held = true

  constructor(
    readonly owner: HttpOutbound,
    private readonly giveBack: () => void,
  ) {}

  get isHeld(): boolean {
    return this.held
  }

  use(): void {
    this.held = false
  }

  release(): void {
    if (!this.held) return
    this.held = false
    this.giveBack()
  }
}

function breakerOpen(retryAfter: number): CallFailure {
  return httpFailure('http.breaker-open', { seconds: Math.ceil(retryAfter / 1000) }, { retryAfter })
}

function resultOf(ending: Ending): CallResult {
  if (ending.is === 'answer') return ending.answer.status >= 500 ? 'failed' : 'good'
  return results[ending.failure.code] ?? 'unknown'
}

/** Failures that say something about the system at the other end. */
const results: Readonly<Record<string, CallResult | undefined>> = {
  'http.unresolved': 'failed',
  'http.refused': 'failed',
  'http.tls': 'failed',
  'http.reset': 'failed',
  'http.timeout': 'timeout',
  'http.connect-timeout': 'timeout',
}
