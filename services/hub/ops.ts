import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { HubError } from '@shuniu/contracts'
import { lookAt, type ConsolePorts, type Look } from '@shuniu/console'

type Ports = Pick<ConsolePorts, 'store' | 'clock' | 'status' | 'metrics' | 'dependencies'>

/** A port for machines that have no token: kubelet, Prometheus. It is open before everything else and closed after it. */
export interface OpsDoor {
  readonly url: string
  /** It cannot start before somebody else does something: a restart would not help. */
  waits(error: HubError): void
  /** From now on the hub is asked; before, it is starting. */
  answer(ports: Ports): void
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly type?: string
  readonly body: string
}

/** How a hub is that cannot be asked yet. Who waits for others has begun: there is nothing to help it by a restart. */
const notYet = (because: string, started: boolean): Look => {
  return { ready: false, started, checks: [{ name: 'hub', ok: false, because }] }
}

/** Opens it on every address of the machine: `/livez`, `/readyz`, `/startupz`, `/metrics`, and nothing else. */
export async function openOps(port: number): Promise<OpsDoor> {
  let asked: Ports | Look = notYet('starting', false)
  const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000 }, (request, response) => {
    answerTo(request, asked)
      .catch((): Answer => ({ status: 500, body: '' }))
      .then((answer) => send(response, answer))
      .catch(() => response.destroy())
  })
  const at = await listen(server, port)
  return {
    url: `http://127.0.0.1:${at}`,
    waits: ({ code }) => void (asked = notYet(code, true)),
    answer: (ports) => void (asked = ports),
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function answerTo({ method, url = '', headers }: IncomingMessage, asked: Ports | Look): Promise<Answer> {
  const [path, query] = url.split('?')
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: '' }
  switch (path) {
    case '/livez':
      return { status: 200, body: 'ok\n' }
    case '/startupz':
      return verdict(await lookOf(asked), 'started', query)
    case '/readyz':
      return verdict(await lookOf(asked), 'ready', query)
    case '/metrics':
      return 'checks' in asked ? { status: 503, body: '' } : metricsOf(asked, headers.accept)
    default:
      return { status: 404, body: '' }
  }
}

const lookOf = (asked: Ports | Look): Promise<Look> | Look => ('checks' in asked ? asked : lookAt(asked))

/** As Kubernetes tells its own health: a line for each dependency, and one for the whole. */
function verdict(look: Look, what: 'ready' | 'started', query: string | undefined): Answer {
  const word = look[what] ? 'ok' : 'failed'
  const isVerbose = /^verbose(=true)?$/.test(query ?? '')
  const lines = look.checks.map(({ name, ok, because }) =>
    ok ? `[+]${name} ok` : `[-]${name} failed${because === undefined ? '' : `: ${because}`}`,
  )
  if (look.partitions) lines.push(`[+]partitions ${look.partitions.join(' ')}`)
  return { status: look[what] ? 200 : 503, body: [...(isVerbose ? lines : []), word, ''].join('\n') }
}

async function metricsOf({ metrics }: Ports, accept: string | undefined): Promise<Answer> {
  return { status: 200, type: metrics.contentType(accept), body: await metrics.text(accept) }
}

function send(response: ServerResponse, { status, type = 'text/plain; charset=utf-8', body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  response.end(body)
}

/** On every address; a machine without IPv6 has only the old ones. */
async function listen(server: Server, port: number): Promise<number> {
  try {
    return await listenOn(server, '::', port)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT')) throw error
    return listenOn(server, '0.0.0.0', port)
  }
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
