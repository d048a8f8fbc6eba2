import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { RawData } from 'ws'
import type { PushEvent } from './events.ts'
import { application } from './organisation.ts'

/** Times of the stream in ms. */
export interface StreamTimes {
  /** How long an acknowledgement may take. */
  readonly ackWithin: number
  readonly pingEvery: number
  /** Between a disconnect frame and the end of the TCP connection. */
  readonly silence: number
}

/** Stream mode (dingtalk.md §3): single-use tickets, WebSockets, one of them at random for each push. */
export interface StreamGateway {
  /** A ticket: lives 90 s, opens one connection. */
  open(): { endpoint: string; ticket: string }
  /** How many connections take events. */
  readonly connected: number
  /** How many events wait for their acknowledgement. */
  readonly waiting: number
  /** True when the client acknowledged it in time and not with `LATER`. */
  send(event: PushEvent): Promise<boolean>
  /** Announces the end of every connection and closes them after the silence; or cuts them at once. */
  disconnect(abrupt: boolean): number
  close(): void
}

const TICKET_LIFE = 90_000

interface Connection {
  readonly id: string
  readonly socket: WebSocket
  readonly acks: Map<string, (delivered: boolean) => void>
  leaving: boolean
}

export function openStreamGateway(server: Server, url: string, times: StreamTimes, now: () => number): StreamGateway {
  const tickets = openTickets(now)
  const connections = new Set<Connection>()
  const sockets = new WebSocketServer({ noServer: true })
  const takers = (): Connection[] => [...connections].filter(({ leaving }) => !leaving)

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const asked = URL.parse(request.url ?? '/', url)
    if (asked?.pathname !== '/connect') return refuseUpgrade(socket, '404 Not Found')
    if (!tickets.use(asked.searchParams.get('ticket') ?? '')) return refuseUpgrade(socket, '401 Unauthorized')
    sockets.handleUpgrade(request, socket, head, (opened) => welcome(connections, opened))
  }
  server.on('upgrade', upgrade)
  const pings = setInterval(() => takers().forEach(ping), times.pingEvery)

  return {
    open: () => ({ endpoint: `${url.replace(/^http/, 'ws')}/connect`, ticket: tickets.issue() }),
    get connected() {
      return takers().length
    },
    get waiting() {
      return [...connections].reduce((sum, { acks }) => sum + acks.size, 0)
    },
    async send(event) {
      const all = takers()
      const chosen = all[Math.floor(Math.random() * all.length)]
      return chosen ? sendEvent(chosen, event, times.ackWithin) : false
    },
    disconnect(abrupt) {
      const all = takers()
      for (const connection of all) leave(connection, abrupt, times.silence)
      return all.length
    },
    close() {
      clearInterval(pings)
      server.off('upgrade', upgrade)
      for (const { socket } of connections) socket.terminate()
    },
  }
}

/** Tickets in order of issue, so the expired ones are always in front. */
function openTickets(now: () => number): { issue(): string; use(ticket: string): boolean } {
  const issued = new Map<string, number>()
  const dropExpired = (): void => {
    for (const [ticket, at] of issued) {
      if (now() - at <= TICKET_LIFE) return
      issued.delete(ticket)
    }
  }
  return {
    issue() {
      dropExpired()
      const ticket = randomUUID()
      issued.set(ticket, now())
      return ticket
    },
    use(ticket) {
      dropExpired()
      return issued.delete(ticket)
    },
  }
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

function welcome(connections: Set<Connection>, socket: WebSocket): void {
  const connection: Connection = { id: randomUUID(), socket, acks: new Map(), leaving: false }
  connections.add(connection)
  socket.on('message', (data: RawData) => readAck(connection, data))
  // A broken frame of the client ends its connection; `close` follows and does the rest.
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    connections.delete(connection)
    for (const settle of connection.acks.values()) settle(false)
  })
}

interface Headers {
  readonly topic: string
  readonly [more: string]: string
}

function frame(type: 'SYSTEM' | 'EVENT', headers: Headers, data: object): string {
  const all = { ...headers, contentType: 'application/json', time: String(Date.now()) }
  return JSON.stringify({ specVersion: '1.0', type, headers: all, data: JSON.stringify(data) })
}

const messageId = (): string => `213d841d_${Date.now().toString(16)}_${randomBytes(6).toString('hex')}`

const ping = ({ socket }: Connection): void =>
  socket.send(frame('SYSTEM', { topic: 'ping', messageId: messageId() }, { opaque: randomUUID() }))

function leave(connection: Connection, abrupt: boolean, silence: number): void {
  const { socket } = connection
  if (abrupt) return socket.terminate()
  connection.leaving = true
  socket.send(frame('SYSTEM', { topic: 'disconnect', messageId: messageId() }, { reason: 'connection is expired' }))
  const timer = setTimeout(() => socket.terminate(), silence)
  socket.once('close', () => clearTimeout(timer))
}

function sendEvent({ id, socket, acks }: Connection, event: PushEvent, ackWithin: number): Promise<boolean> {
  const message = messageId()
  const headers = {
    topic: '*',
    messageId: message,
    appId: application.appId,
    connectionId: id,
    eventId: event.eventId,
    eventType: event.eventType,
    eventBornTime: String(event.bornAt),
    eventCorpId: application.corpId,
    eventUnifiedAppId: application.appId,
  }
  return new Promise((resolve) => {
    const settle = (delivered: boolean): void => {
      clearTimeout(timer)
      acks.delete(message)
      resolve(delivered)
    }
    const timer = setTimeout(() => settle(false), ackWithin)
    acks.set(message, settle)
    socket.send(frame('EVENT', headers, event.data))
  })
}

/** `{code, headers: {messageId}, data}`; answers to pings and to nothing are ignored. */
function readAck({ acks }: Connection, data: RawData): void {
  const ack = parsed(String(data))
  const { headers, code } = ack
  const message = isRecord(headers) && typeof headers.messageId === 'string' ? headers.messageId : ''
  const said = typeof ack.data === 'string' ? parsed(ack.data) : {}
  acks.get(message)?.(code === 200 && said.status !== 'LATER')
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
