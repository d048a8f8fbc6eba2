import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { Server as TlsServer } from 'node:tls'
import {
  Catch,
  Module,
  type ArgumentsHost,
  type DynamicModule,
  type ExceptionFilter,
  type INestApplication,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { HubError } from '@shuniu/contracts'
import { consoleModule, ProblemFilter, type ConsolePorts } from '@shuniu/console'
import { largestBody, openDoor, type Door, type Hooks } from '@shuniu/ingress'
import 'reflect-metadata'
import { comesThrough, onlyProxy, type IsProxy } from './only-proxy.ts'
import type { KeyPair } from './tls.ts'

@Module({})
class HubModule {}

function hubModule(ports: ConsolePorts): DynamicModule {
  return { module: HubModule, imports: [consoleModule(ports)] }
}

interface Reply {
  status(code: number): Reply
  send(body: string): unknown
}

/** What no route answers or the server itself refuses: at the hooks' door a status and not a word, elsewhere a problem. */
@Catch()
class Refusals implements ExceptionFilter {
  constructor(private readonly elsewhere?: ExceptionFilter) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const isHook = http.getRequest<{ url: string }>().url.startsWith('/hooks/')
    if (isHook || !this.elsewhere) http.getResponse<Reply>().status(statusOf(error)).send('')
    // oxlint-disable-next-line promise/valid-params, promise/no-promise-in-callback -- a filter's `catch` is no promise's
    else this.elsewhere.catch(error, host)
  }
}

/** Nest and Fastify say in their errors which of their own refusals they are. */
function statusOf(error: unknown): number {
  if (error instanceof HubError) return error.status
  if (typeof error !== 'object' || error === null) return 500
  if ('getStatus' in error && typeof error.getStatus === 'function') return Number(error.getStatus())
  return 'statusCode' in error ? Number(error.statusCode) : 500
}

export interface Address {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** With one, only TLS is spoken. */
  readonly pair?: KeyPair
  /** Says of a peer whether it is the proxy in front; with one, nobody else from elsewhere is answered. */
  readonly isProxy?: IsProxy
}

export interface Listening {
  readonly url: string
  /** Another certificate for who comes from now on; where no TLS is spoken nothing happens. */
  renew(pair: KeyPair): void
  close(): Promise<void>
}

/** Limits of the door (reliability: 3.1): headers 16 KB and 100, a request in 10 s, no path tricks. */
const longest = 10_000
const serverLimits = {
  maxHeaderSize: 16_384,
  headersTimeout: longest,
  requestTimeout: longest,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 72_000,
}
const limits = {
  routerOptions: { caseSensitive: true, ignoreTrailingSlash: false },
  forceCloseConnections: true,
} as const

/** Opens the one port: hooks for vendors, the API, probes and metrics. */
export function listen(hooks: Hooks, ports: ConsolePorts, at: Address): Promise<Listening> {
  return open(hubModule(ports), hooks, at, (application) => application.get(ProblemFilter))
}

/** Opens a port that serves `/hooks` and nothing else, for a proxy or a tunnel. */
export function listenForHooks(hooks: Hooks, at: Address): Promise<Listening> {
  return open({ module: HubModule }, hooks, at, () => undefined)
}

async function open(
  module: DynamicModule,
  hooks: Hooks,
  { host, port, pair, isProxy }: Address,
  problems: (application: INestApplication) => ExceptionFilter | undefined,
): Promise<Listening> {
  const serverFactory = (others: RequestListener): Server => serverOf(openDoor(hooks, isProxy), others, pair, isProxy)
  const adapter = new FastifyAdapter({ ...limits, serverFactory, ...(isProxy ? { trustProxy: isProxy } : {}) })
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  })
  if (isProxy) onlyProxy(adapter.getInstance(), isProxy)
  takeBytes(adapter.getInstance())
  application.useGlobalFilters(new Refusals(problems(application)))
  await application.listen({ host, port })
  const renew = (renewed: KeyPair): void => {
    const listener: unknown = application.getHttpServer()
    if (listener instanceof TlsServer) listener.setSecureContext(renewed)
  }
  return { url: addressOf(application, host, pair ? 'https' : 'http'), renew, close: () => application.close() }
}

/** Hooks go in by their door, everything else, and who comes past the proxy, by the framework's. */
function serverOf(door: Door, others: RequestListener, pair?: KeyPair, isProxy?: IsProxy): Server {
  const mayCome = ({ socket }: IncomingMessage): boolean => !isProxy || comesThrough(isProxy, socket.remoteAddress)
  const listener: RequestListener = (request, response) => {
    if (!mayCome(request) || !door(request, response)) others(request, response)
  }
  const server = pair ? createTlsServer({ ...serverLimits, ...pair }, listener) : createServer(serverLimits, listener)
  return server.setTimeout(longest)
}

/** What is needed of Fastify to change how bodies are read. */
interface BodyParsers {
  removeAllContentTypeParsers(): void
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer'; bodyLimit: number },
    parse: (request: unknown, body: Buffer, done: (error: Error | null, body?: unknown) => void) => void,
  ): void
}

/** Bodies stay bytes: they are read where it is known what they should be. */
function takeBytes(fastify: BodyParsers): void {
  fastify.removeAllContentTypeParsers()
  const options = { parseAs: 'buffer', bodyLimit: largestBody } as const
  fastify.addContentTypeParser('*', options, (_, body, done) => done(null, body))
}

function addressOf(application: INestApplication, host: string, scheme: string): string {
  const address = application.getHttpServer().address() as { port: number }
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}
