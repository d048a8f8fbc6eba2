import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { finished, post, sealed, verdict } from './push.ts'
import { openRig, type Rig } from './rig.ts'
import { request, wire } from './wire.ts'

vi.setConfig({ testTimeout: 60_000 })

const hook = '/hooks/dingtalk-main/callback'
let rig: Rig
beforeAll(async () => void (rig = await openRig()))
afterAll(() => rig.close())

const event = (eventId: string): string => finished({ id: 'none', number: '1' }, { type: 'start', eventId })
const honest = async (eventId: string): Promise<string> => verdict(await post(rig.hub, sealed(event(eventId))))

/** What one post from an address of this machine is answered. */
async function from(address: string, query: Readonly<Record<string, string>>, body: Buffer): Promise<number> {
  const head = [`Content-Length: ${body.length}`, 'Content-Type: application/json']
  const line = `POST ${hook}?${new URLSearchParams(query)}`
  return (await wire(rig.hub.url, [request(line, head), body], { from: address })).status
}

/** A push of 1 MB with a wrong signature. */
const forged = { query: { ...sealed('').query, signature: '0'.repeat(40) }, body: Buffer.alloc(1e6, 0x20) }
const forgeries = (address: string): Promise<number[]> =>
  Promise.all(Array.from({ length: 60 }, () => from(address, forged.query, forged.body)))

test('A19 who only sends what is refused is put off with 429, and the honest one is served', async () => {
  const flood = forgeries('127.0.0.2')
  expect(await honest('beside-forgeries')).toBe('200 success')
  await flood
  expect(new Set(await forgeries('127.0.0.2'))).toContain(429)
  expect(await honest('after-forgeries')).toBe('200 success')
  expect((await fetch(`${rig.hub.url}/livez`)).status).toBe(200)
})

test('A19 behind a proxy that has handed over something genuine the honest ones are served all the same', async () => {
  const genuine = async (eventId: string): Promise<number> => {
    const { query, body } = sealed(event(eventId))
    return from('127.0.0.3', query, body)
  }
  expect(await genuine('first-of-proxy')).toBe(200)
  expect(new Set([...(await forgeries('127.0.0.3')), ...(await forgeries('127.0.0.3'))])).toEqual(new Set([400]))
  expect(await genuine('second-of-proxy')).toBe(200)
})

test('A13 bodies that never end: from one address so many at once, and the honest one is served', async () => {
  const sockets: Socket[] = []
  const { hostname, port } = new URL(rig.hub.url)
  const start = request(`POST ${hook}`, ['Content-Type: application/json', 'Content-Length: 100000'])
  let refused = 0
  for (let at = 0; at < 300; at++) {
    const socket = connect({ host: hostname, port: Number(port), localAddress: '127.0.0.4' })
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => void (refused += String(chunk).startsWith('HTTP/1.1 429') ? 1 : 0))
    socket.write(`${start}{`)
    sockets.push(socket)
  }
  await expect.poll(() => refused, { timeout: 5_000 }).toBe(300 - 256)
  expect(await honest('beside-slow-bodies')).toBe('200 success')
  for (const socket of sockets) socket.destroy()
  const { query, body } = sealed(event('after-slow-bodies'))
  await expect.poll(() => from('127.0.0.4', query, body), { timeout: 5_000 }).toBe(200)
})
