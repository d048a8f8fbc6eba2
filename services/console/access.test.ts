import { HubError } from '@shuniu/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callerOf, type AccessRequest } from './access.ts'
import { openTestHub, type TestHub } from './test-hub/index.ts'

const local = { peer: '127.0.0.1', url: '/api/v1/status', headers: { host: '127.0.0.1:7070' } }
let hub: TestHub
beforeAll(async () => void (hub = await openTestHub()))
afterAll(() => hub.close())

/** Why a request is not answered; undefined = it is. */
async function refusalOf(request: AccessRequest, token: string | undefined): Promise<HubError | undefined> {
  try {
    await callerOf(request, { ...hub.ports, token })
    return undefined
  } catch (error) {
    if (error instanceof HubError) return error
    throw error
  }
}
const because = async (over: Partial<typeof local>): Promise<unknown> =>
  (await refusalOf({ ...local, ...over }, undefined))?.parameters['because']

describe('without a token', () => {
  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.8.9.1'])('the loopback peer %s is answered', async (peer) => {
    expect(await refusalOf({ ...local, peer }, undefined)).toBeUndefined()
  })

  test.each(['10.0.0.5', '::ffff:10.0.0.5', '127.0.0.1.evil.example', undefined])(
    'the peer %s is refused',
    async (peer) => {
      expect((await refusalOf({ ...local, peer }, undefined))?.code).toBe('api.local-only')
    },
  )

  test.each(['localhost', 'LOCALHOST:7070', '[::1]:7070', '127.0.0.1'])(
    'the Host %s names this machine',
    async (host) => {
      expect(await because({ headers: { host } })).toBeUndefined()
    },
  )

  test.each([
    'evil.example',
    'evil.example:7070',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'localhost@evil',
    '',
  ])('L05 DNS rebinding: the Host %j is refused', async (host) => {
    expect(await because({ headers: { host } })).toContain('Host')
  })

  test.each(['x-forwarded-for', 'X-Forwarded-Host', 'forwarded', 'via', 'x-real-ip', 'cf-connecting-ip'])(
    'A17 a request that came through a proxy (%s) is refused',
    async (name) => {
      const headers: Record<string, string> = { host: 'localhost', [name]: '127.0.0.1' }
      expect((await refusalOf({ ...local, headers }, undefined))?.code).toBe('api.local-only')
    },
  )

  test.each(['https://evil.example', 'http://localhost:9999', 'null', 'http://127.0.0.1:7070.evil.example'])(
    'L05 the foreign Origin %s is refused',
    async (origin) => {
      expect((await refusalOf({ ...local, headers: { ...local.headers, origin } as never }, undefined))?.code).toBe(
        'api.local-only',
      )
    },
  )

  test('A17 a proxy on this machine is not taken for it, though it says nothing of whom it speaks for', async () => {
    const isProxy = (peer: string | undefined): boolean => peer === '127.0.0.1'
    const through = callerOf(local, { ...hub.ports, isProxy })
    await expect(through).rejects.toMatchObject({
      code: 'api.local-only',
      parameters: { because: 'it came through the proxy' },
    })
    const beside = { ...local, peer: '127.0.0.2' }
    expect(await callerOf(beside, { ...hub.ports, isProxy })).toEqual({ role: 'admin' })
  })

  test('our own page is answered, a picture in a foreign page is not', async () => {
    const own = { ...local.headers, origin: 'http://127.0.0.1:7070', 'sec-fetch-site': 'same-origin' }
    const foreign = { ...local.headers, 'sec-fetch-site': 'cross-site' }
    expect(await refusalOf({ ...local, headers: own }, undefined)).toBeUndefined()
    expect((await refusalOf({ ...local, headers: foreign }, undefined))?.code).toBe('api.local-only')
  })
})

describe('with a token', () => {
  const remote = { peer: '10.0.0.5', url: '/api/v1/status', headers: { host: 'hub.example' } }

  test('whoever has it is answered from anywhere', async () => {
    const headers = { ...remote.headers, authorization: 'Bearer s3cret' }
    expect(await refusalOf({ ...remote, headers }, 's3cret')).toBeUndefined()
  })

  test.each([undefined, 'Bearer wrong', 'Bearer ', 'Basic s3cret', 's3cret', `Bearer ${'x'.repeat(100_000)}`])(
    'L04 %.30s is refused, also from this machine',
    async (authorization) => {
      const headers = { ...local.headers, ...(authorization === undefined ? {} : { authorization }) }
      expect((await refusalOf({ ...local, headers }, 's3cret'))?.code).toBe('api.token-needed')
    },
  )

  test('L14 a probe needs none, but metrics and details do', async () => {
    expect(await refusalOf({ ...remote, url: '/readyz' }, 's3cret')).toBeUndefined()
    expect(await refusalOf({ ...remote, url: '/livez' }, 's3cret')).toBeUndefined()
    expect(await refusalOf({ ...remote, url: '/startupz' }, 's3cret')).toBeUndefined()
    expect((await refusalOf({ ...remote, url: '/readyz?verbose' }, 's3cret'))?.code).toBe('api.token-needed')
    expect((await refusalOf({ ...remote, url: '/metrics' }, 's3cret'))?.code).toBe('api.token-needed')
  })
})

test('a probe is answered also when the store is not', async () => {
  const store = { select: () => Promise.reject(new HubError('store.unreachable')) }
  const ground = { clock: hub.ports.clock, store }
  expect(await callerOf({ ...local, url: '/livez' }, ground)).toEqual({ role: 'read' })
  const remote = { peer: '10.0.0.5', url: '/readyz', headers: { host: 'hub.example' } }
  expect(await callerOf(remote, { ...ground, token: 's3cret' })).toEqual({ role: 'read' })
  await expect(callerOf(local, ground)).rejects.toMatchObject({ code: 'store.unreachable' })
})

describe('at the registry', () => {
  const basic = (text: string): AccessRequest => ({
    peer: '10.0.0.5',
    url: '/registry/subjects?deleted=false',
    headers: { host: 'hub.example', authorization: `Basic ${Buffer.from(text).toString('base64')}` },
  })

  test('the token may be the password of Basic, whatever the user is called', async () => {
    expect(await refusalOf(basic('anybody:s3cret'), 's3cret')).toBeUndefined()
    expect(await refusalOf(basic(':s3:cret'), 's3:cret')).toBeUndefined()
  })

  test.each([
    ['as the user', basic('s3cret:')],
    ['with more behind it', basic('anybody:s3cret2')],
    ['at the API', { ...basic('anybody:s3cret'), url: '/api/v1/runs?/registry' }],
    ['at a neighbour of the registry', { ...basic('anybody:s3cret'), url: '/registry2/subjects' }],
  ])('but not %s', async (_, request) => {
    expect((await refusalOf(request, 's3cret'))?.code).toBe('api.token-needed')
  })
})

describe('at the door of the server', () => {
  test('L05 a page of a stranger that resolved its own name to this machine gets a short 403', async () => {
    const { status, json } = await hub.get('/api/v1/runs', { headers: { host: 'evil.example' } })
    expect(status).toBe(403)
    expect(json.code).toBe('api.local-only')
  })

  test('L05 no answer allows a foreign page to read it, frame it or guess its type', async () => {
    const { headers } = await hub.get('/api/v1/runs')
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cache-control']).toBe('no-store')
  })

  test('the metrics are behind the same door', async () => {
    expect((await hub.get('/metrics', { headers: { 'x-forwarded-for': '10.0.0.1' } })).status).toBe(403)
    expect((await hub.get('/metrics')).status).toBe(200)
  })
})
