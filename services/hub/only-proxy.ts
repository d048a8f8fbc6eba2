import { HubError } from '@shuniu/contracts'

/** Says of a socket's other end whether it is the proxy in front. */
export type IsProxy = (peer: string | undefined) => boolean

/** What is needed of Fastify to see requests come. */
export interface RequestHooks {
  addHook(name: 'onRequest', hook: (request: Asked, reply: unknown, done: (error?: Error) => void) => void): unknown
}
interface Asked {
  readonly raw: { readonly socket: { readonly remoteAddress?: string | undefined } }
}

/**
 * Turns away with `api.only-proxy` whoever comes neither through the proxy nor from this machine: the port speaks no TLS,
 * so that a token or a document that is sent past the proxy travels in the clear. Call it before the server is ready.
 */
export function onlyProxy(fastify: RequestHooks, isProxy: IsProxy): void {
  fastify.addHook('onRequest', ({ raw }, _reply, done) => {
    const peer = raw.socket.remoteAddress
    if (comesThrough(isProxy, peer)) done()
    else done(new HubError('api.only-proxy', { peer: peer ?? '—' }))
  })
}

/** Whether a socket's other end is the proxy or this machine. */
export function comesThrough(isProxy: IsProxy, peer: string | undefined): boolean {
  return isProxy(peer) || isThisMachine(peer)
}

function isThisMachine(peer = ''): boolean {
  return /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/i.test(peer)
}
