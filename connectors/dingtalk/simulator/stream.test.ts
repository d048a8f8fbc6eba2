import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import finish from '../facts/stream-frame-event-bpms-instance-finish.json' with { type: 'json' }
import disconnect from '../facts/stream-frame-system-disconnect.json' with { type: 'json' }
import later from '../facts/stream-ack-event-later.json' with { type: 'json' }
import broken from '../facts/stream-ack-error.json' with { type: 'json' }
import open from '../facts/stream-open-connection.json' with { type: 'json' }
import ping from '../facts/stream-frame-system-ping.json' with { type: 'json' }
import success from '../facts/stream-ack-event-success.json' with { type: 'json' }
import { drive } from './driver.ts'
import type { Driver } from './driver.ts'
import { application } from './organisation.ts'
import { openReceiver } from './receiver.ts'

/** A busy machine may take its time. */
const patient = { timeout: 10_000 }

const frame = z.object({
  specVersion: z.string(),
  type: z.string(),
  headers: z.record(z.string(), z.string()),
  data: z.string(),
})
const opened = z.object({ endpoint: z.string(), ticket: z.string() })
const openPath = '/v1.0/gateway/connections/open'
const openBody = { ...open.request.body, clientSecret: application.clientSecret }
const form = { form: '付款申请', fields: {} }
const onlyStart = { events: 'bpms_instance_change/start' }
const keys = (of: object): string[] => Object.keys(of).toSorted()

/** A client that answers frames only when it is told to. */
class Client {
  readonly socket: WebSocket
  readonly #arrived: z.infer<typeof frame>[] = []
  #wake: () => void = () => {}

