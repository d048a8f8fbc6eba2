import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { realClock } from '../time/index.ts'
import { listen, reply, type Peer } from './fixtures/loopback.ts'
import { CallFailure, openOutbound } from './index.ts'

const pem = (name: string): string => readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), 'utf8')

async function secureServer(certificate: string): Promise<Peer> {
  const peer = await listen((socket) => socket.write(reply(200, 'here')), { pem: pem(certificate) })
  onTestFinished(() => peer.close())
  return peer
}

/** `here`, or class, code and words of the failure. */
async function ask(origin: string, authorities: readonly string[]): Promise<string> {
  const limits = { concurrency: 1, perSecond: 0, perMonth: 0 }
  const out = openOutbound({ allow: [{ origin, privateAddress: false }], limits, clock: realClock, authorities })
  try {
    return (await out.call({ operation: 'x', method: 'POST', url: origin, timeout: 5_000, changes: true })).text
  } catch (failure) {
    return failure instanceof CallFailure
      ? `${failure.failureClass} ${failure.code} ${failure.message}`
      : String(failure)
  }
}

describe('TLS', () => {
  afterEach(() => void vi.unstubAllEnvs())

  it('trusts a private authority that the connection names', async () => {
    const peer = await secureServer('localhost')
    expect(await ask(peer.origin, [pem('authority')])).toBe('here')
    expect(await ask(`https://localhost:${peer.port}`, [pem('authority')])).toBe('here')
  })

  it('refuses an unknown authority, and nothing in the environment changes that', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const peer = await secureServer('localhost')
    expect(await ask(peer.origin, [])).toMatch(/^transient http\.tls .*certificate/)
    expect(peer.bytes).toBe(0)
  })

  it('refuses an expired certificate', async () => {
    const peer = await secureServer('expired')
    expect(await ask(peer.origin, [pem('authority')])).toMatch(/^transient http\.tls .*expired/)
    expect(peer.bytes).toBe(0)
  })

  it('D06: refuses the certificate of another host', async () => {
    const peer = await secureServer('other-name')
    expect(await ask(`https://localhost:${peer.port}`, [pem('authority')])).toMatch(/^transient http\.tls .*altnames/)
    expect(peer.bytes).toBe(0)
  })

  it('D06: never falls back to plain text', async () => {
    const peer = await listen((socket) => socket.write(reply(200)), {
      onConnection: (socket) => void socket.write(reply(400, 'plain HTTP here')),
    })
    onTestFinished(() => peer.close())
    expect(await ask(peer.origin.replace('http:', 'https:'), [])).toMatch(/^transient http\.tls /)
    expect(peer.requests).toHaveLength(0)
  })
})
