import { request } from 'node:http'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { consoleModule } from '../console.module.ts'
import { ProblemFilter } from '../http/problem.filter.ts'
import type { ConsolePorts } from '../ports.ts'

/** An answer as it came. `json` is parsed by JSON.parse: amounts have to be text. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** What each test says it is. */
  readonly json: Json
}
type Json = ReturnType<typeof JSON.parse>

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string
}

export interface Server {
  readonly routes: readonly string[]
  get(path: string, ask?: Ask): Promise<Answer>
  post(path: string, body?: unknown, ask?: Ask): Promise<Answer>
  put(path: string, body: unknown, ask?: Ask): Promise<Answer>
  close(): Promise<void>
}

/** The module as the hub opens it, on a free port of this machine. */
export async function openServer(ports: ConsolePorts): Promise<Server> {
  const routes: string[] = []
  const adapter = new FastifyAdapter()
  const fastify = adapter.getInstance()
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') routes.push(`${one.toLowerCase()} ${url}`)
  })
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  const options = { logger: false, bodyParser: false } as const
  const app = await NestFactory.create<NestFastifyApplication>(consoleModule(ports), adapter, options)
  app.useGlobalFilters(app.get(ProblemFilter))
  await app.listen(0, '127.0.0.1')
  const port = Number(new URL(await app.getUrl()).port)
  return {
    routes,
    get: (path, ask = {}) => send(port, 'GET', path, ask),
    put: (path, body, ask = {}) => send(port, 'PUT', path, { body, ...ask }),
    post: (path, body = {}, ask = {}) => send(port, 'POST', path, { body, ...ask }),
    close: () => app.close(),
  }
}

/** By hand, because `fetch` sets Host and Origin itself. */
function send(port: number, method: string, path: string, { headers, body, raw }: Ask): Promise<Answer> {
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const type = payload === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers: { ...type, ...headers } }
    const asked = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const json: Json = /json/.test(response.headers['content-type'] ?? '') ? JSON.parse(text) : undefined
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
      })
    })
    asked.on('error', reject)
    asked.end(payload)
  })
}