  constructor(address: string) {
    this.socket = new WebSocket(address)
    this.socket.on('message', (data) => {
      this.#arrived.push(frame.parse(JSON.parse(String(data))))
      this.#wake()
    })
  }
  async next(): Promise<z.infer<typeof frame>> {
    while (this.#arrived.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    const [first] = this.#arrived.splice(0, 1)
    if (!first) throw new Error('nothing arrived')
    return first
  }
  answer(to: z.infer<typeof frame>, ack: { headers: object }): void {
    const headers = { ...ack.headers, messageId: to.headers.messageId }
    this.socket.send(JSON.stringify({ ...ack, headers }))
  }
}

async function ticketAddress(sim: Driver): Promise<string> {
  const { body } = await sim.plain('POST', openPath, openBody, { accept: 'application/json' })
  const { endpoint, ticket } = opened.parse(body)
  return `${endpoint}?ticket=${ticket}`
}

async function connect(sim: Driver): Promise<Client> {
  const client = new Client(await ticketAddress(sim))
  await once(client.socket, 'open')
  return client
}

async function refusedStatus(address: string): Promise<number | undefined> {
  const [, response] = await once(new WebSocket(address), 'unexpected-response')
  return response.statusCode
}

test('an event frame has the keys of the sample and its data is JSON as a string', async () => {
  await using sim = await drive({ options: { events: 'bpms_instance_change/finish' } })
  const client = await connect(sim)
  const { id } = await sim.act('approved-payment')
  const event = await client.next()
  expect(keys(event)).toEqual(keys(finish))
  expect(keys(event.headers)).toEqual(keys(finish.headers))
  expect(event.headers).toMatchObject({ eventType: 'bpms_instance_change', eventCorpId: application.corpId })
  expect(keys(JSON.parse(event.data))).toEqual(keys(JSON.parse(finish.data)))
  expect(JSON.parse(event.data)).toMatchObject({ processInstanceId: id, type: 'finish', result: 'agree' })
})

test('a ticket opens one connection, within 90 seconds, at /connect', async () => {
  const skew = { ms: 0 }
  await using sim = await drive({ now: () => Date.now() + skew.ms })
  const address = await ticketAddress(sim)
  await once(new WebSocket(address), 'open')
  expect(await refusedStatus(address)).toBe(401)
  expect(await refusedStatus(address.replace('/connect', '/else'))).toBe(404)
  const late = await ticketAddress(sim)
  skew.ms = 91_000
  expect(await refusedStatus(late)).toBe(401)
})

test('the gateway refuses wrong credentials and single events, and answers XML to who does not ask for JSON', async () => {
  await using sim = await drive()
  const json = { accept: 'application/json' }
  const wrong = { ...openBody, clientSecret: 'x' }
  expect(await sim.plain('POST', openPath, wrong, json)).toMatchObject({ body: { code: 'invalidClientIdOrSecret' } })
  const single = { ...openBody, subscriptions: [{ type: 'EVENT', topic: 'bpms_instance_change' }] }
  expect(await sim.plain('POST', openPath, single, json)).toMatchObject({ body: { code: 'invalidParameter' } })
  expect((await sim.plain('POST', openPath, openBody)).body).toMatch(/^<\?xml .*<ticket>[\w-]{36}<\/ticket>/)
})

test('an event is sent again, with the same id, on LATER, on an error and without an acknowledgement', async () => {
  await using sim = await drive({
    options: { ...onlyStart, redeliver: '1,1,1', 'ack-within': '50,50', 'failed-after': '0' },
  })
  const client = await connect(sim)
  await sim.act('submit', form)
  const first = await client.next()
  client.answer(first, later)
  const second = await client.next()
  client.answer(second, broken)
  await client.next()
  const fourth = await client.next()
  client.answer(fourth, success)
  const sent = [first, second, fourth]
  expect(new Set(sent.map(({ headers }) => headers.eventId)).size).toBe(1)
  expect(new Set(sent.map(({ headers }) => headers.messageId)).size).toBe(3)
})

test('an acknowledged event is not sent again', async () => {
  await using sim = await drive({
    options: { ...onlyStart, redeliver: '1', 'ack-within': '60000,2500', 'failed-after': '0' },
  })
  const client = await connect(sim)
  await sim.act('submit', form)
  client.answer(await client.next(), success)
  await expect
    .poll(async () => (await sim.control('GET', '/_sim')).body, patient)
    .toMatchObject({ stream: { waiting: 0 } })
  const { id } = await sim.act('submit', form)
  expect(JSON.parse((await client.next()).data)).toMatchObject({ processInstanceId: id })
})

test('each event goes to one of the connections, and both get some', async () => {
  await using sim = await drive({ options: onlyStart })
  const [one, other] = [await connect(sim), await connect(sim)]
  const seen = { one: 0, other: 0 }
  one.socket.on('message', () => (seen.one += 1))
  other.socket.on('message', () => (seen.other += 1))
  await Promise.all(Array.from({ length: 60 }, () => sim.act('submit', form)))
  await expect.poll(() => seen.one + seen.other, patient).toBe(60)
  expect(Math.min(seen.one, seen.other)).toBeGreaterThan(5)
})

test('the server pings with an opaque text', async () => {
  await using sim = await drive({ options: { ping: '10' } })
  const client = await connect(sim)
  const pinged = await client.next()
  expect([keys(pinged), keys(pinged.headers)]).toEqual([keys(ping), keys(ping.headers)])
  expect(JSON.parse(pinged.data)).toEqual({ opaque: expect.any(String) })
})

test('an expiring connection says so, gets nothing more, and is closed after the silence', async () => {
  await using sim = await drive({ options: { ...onlyStart, silence: '20' } })
  const [old, fresh] = [await connect(sim), await connect(sim)]
  fresh.socket.terminate()
  await expect
    .poll(async () => (await sim.control('GET', '/_sim')).body, patient)
    .toMatchObject({ stream: { connections: 1 } })
  await sim.control('POST', '/_sim/acts/disconnect', {})
  const said = await old.next()
  expect([keys(said), keys(said.headers), said.data]).toEqual([
    keys(disconnect),
    keys(disconnect.headers),
    disconnect.data,
  ])
  const next = await connect(sim)
  const { id } = await sim.act('submit', form)
  expect(JSON.parse((await next.next()).data)).toMatchObject({ processInstanceId: id })
  if (old.socket.readyState !== WebSocket.CLOSED) await once(old.socket, 'close')
})

test('the stream comes before the callback, which takes over when no connection is left', async () => {
  await using receiver = await openReceiver()
  await using sim = await drive({ options: { ...onlyStart, callback: receiver.url } })
  const client = await connect(sim)
  await sim.act('submit', form)
  await client.next()
  expect(receiver.arrived).toBe(0)
  await sim.control('POST', '/_sim/acts/disconnect', { abrupt: true })
  const { id } = await sim.act('submit', form)
  expect(await receiver.next()).toMatchObject({ processInstanceId: id })
})

test('with --push both the stream and the callback get every event', async () => {
  await using receiver = await openReceiver()
  await using sim = await drive({ options: { ...onlyStart, push: 'both', callback: receiver.url } })
  const client = await connect(sim)
  await sim.act('submit', form)
  expect((await client.next()).headers.eventId).toBe((await receiver.next()).eventId)
})

test('events born without a connection are delivered to the one that comes in time', async () => {
  await using sim = await drive({ options: { ...onlyStart, redeliver: '200,500,2000' } })
  const { id } = await sim.act('submit', form)
  const client = await connect(sim)
  expect(JSON.parse((await client.next()).data)).toMatchObject({ processInstanceId: id })
})
