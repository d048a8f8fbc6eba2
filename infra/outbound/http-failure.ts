import { catalogue, fill, type ErrorCode, type ErrorParameters, type FailureClass } from '@shuniu/contracts'
import { CallFailure } from './failure.ts'

/** What can go wrong on the way out; the sentences stand in the catalogue. */
export type HttpCode = Exclude<Extract<ErrorCode, `http.${string}`>, 'http.address'>

/** How each is treated when not a byte was written. */
const classes = {
  'http.denied': 'fatal',
  'http.invalid': 'fatal',
  'http.unresolved': 'transient',
  'http.refused': 'transient',
  'http.connect-timeout': 'transient',
  'http.tls': 'transient',
  'http.late': 'transient',
  'http.reset': 'transient',
  'http.timeout': 'transient',
  'http.too-large': 'transient',
  'http.breaker-open': 'transient',
  'http.closed': 'transient',
  'http.cancelled': 'transient',
  'http.quota': 'throttled',
} as const satisfies Record<HttpCode, FailureClass>

interface Circumstances {
  readonly retryAfter?: number
  readonly cause?: unknown
  /** A byte of a call that changes something may have left: nobody knows whether it was executed. */
  readonly inDoubt?: boolean
}

/** Builds the failure of a call: the class from the table above, or `ambiguous` when it is in doubt. */
export function httpFailure(code: HttpCode, parameters: ErrorParameters, more: Circumstances = {}): CallFailure {
  return new CallFailure(more.inDoubt ? 'ambiguous' : classes[code], {
    code,
    message: fill(catalogue[code].message.en, parameters),
    ...(more.retryAfter === undefined ? {} : { retryAfter: more.retryAfter }),
    ...(more.cause === undefined ? {} : { cause: more.cause }),
  })
}

const codes: Readonly<Record<string, HttpCode | undefined>> = {
  ENOTFOUND: 'http.unresolved',
  EAI_AGAIN: 'http.unresolved',
  EAI_FAIL: 'http.unresolved',
  EAI_NODATA: 'http.unresolved',
  ECONNREFUSED: 'http.refused',
  EHOSTUNREACH: 'http.refused',
  ENETUNREACH: 'http.refused',
  EADDRNOTAVAIL: 'http.refused',
  ETIMEDOUT: 'http.connect-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'http.connect-timeout',
  UND_ERR_INVALID_ARG: 'http.invalid',
  UND_ERR_NOT_SUPPORTED: 'http.invalid',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'http.invalid',
  UND_ERR_HEADERS_OVERFLOW: 'http.too-large',
  UND_ERR_DESTROYED: 'http.closed',
  UND_ERR_CLOSED: 'http.closed',
}

/** Which of them an error of the socket or of undici is. `secure`: before the first byte, the rest is the TLS handshake. */
export function codeOf(error: unknown, started: boolean, secure: boolean): HttpCode {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (started) return code === 'UND_ERR_HEADERS_OVERFLOW' ? 'http.too-large' : 'http.reset'
  return codes[code] ?? (secure ? 'http.tls' : 'http.reset')
}

/** The part of an error that may be shown: its code and words, never its fields. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return error.message || ('code' in error ? String(error.code) : error.name)
}
