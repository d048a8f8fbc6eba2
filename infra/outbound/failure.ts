import type { FailureClass } from '@shuniu/contracts'

export interface CallFailureDetail {
  /** Stable code: `http.…` for the transport, `<connector>.…` for what the system said. */
  readonly code: string
  /** One sentence, without secrets; may hold the vendor's words. */
  readonly message: string
  /** For `throttled` and `transient`: not before so many ms. */
  readonly retryAfter?: number
  readonly status?: number
  readonly cause?: unknown
}

/**
 * A call that did not plainly succeed, classed once where it is understood best.
 * For a call that changes something: `ambiguous` means nobody knows whether it was executed (in doubt);
 * `duplicate` means the target says it exists already (look it up); every other class means it was
 * definitely not executed. Whatever else is thrown by a send is treated as `ambiguous`.
 */
export class CallFailure extends Error {
  override readonly name = 'CallFailure'
  readonly code: string
  readonly retryAfter: number | undefined
  readonly status: number | undefined

  constructor(
    readonly failureClass: FailureClass,
    detail: CallFailureDetail,
  ) {
    super(detail.message, detail.cause === undefined ? {} : { cause: detail.cause })
    this.code = detail.code
    this.retryAfter = detail.retryAfter
    this.status = detail.status
  }
}
