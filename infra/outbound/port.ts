import type { Text } from '@shuniu/contracts'

/** Nothing of a call is written after either moment: boot time goes on while a process is frozen, wall time across boots. */
export interface SendBy {
  readonly uptime: number
  readonly wall: number
}

/** One HTTP call of a connection. */
export interface HttpCall {
  /** Name of the operation, as in metrics, budgets and faults: `voucher.save`, `instance.get`, `token`. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute; its origin must be one of the connection's addresses. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** ms for the whole exchange, from the start of writing. */
  readonly timeout: number
  /** True when it may change something there. Such a call is never repeated by anything below the ledger. */
  readonly changes: boolean
  readonly sendBy?: SendBy
  /** A place taken before, by `place`; without it the call takes one itself. */
  readonly permit?: Permit
  /** Largest answer in bytes; default 10 MiB. */
  readonly maxBytes?: number
  /** True for calls the vendor does not count (token calls, contacts). */
  readonly free?: boolean
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
  /** The body as UTF-8 text (never throws: replacement characters). */
  readonly text: string
}

/** A place among the connection's concurrent calls, with its rate and quota already paid. Used once, or given back. */
export interface Permit {
  release(): void
}

export interface OutboundLimits {
  /** Calls under way at once. */
  readonly concurrency: number
  /** Calls per second; 0 = no limit. */
  readonly perSecond: number
  /** Calls per calendar month in Asia/Shanghai; 0 = no limit. */
  readonly perMonth: number
}

/** How a connection spends its calls in a month; printed by `connection check`. */
export interface BudgetPlan {
  readonly perMonth: number
  readonly lines: readonly { readonly what: Text; readonly calls: number }[]
}

/** What operators see of a connection. */
export interface OutboundState {
  readonly breaker: 'closed' | 'open' | 'half-open'
  readonly openUntil?: number
  readonly underWay: number
  readonly waiting: number
  readonly usedThisMonth: number
  readonly perMonth: number
}

/**
 * The way out of one connection: limits, breaker, guard, time-outs. Every failure is a `CallFailure`:
 * not resolved, refused, TLS failed, late for `sendBy`, breaker or quota → `transient`/`throttled` (nothing was sent);
 * time-out, reset, cut or too large answer after the first byte could have left → `ambiguous`.
 * An answer of any HTTP status is returned, not thrown: only the connector knows what it means.
 */
export interface Outbound {
  call(call: HttpCall): Promise<HttpAnswer>
  /** Waits for rate, quota, breaker and a free place, in this order of cheapness; `probe` lets the breaker's one read pass. */
  place(operation: string, signal?: AbortSignal): Promise<Permit>
  state(): OutboundState
  close(): Promise<void>
}
