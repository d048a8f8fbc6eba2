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
import { consoleModule, ProblemFilter, type ConsolePorts } from '@shuniu/console'
import { Hooks, HooksController, limitPeers, registerRawBody } from '@shuniu/ingress'
import 'reflect-metadata'

@Module({})
class HubModule {}

function hubModule(hooks: Hooks, ports: ConsolePorts): DynamicModule {
  return {
    module: HubModule,
    imports: [consoleModule(ports)],
    controllers: [HooksController],
    providers: [{ provide: Hooks, useValue: hooks }],
  }
}

@Module({})
class HooksModule {}

function hooksModule(hooks: Hooks): DynamicModule {
  const providers = [{ provide: Hooks, useValue: hooks }]
  return { module: HooksModule, controllers: [HooksController], providers }
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
  if (typeof error !== 'object' || error === null) return 500
  if ('getStatus' in error && typeof error.getStatus === 'function') return Number(error.getStatus())
  return 'statusCode' in error ? Number(error.statusCode) : 500
}

export interface Address {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface Listening {
  readonly url: string
  close(): Promise<void>
}

/** Limits of the door (reliability: 3.1): headers 16 KB and 100, a request in 10 s, no path tricks. */
const limits = {
  requestTimeout: 10_000,
  connectionTimeout: 10_000,
  http: { maxHeaderSize: 16_384, headersTimeout: 10_000, connectionsCheckingInterval: 1_000 },
  routerOptions: { caseSensitive: true, ignoreTrailingSlash: false },
  forceCloseConnections: true,
} as const

/** Opens the one port: hooks for vendors, the API, probes and metrics. */
export function listen(hooks: Hooks, ports: ConsolePorts, at: Address): Promise<Listening> {
  return open(hubModule(hooks, ports), at, (application) => application.get(ProblemFilter))
}

/** Opens a port that serves `/hooks` and nothing else, for a proxy or a tunnel. */
export function listenForHooks(hooks: Hooks, at: Address): Promise<Listening> {
  return open(hooksModule(hooks), at, () => undefined)
}

async function open(
  module: DynamicModule,
  { host, port }: Address,
  problems: (application: INestApplication) => ExceptionFilter | undefined,
): Promise<Listening> {
  const adapter = new FastifyAdapter(limits)
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  })
  registerRawBody(adapter.getInstance(), (body) => body)
  limitPeers(adapter.getInstance(), application.get(Hooks).peers)
  application.useGlobalFilters(new Refusals(problems(application)))
  await application.listen({ host, port })
  return { url: addressOf(application, host), close: () => application.close() }
}

function addressOf(application: INestApplication, host: string): string {
  const address = application.getHttpServer().address() as { port: number }
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}
