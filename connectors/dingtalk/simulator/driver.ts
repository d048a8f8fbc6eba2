import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@shuniu/sdk/simulator'
import type { RunningSimulator } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import { simulator } from './main.ts'
import { application } from './organisation.ts'

/** What a call answered. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

const named = z.looseObject({ id: z.string(), number: z.string() })

/** Drives one simulator as tests do: as people (acts) and as an application (calls), over HTTP only. */
export interface Driver extends AsyncDisposable {
  readonly url: string
  readonly running: RunningSimulator
  /** An act that makes or changes an instance. */
  act(name: string, input?: object): Promise<z.infer<typeof named>>
  control(method: string, path: string, body?: unknown): Promise<Answered>
  /** A call with the token where its generation wants it. */
  call(method: string, path: string, body?: object): Promise<Answered>
  /** A call as it is written, without a token. */
  plain(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answered>
  /** Stops and starts it again on the same book. */
  restart(): Promise<Driver>
}

interface Started {
  readonly options?: Record<string, string>
  readonly now?: () => number
}

/** Starts a simulator with its own book. */
export async function drive(started: Started = {}): Promise<Driver> {
  return driveIn(await mkdtemp(join(tmpdir(), 'dingtalk-sim-')), started)
}

async function driveIn(data: string, started: Started): Promise<Driver> {
  const running = await startSimulator(simulator, { data, ...started })
  const { url } = running
  const plain: Driver['plain'] = async (method, path, body, headers = {}) => {
    const text = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...text,
    })
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? await response.json() : await response.text(),
    }
  }
  let token: string | undefined
  return {
    url,
    running,
    plain,
    control: (method, path, body) => plain(method, path, body as object | undefined),
    async act(name, input = {}) {
      const { status, body } = await plain('POST', `/_sim/acts/${name}`, input)
      if (status !== 200) throw new Error(`act ${name}: ${status} ${JSON.stringify(body)}`)
      return named.parse(body)
    },
    async call(method, path, body) {
      token ??= await fetchToken(plain)
      if (path.startsWith('/v1.0/')) return plain(method, path, body, { 'x-acs-dingtalk-access-token': token })
      return plain(method, `${path}?access_token=${token}`, body)
    },
    async restart() {
      await running.close()
      return driveIn(data, started)
    },
    async [Symbol.asyncDispose]() {
      await running.close()
      await rm(data, { recursive: true, force: true })
    },
  }
}

async function fetchToken(plain: Driver['plain']): Promise<string> {
  const { clientId: appKey, clientSecret: appSecret } = application
  const { body } = await plain('POST', '/v1.0/oauth2/accessToken', { appKey, appSecret })
  return z.object({ accessToken: z.string() }).parse(body).accessToken
}
