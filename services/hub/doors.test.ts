import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SimulatedClock } from '@shuniu/infra/time'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from './cli/testing.ts'
import { checkDoors, proxyAt, type DoorOptions } from './doors.ts'
import { onlyProxy, type RequestHooks } from './only-proxy.ts'
import { followKeyPair, lookEvery, readKeyPair, type KeyPair } from './tls.ts'

const tls = { cert: '/tls.crt', key: '/tls.key' }

describe('a door that other machines can reach', () => {
  test.each<[string, Partial<DoorOptions>, boolean]>([
    ['on this machine alone', {}, true],
    ['on its IPv6 loopback', { host: '::1' }, true],
    ['on another of its loopback addresses', { host: '127.0.0.2' }, true],
    ['everywhere', { host: '0.0.0.0' }, false],
    ['everywhere by IPv6', { host: '::' }, false],
    ['by the name of the machine', { host: 'hub.example' }, false],
    ['by a name that only looks like this machine', { host: '127.0.0.1.example' }, false],
    ['everywhere with TLS', { host: '0.0.0.0', tls }, true],
    ['everywhere behind a proxy', { host: '0.0.0.0', behindProxy: ['10.0.0.1'] }, true],
  ])('is opened only with protection: %s', (_, options, isFine) => {
    const check = (): void => checkDoors({ port: 0, ...options })
    if (isFine) expect(check).not.toThrow()
    else expect(check).toThrow(/nothing encrypts the way/)
  })
})

describe('the proxy', () => {
  test.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['192.168.7.7', true],
    ['192.168.7.8', false],
    ['fd00::1', true],
    ['fe80::1', false],
    ['', false],
    [undefined, false],
  ])('is known by its address: %s %s', (peer, isProxy) => {
    expect(proxyAt(['10.0.0.0/8', '192.168.7.7', 'fd00::/8'])(peer)).toBe(isProxy)
  })

  test('is all that is answered besides this machine', () => {
    const answered = (peer: string): unknown => {
      const why: unknown[] = []
      const fastify: RequestHooks = {
        addHook: (_, hook) => hook({ raw: { socket: { remoteAddress: peer } } }, {}, (error) => why.push(error)),
      }
      onlyProxy(fastify, proxyAt(['10.9.9.9']))
      return why[0]
    }
    for (const peer of ['10.9.9.9', '127.0.0.1', '::1', '::ffff:127.0.0.1']) expect(answered(peer)).toBeUndefined()
    for (const peer of ['10.9.9.8', '127.0.0.1.example', ''])
      expect(answered(peer)).toMatchObject({ code: 'api.only-proxy', status: 403 })
  })
})

describe('a certificate', () => {
  const pem = (name: string): string =>
    readFileSync(new URL(`../../infra/outbound/fixtures/${name}.pem`, import.meta.url), 'utf8')

  function files(): { cert: string; key: string; put(cert: string, key: string): void } {
    const folder = temporaryFolder()
    onTestFinished(() => folder.remove())
    const [cert, key] = [join(folder.path, 'tls.crt'), join(folder.path, 'tls.key')]
    return { cert, key, put: (one, other) => (writeFileSync(cert, pem(one)), writeFileSync(key, pem(other))) }
  }

  test('that cannot be read or has another key is refused by name', () => {
    const named = files()
    expect(() => readKeyPair(named)).toThrow(/tls\.crt and .*tls\.key cannot be used: ENOENT/)
    named.put('localhost', 'authority')
    expect(() => readKeyPair(named)).toThrow(/cannot be used/)
  })

  test('is exchanged while the hub runs; half of a new one is waited out, and told once', async () => {
    const named = files()
    named.put('localhost', 'localhost')
    const clock = new SimulatedClock(0)
    const said: string[] = []
    const renewed: KeyPair[] = []
    const tell = (code: string): void => void said.push(code)
    const first = readKeyPair(named)
    const following = followKeyPair(named, first, { clock, report: { info: tell, warn: tell } }, (pair) =>
      renewed.push(pair),
    )
    await clock.advance(lookEvery)
    expect([renewed, said]).toEqual([[], []])
    writeFileSync(named.cert, 'half')
    await clock.advance(3 * lookEvery)
    expect([renewed, said]).toEqual([[], ['hub.certificate-kept']])
    named.put('other-name', 'other-name')
    await clock.advance(lookEvery)
    expect([renewed.length, said.at(-1)]).toEqual([1, 'hub.certificate-renewed'])
    following.close()
    named.put('localhost', 'localhost')
    await clock.advance(lookEvery)
    expect(renewed).toHaveLength(1)
  })
})
