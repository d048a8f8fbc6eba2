import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { openOutbound } from '@shuniu/infra/outbound'
import { realClock, seededRandom, type Clock } from '@shuniu/infra/time'
import { openKingdee, type Kingdee } from './link.ts'
import { settings } from './settings.ts'

/** Settings that fit the recorded samples and the simulator. */
export const written = (url: string) => ({
  serverUrl: `${url}/k3cloud/`,
  acctId: '6543a1b2c3d4e5',
  userName: 'hub_bot',
  appId: '219903_WEVXYANATXACQldEVUpkXQFCXBdTAyZK',
  appSecret: '7f3c2b9e4d5a40c1a8e6f0b1c2d3e4f5',
  orgNum: '100',
  dimensions: { project: 'FF100004', bankAccount: 'FF100005' },
})

/** What one call asked. */
export interface Asked {
  readonly path: string
  readonly method: string
  readonly cookie: string | undefined
  readonly body: string
}

/** How a site answers; the number of the call counts from 1. */
export type Answering = (asked: Asked, response: ServerResponse, nth: number) => void

/** A site that answers what a test wants, and a link to it. */
export interface TestSite extends AsyncDisposable {
  readonly url: string
  readonly asked: Asked[]
  readonly link: Kingdee
  readonly logged: string[]
  /** One send of a body, as the engine makes it. */
  send(method?: string, data?: object): Promise<unknown>
}

/** Sends JSON with cookies, as the site does. */
export function say(response: ServerResponse, body: unknown, more: { status?: number; headers?: object } = {}): void {
  response.writeHead(more.status ?? 200, { 'content-type': 'application/json', ...more.headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

export const newSession = (id: string) => ({
  'set-cookie': [`ASP.NET_SessionId=asp${id}; path=/; HttpOnly`, `kdservice-sessionid=${id}; path=/`],
})

export async function openSite(answer: Answering, more: object = {}, clock: Clock = realClock): Promise<TestSite> {
  const asked: Asked[] = []
  const logged: string[] = []
  const server = createServer(async (request, response) => {
    const one = await readAsked(request)
    asked.push(one)
    answer(one, response, asked.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  const limits = { concurrency: 4, perSecond: 0, perMonth: 0 }
  const outbound = openOutbound({ allow: [{ origin: url, privateAddress: true }], limits, clock: realClock })
  const write = (code: string, fields?: object): void => void logged.push(`${code} ${JSON.stringify(fields)}`)
  const log = { info: write, warn: write, error: write }
  const ground = { connection: 'test', outbound, clock, random: seededRandom(7), log }
  const link = openKingdee(settings.parse({ ...written(url), ...more }), ground)
  return {
    url,
    asked,
    link,
    logged,
    async send(method = 'Save', data = {}) {
      const permit = await outbound.place('voucher.save')
      const sendBy = { uptime: realClock.uptime() + 2_000, wall: realClock.now() + 2_000 }
      const send = { permit, sendBy, timeout: 2_000 }
      return link.client.post(method, { formid: 'GL_VOUCHER', data: Object(data) }, { operation: 'voucher.save', send })
    },
    async [Symbol.asyncDispose]() {
      await outbound.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readAsked(request: IncomingMessage): Promise<Asked> {
  const path = request.url ?? ''
  const method = /\.(\w+)\.common\.kdsvc$/.exec(path)?.[1] ?? ''
  return { path, method, cookie: request.headers.cookie, body: await textOf(request) }
}
