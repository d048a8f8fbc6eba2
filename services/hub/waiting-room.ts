import { createServer } from 'node:http'
import type { HubError } from '@shuniu/contracts'

/** A door that is open while the hub waits for its database, its cluster or a migration. */
export interface WaitingRoom {
  readonly port: number
  /** Why it is not ready now. */
  because(error: HubError): void
  close(): Promise<void>
}

/** Seconds after which a vendor may try again. */
const retryAfter = 5

/**
 * Answers `/livez`; to everything else it says 503, so that vendors try again and nothing is taken that could not be kept.
 * `/readyz?verbose` says the code of what is waited for.
 */
export async function openWaitingRoom(host: string, port: number): Promise<WaitingRoom> {
  let code = 'starting'
  const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000 }, ({ url = '' }, response) => {
    const isLive = url === '/livez'
    response.writeHead(isLive ? 200 : 503, { 'content-type': 'application/json', 'retry-after': String(retryAfter) })
    const isVerbose = /^\/readyz\?verbose(=true)?$/.test(url)
    response.end(isLive ? '{"live":true}' : isVerbose ? JSON.stringify({ ready: false, notReady: [code] }) : '')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => (server.off('error', reject), resolve()))
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    because: (error) => void (code = error.code),
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
