import { largestBody } from './hooks.ts'
import type { Peers } from './peers.ts'

/** What is needed of Fastify to see requests come and answers go. */
export interface RequestHooks {
  addHook(name: 'onRequest' | 'onResponse', hook: (request: Asked, reply: Reply, done: () => void) => void): unknown
}
interface Asked {
  /** Of the socket, not of a header. */
  readonly ip: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly raw: { once(event: 'close', listener: () => void): unknown }
}
interface Reply {
  readonly statusCode: number
  status(code: number): Reply
  headers(values: Readonly<Record<string, string>>): Reply
  send(body: string): unknown
}

/** What somebody who is put off is told to wait, in seconds. */
const retryAfter = '5'

const isHook = ({ url }: Asked): boolean => url.startsWith('/hooks/')

/** Puts off, with 429 and before a body is read, who costs more than a stranger may. Call it before the server is ready. */
export function limitPeers(fastify: RequestHooks, peers: Peers): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!isHook(request)) return done()
    const end = peers.begin(request.ip)
    if (!end) return void reply.status(429).headers({ 'retry-after': retryAfter, connection: 'close' }).send('')
    request.raw.once('close', end)
    done()
  })
  fastify.addHook('onResponse', (request, { statusCode }, done) => {
    if (isHook(request) && statusCode !== 429) peers.answered(request.ip, statusCode, lengthOf(request))
    done()
  })
}

/** Bytes of the body; one that comes without its length may have been the longest. */
function lengthOf({ headers }: Asked): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : largestBody
}
