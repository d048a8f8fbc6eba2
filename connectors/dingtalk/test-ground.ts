import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as textOfStream } from 'node:stream/consumers'
import type { ValueRecord } from '@shuniu/contracts'
import { parseJson } from '@shuniu/infra/json'
import { openOutbound } from '@shuniu/infra/outbound'
import { realClock, seededRandom, type Clock } from '@shuniu/infra/time'
import type { Ground } from '@shuniu/sdk'
import { openSession, type Session } from './session.ts'
import { settings } from './settings.ts'

/** One of the copied facts, as text. */
export const factText = (name: string): string => readFileSync(new URL(`facts/${name}.json`, import.meta.url), 'utf8')

/** One of the copied facts. */
export const fact = <Shape>(name: string): Shape => JSON.parse(factText(name)) as Shape

/** `result` of a sample of *get instance*. */
export function sampleDetail(name: 'completed' | 'running' | 'terminated', changed: object = {}): ValueRecord {
  const sample = fact<{ response: { body: { result: object } } }>(`api-process-instance-${name}`)
  return parseJson(JSON.stringify({ ...sample.response.body.result, ...changed })) as ValueRecord
}

export const expenseForm = 'PROC-5C8E2B7A-41D9-4F60-9A3B-7E1D0C52F846'
export const expense = 'kT3xQmZ7R0-Lw5yPd9Vf2A05121767576001'
export const token = '5f1c7d0a9e3b4c62a8d17b04f9e6c253'

/** Line of a log, as the code under test wrote it. */
export type Logged = readonly [code: string, fields: unknown]

/** A ground whose way out leads to one address and whose chance is seeded. */
export function openGround(address: string, clock: Clock = realClock): Ground & { readonly logged: Logged[] } {
  const logged: Logged[] = []
  const write = (code: string, fields?: unknown): void => void logged.push([code, fields])
  return {
    connection: 'dingtalk-test',
    outbound: openOutbound({
      allow: [{ origin: new URL(address).origin, privateAddress: true }],
      limits: { concurrency: 8, perSecond: 0, perMonth: 0 },
      clock,
    }),
    clock,
    random: seededRandom(7),
    log: { info: write, warn: write, error: write },
    logged,
  }
}

/** What an application asked. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What a test lets a server say. */
export interface Said {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text goes out as it is. */
  readonly body: object | string
}

/** A server that says what a test wants, by path; tokens it gives by itself. */
export interface ScriptedVendor extends AsyncDisposable {
  readonly url: string
  readonly asked: Asked[]
  says(path: string, answer: Said | ((asked: Asked) => Said)): void
  session(more?: object): Session
}

export async function openVendor(): Promise<ScriptedVendor> {
  const answers = new Map<string, (asked: Asked) => Said>()
  const asked: Asked[] = []
  answers.set('/v1.0/oauth2/accessToken', () => ({ body: { accessToken: token, expireIn: 7200 } }))
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://vendor')
    const { method = '', headers } = request
    const one = { method, path: pathname, query: searchParams, headers, body: await textOfStream(request) }
    asked.push(one)
    const said: Said = answers.get(pathname)?.(one) ?? {
      status: 404,
      body: { code: 'InvalidAction.NotFound', message: 'none' },
    }
    const json = typeof said.body === 'string' ? {} : { 'content-type': 'application/json' }
    response.writeHead(said.status ?? 200, { ...json, ...said.headers })
    response.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    asked,
    says: (path, answer) => void answers.set(path, typeof answer === 'function' ? answer : () => answer),
    session: (more = {}) =>
      openSession(
        settings.parse({ address: url, clientId: 'dinga1b2c3d4e5f6g7h8', clientSecret: 'a-secret', ...more }),
        openGround(url),
      ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
