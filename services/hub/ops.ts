import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { lookAt, type ConsolePorts, type Look } from '@shuniu/console'

type Ports = Pick<ConsolePorts, 'store' | 'clock' | 'status' | 'metrics' | 'dependencies'>

/** A port for machines that have no token: kubelet, Prometheus. It is open before everything else and closed after it. */
export interface OpsDoor {
  readonly url: string
  /** From now on the hub is asked; before, it is starting. */
  answer(ports: Ports): void
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly type?: string
  readonly body: string
}

const starting: Look = { ready: false, started: false, checks: [{ name: 'hub', ok: false, because: 'starting' }] }

/** Opens it on every address of the machine: `/livez`, `/readyz`, `/startupz`, `/metrics`, and nothing else. */
export async function openOps(port: number): Promise<OpsDoor> {
  let ports: Ports | undefined
  const server = createServer({ maxHeaderSize: 16_384, requestTimeout: 10_000 }, (request, response) => {
    answerTo(request, ports)
      .catch((): Answer => ({ status: 500, body: '' }))
      .then((answer) => send(response, answer))
      .catch(() => response.destroy())
  })
  const at = await listen(server, port)
  return {
    url: `http://127.0.0.1:${at}`,
    answer: (given) => void (ports = given),
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function answerTo({ method, url = '', headers }: IncomingMessage, ports: Ports | undefined): Promise<Answer> {
  const [path, query] = url.split('?')
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: '' }
  switch (path) {
    case '/livez':
      return { status: 200, body: 'ok\n' }
    case '/startupz':
      return verdict(await lookOf(ports), 'started', query)
    case '/readyz':
      return verdict(await lookOf(ports), 'ready', query)
    case '/metrics':
      return ports ? metricsOf(ports, headers.accept) : { status: 503, body: '' }
    default:
      return { status: 404, body: '' }
  }
}

const lookOf = (ports: Ports | undefined): Promise<Look> | Look => (ports ? lookAt(ports) : starting)

/** As Kubernetes tells its own health: a line for each dependency, and one for the whole. */
function verdict(look: Look, what: 'ready' | 'started', query: string | undefined): Answer {
  const word = look[what] ? 'ok' : 'failed'
  const isVerbose = /^verbose(=true)?$/.test(query ?? '')
  const lines = look.checks.map(({ name, ok, because }) =>
    ok ? `[+]${name} ok` : `[-]${name} failed: ${because ?? ''}`,
  )
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
