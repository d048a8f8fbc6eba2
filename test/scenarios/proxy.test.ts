import { join } from 'node:path'
import { startHub, type RunningHub } from '@shuniu/hub'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { sealed } from './push.ts'
import { openSystems, type Systems } from './rig.ts'
import { request, wire } from './wire.ts'

vi.setConfig({ testTimeout: 60_000 })

const proxy = '127.0.0.9'
let systems: Systems
let hub: RunningHub
beforeAll(async () => {
  systems = await openSystems()
  const { project, environment, folder } = systems
  const options = { project: project.dir, data: join(folder, 'hub'), port: 0, environment }
  hub = await startHub({ ...options, logLevel: 'silent', behindProxy: [proxy] })
})
afterAll(async () => {
  await hub.close()
  await systems.close()
})

/** A push of 1 MB with a wrong signature, from a peer that says for whom it speaks. */
const forged = { query: { ...sealed('').query, signature: '0'.repeat(40) }, body: Buffer.alloc(1e6, 0x20) }
async function forgery(peer: string, stranger: string): Promise<number> {
  const { query, body } = forged
  const head = [`Content-Length: ${body.length}`, 'Content-Type: application/json', `X-Forwarded-For: ${stranger}`]
  const line = `POST /hooks/dingtalk-main/callback?${new URLSearchParams(query)}`
  return (await wire(hub.url, [request(line, head), body], { from: peer })).status
}
const flood = (peer: string, strangers: (at: number) => string): Promise<number[]> =>
  Promise.all(Array.from({ length: 60 }, (_, at) => forgery(peer, strangers(at))))

test('behind a proxy strangers are told apart by the address that it says', async () => {
  await flood(proxy, () => '203.0.113.7')
  expect(new Set(await flood(proxy, () => '203.0.113.7'))).toContain(429)
  expect(await forgery(proxy, '203.0.113.8')).toBe(400)
})

test('who is not the proxy cannot say whose fault it is', async () => {
  await flood('127.0.0.5', (at) => `198.51.100.${at}`)
  expect(new Set(await flood('127.0.0.5', (at) => `198.51.100.${at}`))).toContain(429)
})

test('the address nearest to the proxy counts, not one that a stranger wrote before it came', async () => {
  const spoofed = (at: number): string => `192.0.2.${at}, 203.0.113.99`
  await flood(proxy, spoofed)
  expect(new Set(await flood(proxy, spoofed))).toContain(429)
})
