import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SimulatedClock } from '@shuniu/infra/time'
import type { Handed, Sink } from '@shuniu/sdk'
import { describe, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { isOurs } from './gateway.ts'
import { openSession } from './session.ts'
import { settings } from './settings.ts'
import { stream } from './stream.ts'
import { fact, openGround, openVendor } from './test-ground.ts'

interface Frame {
  readonly headers: Record<string, string>
  readonly data: string
}
const eventFrame = fact<Frame>('stream-frame-event-bpms-instance-finish')
const pingFrame = fact<Frame>('stream-frame-system-ping')
const disconnectFrame = fact<Frame>('stream-frame-system-disconnect')
const numbered = (number: number): Frame => ({
  ...eventFrame,
  headers: { ...eventFrame.headers, messageId: `m${number}`, eventId: `e${number}` },
})

/** Things in the order they came; `next` waits for one. */
function queue<Item>() {
  const items: Item[] = []
  const wanted: ((item: Item) => void)[] = []
  return {
    items,
    put(item: Item): void {
      const taker = wanted.shift()
      if (taker) taker(item)
      else items.push(item)
    },
    next: (): Promise<Item> => {
      const item = items.shift()
      return item === undefined ? new Promise((resolve) => wanted.push(resolve)) : Promise.resolve(item)
    },
  }
}

/** One connection as the platform sees it. */
interface Peer {
  readonly socket: WebSocket
  readonly ticket: string
  readonly answers: ReturnType<typeof queue<Frame & { code: number }>>
  send(frame: object | string): void
}

/** The stream gateway of a vendor, and a hub that takes what the client hands over. */
async function openStream(clock?: SimulatedClock) {
  const vendor = await openVendor()
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const peers = queue<Peer>()
  let tickets = 0
  vendor.says('/v1.0/gateway/connections/open', () => ({
    body: { endpoint: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/connect`, ticket: `t ${++tickets}` },
  }))
  server.on('connection', (socket, request) => {
    const answers = queue<Frame & { code: number }>()
    socket.on('message', (data) => answers.put(JSON.parse(String(data))))
    const send = (frame: object | string) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    const ticket = new URL(request.url ?? '', 'ws://x').searchParams.get('ticket') ?? ''
    peers.put({ socket, ticket, answers, send })
  })
  const told = queue<readonly ['connected', number] | readonly ['disconnected', string]>()
  const handed = queue<Handed>()
  const hub = { take: (): Promise<void> => Promise.resolve() }
  const sink: Sink = {
    hand(all) {
      all.forEach(handed.put)
      return hub.take()
    },
    connected: (since) => told.put(['connected', since]),
    disconnected: (because) => told.put(['disconnected', because]),
  }
  const stopping = new AbortController()
  const ground = openGround(vendor.url, clock)
  const chosen = settings.parse({ address: vendor.url, clientId: 'dinga1b2c3d4e5f6g7h8', clientSecret: 'a-secret' })
  const running = stream.run(openSession(chosen, ground), sink, stopping.signal)
  return {
    vendor,
    server,
    peers,
    told,
    handed,
    hub,
    ground,
    async stop() {
      stopping.abort()
      await running
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      for (const socket of server.clients) socket.terminate()
      await running
      server.close()
      await vendor[Symbol.asyncDispose]()
    },
  }
}

describe('the stream', () => {
  test('asks for a ticket in the way of the sample and uses it once', async () => {
    await using line = await openStream()
    const { ticket } = await line.peers.next()
    expect(ticket).toBe('t 1')
    expect(await line.told.next()).toEqual(['connected', expect.any(Number)])
    const [asked] = line.vendor.asked
    expect(asked?.headers.accept).toBe('application/json')
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      clientId: 'dinga1b2c3d4e5f6g7h8',
      clientSecret: 'a-secret',
      subscriptions: [{ type: 'EVENT', topic: '*' }],
      ua: 'shuniu',
    })
  })

  test('acknowledges an event only after it is stored', async () => {
    await using line = await openStream()
    const stored = Promise.withResolvers<void>()
    line.hub.take = () => stored.promise
    const peer = await line.peers.next()
    peer.send(eventFrame)
    expect(await line.handed.next()).toMatchObject({ source: 'approval', bornAt: 1767583805350 })
    peer.send(pingFrame)
    // The ping came later and is answered first: the event's answer waits for the store.
    expect(await peer.answers.next()).toEqual(fact('stream-ack-ping'))
    stored.resolve()
    expect(await peer.answers.next()).toEqual(fact('stream-ack-event-success'))
  })

  test('says LATER when the hub takes nothing, and takes the delivery that follows', async () => {
    await using line = await openStream()
    line.hub.take = () => Promise.reject(new Error('the disk is full'))
    const peer = await line.peers.next()
    peer.send(eventFrame)
    const answer = await peer.answers.next()
    const sample = fact<Frame>('stream-ack-event-later')
    expect(answer).toEqual({ ...sample, data: expect.stringContaining('"LATER"') })
    expect(answer.data).not.toContain('disk')
    line.hub.take = () => Promise.resolve()
    peer.send({ ...eventFrame, headers: { ...eventFrame.headers, messageId: 'again' } })
    expect(JSON.parse((await peer.answers.next()).data)).toMatchObject({ status: 'SUCCESS' })
    expect((await line.handed.next()).key).toBe((await line.handed.next()).key)
  })

  test('a hub that throws at once is a hub that takes nothing', async () => {
    await using line = await openStream()
    line.hub.take = () => {
      throw new Error('closed')
    }
    const peer = await line.peers.next()
    peer.send(eventFrame)
    expect(JSON.parse((await peer.answers.next()).data)).toMatchObject({ status: 'LATER' })
  })

  test('does not serve what it did not ask for', async () => {
    await using line = await openStream()
    const peer = await line.peers.next()
    peer.send(fact<Frame>('stream-frame-callback-bot-message'))
    expect(await peer.answers.next()).toMatchObject({ code: 404 })
  })

  test.each(['', 'x', '[]', '{"type":"EVENT"}', '{"type":"SYSTEM","headers":{"topic":"KEEPALIVE","messageId":"1"}}'])(
    'goes on after the frame %j',
    async (junk) => {
      await using line = await openStream()
      const peer = await line.peers.next()
      peer.send(junk)
      peer.socket.send(Buffer.from([1, 2, 3]))
      peer.send(pingFrame)
      expect(await peer.answers.next()).toEqual(fact('stream-ack-ping'))
      expect(line.handed.items).toEqual([])
    },
  )

  test('keeps an event of an unknown shape with its bytes', async () => {
    await using line = await openStream()
    const peer = await line.peers.next()
    peer.send({ type: 'EVENT', headers: { messageId: '1' }, data: 'no json' })
    expect(JSON.parse((await line.handed.next()).body)).toMatchObject({ data: 'no json' })
  })
})

describe('a connection that ends', () => {
  test('on notice is replaced first, and still serves until it dies', async () => {
    await using line = await openStream()
    const old = await line.peers.next()
    await line.told.next()
    old.send(disconnectFrame)
    const fresh = await line.peers.next()
    expect(fresh.ticket).toBe('t 2')
    old.send(numbered(1))
    fresh.send(numbered(2))
    expect((await old.answers.next()).headers.messageId).toBe('m1')
    expect((await fresh.answers.next()).headers.messageId).toBe('m2')
    old.socket.terminate()
    fresh.send(numbered(3))
    await fresh.answers.next()
    expect(line.told.items).toEqual([])
  })

  test('without notice is told, and the next one says how long there was none', async () => {
    const clock = new SimulatedClock(0)
    await using line = await openStream(clock)
    const first = await line.peers.next()
    await line.told.next()
    first.socket.terminate()
    expect(await line.told.next()).toEqual(['disconnected', expect.any(String)])
    await clock.advance(1000)
    expect((await line.peers.next()).ticket).toBe('t 2')
    const [, since] = await line.told.next()
    expect(since).toBeGreaterThan(0)
    expect(since).toBeLessThanOrEqual(1000)
  })

  test('is closed and replaced after a frame of more than 1 MiB (D01)', async () => {
    const clock = new SimulatedClock(0)
    await using line = await openStream(clock)
    const peer = await line.peers.next()
    await line.told.next()
    peer.send('x'.repeat(1024 * 1024 + 1))
    expect(await line.told.next()).toEqual(['disconnected', expect.stringContaining('payload')])
    await clock.advance(60_000)
    expect((await line.peers.next()).ticket).toBe('t 2')
  })

  test('is cut when it falls silent (D04)', async () => {
    const clock = new SimulatedClock(0)
    await using line = await openStream(clock)
    const peer = await line.peers.next()
    await line.told.next()
    peer.socket.pause()
    await clock.advance(61_000)
    expect(await line.told.next()).toEqual(['disconnected', 'it has fallen silent'])
  })

  test('lives as long as it answers our pings', async () => {
    const clock = new SimulatedClock(0)
    await using line = await openStream(clock)
    const peer = await line.peers.next()
    await line.told.next()
    for (let beats = 0; beats < 3; beats++) {
      const ping = once(peer.socket, 'ping')
      await clock.advance(30_000)
      await ping
      peer.send(pingFrame)
      await peer.answers.next()
    }
    expect(line.told.items).toEqual([])
  })

  test('is cut when it floods us with pings (D04)', async () => {
    await using line = await openStream(new SimulatedClock(0))
    const peer = await line.peers.next()
    await line.told.next()
    for (let sent = 0; sent <= 500; sent++) peer.send(pingFrame)
    expect(await line.told.next()).toEqual(['disconnected', 'it floods us with pings'])
  })
})

test('of a burst only so much is open at a time, and nothing is acknowledged before it is stored (D05)', async () => {
  await using line = await openStream()
  const stores: (() => void)[] = []
  let open = 0
  let most = 0
  line.hub.take = () => {
    most = Math.max(most, ++open)
    return new Promise((resolve) => stores.push(() => (open--, resolve())))
  }
  const peer = await line.peers.next()
  const burst = 2000
  for (let number = 0; number < burst; number++) peer.send(numbered(number))
  let success = 0
  let later = 0
  while (success + later < burst) {
    if (stores.length === 0 && peer.answers.items.length === 0) await line.handed.next()
    stores.splice(0).forEach((store) => store())
    await new Promise((resolve) => setImmediate(resolve))
    const answers = peer.answers.items.splice(0)
    success += answers.filter(({ data }) => data.includes('SUCCESS')).length
    later += answers.filter(({ data }) => data.includes('LATER')).length
  }
  expect(most).toBeLessThanOrEqual(512)
  expect(success).toBeGreaterThan(0)
})

test('failing attempts come with growing gaps, never faster than once a second on average', async () => {
  const clock = new SimulatedClock(0)
  await using line = await openStream(clock)
  await line.peers.next()
  await line.told.next()
  line.vendor.says('/v1.0/gateway/connections/open', {
    status: 500,
    body: { code: 'systemError', message: '系统异常' },
  })
  for (const socket of line.server.clients) socket.terminate()
  const times: number[] = []
  while (times.length < 12) {
    await line.told.next()
    times.push(clock.uptime())
    while (line.told.items.length === 0) await clock.advance(1000)
  }
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
  expect(Math.max(...gaps)).toBeGreaterThan(10_000)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(62_000)
})

test('a stop lets an event under way be stored and acknowledged, then closes', async () => {
  await using line = await openStream()
  const stored = Promise.withResolvers<void>()
  line.hub.take = () => stored.promise
  const peer = await line.peers.next()
  peer.send(eventFrame)
  await line.handed.next()
  const closed = once(peer.socket, 'close')
  const stopped = line.stop()
  stored.resolve()
  expect(await peer.answers.next()).toEqual(fact('stream-ack-event-success'))
  expect(await closed).toEqual([1000, expect.anything()])
  await stopped
})

const sent = (endpoint: string, address?: string): boolean => isOurs(new URL(endpoint), { address })

describe('the gateway may send us', () => {
  test.each([
    ['wss://wss-open-connection.dingtalk.com:443/connect', undefined],
    ['wss://wss-open-connection.dingtalk.com/connect', 'https://proxy.example.com'],
    ['wss://proxy.example.com/connect', 'https://proxy.example.com'],
    ['ws://127.0.0.1:7/connect', 'http://127.0.0.1:8'],
  ])('to %s with address %s', (endpoint, address) => expect(sent(endpoint, address)).toBe(true))

  test.each([
    ['ws://wss-open-connection.dingtalk.com/connect', undefined],
    ['wss://dingtalk.com.evil.example/connect', undefined],
    ['wss://evildingtalk.com/connect', undefined],
    ['wss://169.254.169.254/latest', undefined],
    ['ws://proxy.example.com/connect', 'https://proxy.example.com'],
    ['ws://127.0.0.1:7/connect', undefined],
    ['http://127.0.0.1:7/connect', 'http://127.0.0.1:8'],
    ['wss://other.example.com/connect', 'https://proxy.example.com'],
  ])('not to %s with address %s (D06)', (endpoint, address) => expect(sent(endpoint, address)).toBe(false))
})
