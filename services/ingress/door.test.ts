import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { SimulatedClock } from '@shuniu/infra/time'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDoor } from './door.ts'
import { largestBody, type Hooks, type IncomingHook } from './hooks.ts'
import { freeRefusals, Peers } from './peers.ts'

describe('the door for vendors', () => {
  let server: Server
  let origin: string
  let peers: Peers
  let come: IncomingHook[]
  let status: number
  beforeEach(async () => {
    peers = new Peers(new SimulatedClock(0), { warn: () => undefined })
    come = []
    status = 200
    const answer: Hooks['answer'] = async (hook) => {
      come.push(hook)
      return { status, headers: { 'content-type': 'application/json' }, body: '“成功”' }
    }
    const door = openDoor({ peers, answer }, (peer) => peer === '127.0.0.1')
    server = createServer((request, response) => {
      if (!door(request, response)) response.writeHead(418).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  })
  afterEach(() => void (server.closeAllConnections(), server.close()))

  const post = (
    path: string,
    body: Uint8Array<ArrayBuffer> | string,
    headers: Record<string, string> = {},
  ): Promise<Response> => fetch(`${origin}${path}`, { method: 'POST', body, headers })

  test('hands over a request with its bytes as they came, in however many pieces', async () => {
    const { port } = new URL(origin)
    const socket = connect(Number(port), '127.0.0.1')
    const answered = new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(String(bytes))))
    const head = 'POST /hooks/a/b?nonce=1 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n'
    const heard = new Promise((resolve) => server.once('request', resolve))
    socket.write(`${head}\xff`, 'latin1')
    await heard
    socket.write('{"\0', 'latin1')
    expect(await answered).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: application\/json\r\ncontent-length: 12\r\n/)
    expect(come).toMatchObject([{ connection: 'a', hook: 'b', query: { nonce: '1' } }])
    expect([...(come[0]?.body ?? [])]).toEqual([0xff, 0x7b, 0x22, 0])
    socket.destroy()
  })

  test.each(['/', '/hooks', '/hooksx/a/b', '/HOOKS/a/b'])('leaves %s to others', async (path) => {
    expect((await post(path, '{}')).status).toBe(418)
    expect(come).toEqual([])
  })

  test('answers a body that is too long without asking anybody', async () => {
    const answer = await post('/hooks/a/b', new Uint8Array(largestBody + 1)).catch(() => undefined)
    expect(answer?.status ?? 413).toBe(413)
    expect((await post('/hooks/a/b', new Uint8Array(largestBody))).status).toBe(200)
    expect(come).toHaveLength(1)
  })

  test('puts off who was refused too often, by the address before the proxy', async () => {
    for (let at = 0; at < freeRefusals; at++) peers.answered('10.0.0.7', 401, 0)
    const from = async (forwarded: string): Promise<number> =>
      (await post('/hooks/a/b', '{}', { 'x-forwarded-for': forwarded })).status
    expect([await from('10.0.0.7'), await from('10.0.0.8'), await from('10.0.0.7, 10.0.0.8')]).toEqual([429, 200, 200])
    const putOff = await post('/hooks/a/b', '{}', { 'x-forwarded-for': '10.0.0.7' })
    expect([putOff.headers.get('retry-after'), putOff.headers.get('connection'), await putOff.text()]).toEqual([
      '5',
      'close',
      '',
    ])
  })

  test('counts what it refuses, and bodies that stay away', async () => {
    status = 401
    for (let at = 0; at < 3; at++) await post('/hooks/a/b', '{}', { 'x-forwarded-for': '10.0.0.9' })
    expect(come).toHaveLength(3)
    for (let at = 0; at < freeRefusals - 3; at++) peers.answered('10.0.0.9', 401, 0)
    expect(peers.begin('10.0.0.9')).toBeUndefined()
  })
})
