import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { openBook } from './book.ts'
import { control } from './control.ts'
import type { Controlled } from './control.ts'
import { faultPlan } from './faults.ts'
import { underFaults } from './faulty.ts'
import type { Ending, Pause } from './faulty.ts'
import { readRequest } from './incoming.ts'
import { requestLog } from './requests.ts'
import type { RequestRecord } from './requests.ts'
import type { RunningSimulator, SimAnswer, SimulatorDefinition } from './simulator.ts'

export interface StartOptions {
  /** 0 or absent: a free one. */
  readonly port?: number
  /** The folder of the book. */
  readonly data: string
  /** `false` takes `/_sim` away. */
  readonly control?: boolean
  readonly options?: Readonly<Record<string, string | undefined>>
  /** Another clock, for tests. */
  readonly now?: () => number
}

/** Starts a simulator in this process, on the loopback interface only. */
export async function startSimulator(definition: SimulatorDefinition, start: StartOptions): Promise<RunningSimulator> {
  const book = await openBook(start.data)
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 })
  const waiting = pauses()
  const sockets = openSockets(server)
  const close = async (): Promise<void> => {
    waiting.end()
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
    await book.close()
  }
  const ready = Promise.withResolvers<Answering>()
  // Asked while it still starts, it answers a moment later.
  server.on('request', (message, response) => void ready.promise.then((answer) => answer(message, response)))
  try {
    const port = await listen(server, start.port ?? 0)
    const url = `http://127.0.0.1:${port}`
    const faults = faultPlan()
    const requests = requestLog()
    const options = { ...defaults(definition), ...start.options }
    const now = start.now ?? Date.now
    const simulator = await definition.create({ port, url, options, book, now, server, faults, requests })
    const controlled = { name: definition.name, url, simulator, book, faults, requests }
    ready.resolve(answering(controlled, waiting.pause, start.control ?? true))
    return { url, book, close: async () => (await simulator.close?.(), close()) }
  } catch (error) {
    await close()
    throw error
  }
}

const defaults = (definition: SimulatorDefinition): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(definition.options).map(([name, option]) => [name, option.default]))

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

function openSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/** Timers that never fire once the simulator has ended. */
function pauses(): { pause: Pause; end(): void } {
  const timers = new Set<NodeJS.Timeout>()
  const pause: Pause = (ms) =>
    new Promise((resolve) => {
      const timer = setTimeout(() => (timers.delete(timer), resolve()), ms)
      timers.add(timer)
    })
  return { pause, end: () => timers.forEach((timer) => clearTimeout(timer)) }
}

const tooLarge: SimAnswer = { status: 413, headers: { connection: 'close' }, body: 'the body is larger than 10 MB' }

type Answering = (message: IncomingMessage, response: ServerResponse) => Promise<void>

/** Reads, logs and answers one request; a programming error in a simulator is a 500 and a line on stderr. */
function answering(on: Controlled, pause: Pause, controlled: boolean): Answering {
  const { simulator, requests, faults, url } = on
  const run = underFaults(faults, simulator, pause)
  return async (message, response) => {
    const arrivedMs = Date.now()
    const request = await readRequest(message, url)
    if (request === 'too large') return send(response, tooLarge)
    const { method = 'GET' } = message
    if (request === 'aborted') {
      requests.add({ method, path: message.url ?? '', query: '', operation: 'incomplete', arrivedMs, body: '' })
      return
    }
    try {
      if (controlled && /^\/_sim(\/|$)/.test(request.path)) return send(response, await control(on, request))
      const names = simulator.operationOf(request)
      const operation = typeof names === 'string' ? names : (names[0] ?? 'unknown')
      const {
        path,
        text: body,
        url: { search: query },
      } = request
      const record = requests.add({ method, path, query, operation, arrivedMs, receivedMs: Date.now(), body })
      finish(response, record, await run(request, names, (fault) => Object.assign(record, { fault })))
    } catch (error) {
      process.stderr.write(`${on.name}: ${error instanceof Error ? error.stack : String(error)}\n`)
      send(response, { status: 500, body: 'the simulator failed; its stderr says why' })
    }
  }
}

function finish(response: ServerResponse, record: RequestRecord, ending: Ending): void {
  if (ending === 'silence') return
  record.answeredMs = Date.now()
  if (ending === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  record.status = ending.status
  send(response, ending)
}

function send(response: ServerResponse, { status, headers, body }: SimAnswer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  response.writeHead(status, { 'content-length': bytes.length, ...headers })
  response.end(bytes)
}
