import { getCACertificates } from 'node:tls'
import { buildConnector, Pool } from 'undici'
import type { Way } from './guard.ts'

export interface PoolOptions {
  readonly concurrency: number
  readonly authorities?: readonly string[] | undefined
  /** ms for name, TCP and TLS together; default 10 s. */
  readonly connectTimeout?: number | undefined
}

/** One pool for one origin: HTTP/1.1 without pipelining, redirects, proxies, cookies or repetition. Time-outs are the exchange's. */
export function openPool(way: Way, options: PoolOptions): Pool {
  const { authorities = [], connectTimeout = 10_000, concurrency } = options
  const connect = buildConnector({
    allowH2: false,
    rejectUnauthorized: true,
    lookup: way.lookup,
    timeout: connectTimeout,
    ...(authorities.length > 0 ? { ca: [...getCACertificates('default'), ...authorities] } : {}),
  })
  return new Pool(way.origin, {
    connect,
    // Calls with a place never wait, so for a moment there may be as many again as calls without.
    connections: concurrency * 2,
    pipelining: 1,
    maxHeaderSize: 16 * 1024,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveMaxTimeout: 60_000,
  })
}
