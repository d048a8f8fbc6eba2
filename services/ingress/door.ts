import type { IncomingMessage, ServerResponse } from 'node:http'
import { unescape } from 'node:querystring'
import type { HookAnswer, HookRequest } from '@shuniu/sdk'
import { largestBody, type Hooks, type IncomingHook } from './hooks.ts'
import type { Peers } from './peers.ts'

/** Takes a request that is for a hook; false: it is for somebody else. */
export type Door = (request: IncomingMessage, response: ServerResponse) => boolean

/** What somebody who is put off is told to wait, in seconds. */
const retryAfter = '5'

const tooLarge: HookAnswer = { status: 413, headers: { connection: 'close' }, body: '' }
const putOff: HookAnswer = { status: 429, headers: { 'retry-after': retryAfter, connection: 'close' }, body: '' }

/**
 * The door for vendors, before any framework: it is the hottest path there is. Who costs more than a stranger may is put off
 * with 429 before a body is read. More than 1 MiB is refused with 413 while it is read. Bodies stay the bytes they are,
 * whatever type the sender calls them: signatures are over bytes. An address of the proxy in a forwarding header is passed
 * over: strangers behind it are told apart by their own.
 */
export function openDoor(
  hooks: Pick<Hooks, 'peers' | 'answer'>,
  isProxy?: (peer: string | undefined) => boolean,
): Door {
  return (request, response) => {
    if (request.url?.startsWith('/hooks/') !== true) return false
    new Visit(request, response, hooks.peers, addressOf(request, isProxy)).receive((body) =>
      hooks.answer(incomingHook(request, body)),
    )
    return true
  }
}

/** One request at the door: its body comes or does not, then it is answered once. */
class Visit {
  private readonly pieces: Buffer[] = []
  private length = 0

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly peers: Peers,
    private readonly address: string,
  ) {}

  receive(answer: (body: Uint8Array) => Promise<HookAnswer>): void {
    const { request } = this
    const come = this.peers.begin(this.address)
    if (!come) return this.send(putOff)
    let ended = false
    const end = (): void => {
      if (!ended) come()
      ended = true
    }
    request.once('close', end)
    if (declaredLength(request) > largestBody) return this.refuse(tooLarge)
    request.on('data', (piece: Buffer) => {
      this.pieces.push(piece)
      this.length += piece.length
      if (this.length > largestBody) this.refuse(tooLarge)
    })
    request.once('end', () => {
      end()
      void answer(this.body()).then((given) => this.settle(given))
    })
  }

  private body(): Uint8Array {
    const [first] = this.pieces
    return this.pieces.length === 1 && first ? first : Buffer.concat(this.pieces, this.length)
  }

  /** Reading stops: nobody hears the rest. */
  private refuse(answer: HookAnswer): void {
    this.request.removeAllListeners('data').removeAllListeners('end')
    this.settle(answer)
  }

  private settle(answer: HookAnswer): void {
    this.peers.answered(this.address, answer.status, lengthOf(this.request))
    this.send(answer)
  }

  private send({ status, headers, body }: HookAnswer): void {
    const length = { 'content-length': Buffer.byteLength(body) }
    this.response.writeHead(status, { ...headers, ...length }).end(body)
  }
}

/** Of the socket, and never of a header, but where the proxy has written it. */
function addressOf(
  { socket, headers }: IncomingMessage,
  isProxy: (peer: string | undefined) => boolean = () => false,
): string {
  let address = socket.remoteAddress ?? ''
  for (const before of String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .toReversed()) {
    if (before === '' || !isProxy(address)) break
    address = before.trim()
  }
  return address
}

const declaredLength = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0)

/** Bytes of the body; one that comes without its length may have been the longest. */
function lengthOf(request: IncomingMessage): number {
  return request.headers['transfer-encoding'] === undefined ? declaredLength(request) : largestBody
}

/** `/hooks/<connection>/<hook>?…`; a parameter that comes twice counts as missing: nobody could say which is meant. */
export function incomingHook(
  { method = '', url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Uint8Array,
): IncomingHook {
  const queryAt = url.indexOf('?')
  const path = queryAt < 0 ? url : url.slice(0, queryAt)
  const [, , connection = '', ...hook] = path.split('/')
  const query = queryAt < 0 ? {} : queryOf(url.slice(queryAt + 1))
  return { connection, hook: hook.join('/'), method, query, headers, body }
}

function queryOf(text: string): HookRequest['query'] {
  const query: Record<string, string | undefined> = Object.create(null)
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=')
    const name = plain(at < 0 ? pair : pair.slice(0, at))
    query[name] = name in query || at < 0 ? undefined : plain(pair.slice(at + 1))
  }
  return query
}

/** What cannot be decoded stays as it came. */
const plain = (text: string): string => (/[%+]/.test(text) ? unescape(text.replaceAll('+', ' ')) : text)
