import { subscribe } from 'node:diagnostics_channel'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { ServerResponse } from 'node:http'

/**
 * Loaded into a hub of the tests before anything else (`--import`): stops or kills the process at an exact place of its work.
 * Nothing of the product is changed; Node and its HTTP client say themselves what they are about to do.
 */
export const places = ['arrival', 'answer', 'call', 'sent', 'answered'] as const

/** What the file says that arms it; it strikes once and is disarmed. */
export interface Strike {
  /**
   * A request is about to be handled, or about to be answered; a call of ours is about to be written, has been written, or
   * its answer has come.
   */
  readonly at: (typeof places)[number]
  /** Part of the path. */
  readonly path: string
  readonly signal: 'SIGKILL' | 'SIGSTOP'
}

const file = process.env['SHUNIU_TEST_STRIKE'] ?? ''

function happens(at: Strike['at'], path: string | undefined): void {
  if (path === undefined || !existsSync(file)) return
  const strike = JSON.parse(readFileSync(file, 'utf8')) as Strike
  if (strike.at !== at || !path.includes(strike.path)) return
  rmSync(file)
  process.kill(process.pid, strike.signal)
}

type Message = { readonly request?: { readonly path?: string; readonly url?: string } }

const listen = (channel: string, at: Strike['at']): void =>
  subscribe(channel, (message) => {
    const { request } = message as Message
    happens(at, request?.path ?? request?.url)
  })

if (file !== '') {
  listen('http.server.request.start', 'arrival')
  listen('undici:request:create', 'call')
  listen('undici:request:bodySent', 'sent')
  listen('undici:request:headers', 'answered')
  const writeHead: (...given: never[]) => ServerResponse = ServerResponse.prototype.writeHead
  ServerResponse.prototype.writeHead = function (this: ServerResponse, ...given: never[]) {
    happens('answer', this.req.url)
    return writeHead.apply(this, given)
  }
}
