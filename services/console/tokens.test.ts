import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { auditHash } from '@shuniu/infra/store'
import { SimulatedClock } from '@shuniu/infra/time'
import { openTestHub, type TestHub } from './test-hub/index.ts'

let hub: TestHub
beforeEach(async () => void (hub = await openTestHub()))
afterEach(() => hub.close())

const bearer = (token: string): Record<string, string> => ({ host: 'hub.example', authorization: `Bearer ${token}` })
const decide = { reason: 'done by hand' }

/** The token's text, made with the given one or, at first, from this machine. */
async function create(name: string, role: string, by?: string, over: object = {}): Promise<string> {
  const ask = by === undefined ? {} : { headers: bearer(by) }
  const { status, json } = await hub.post('/api/v1/tokens', { name, role, ...over }, ask)
  expect([status, json.code]).toEqual([200, undefined])
  return json.token
}

describe('a token', () => {
  test('is 256 random bits behind its name, and nothing but its hash is kept', async () => {
    const token = await create('boss', 'admin')
    expect(token).toMatch(/^shuniu_boss_[\w-]{43}$/)
    const [row] = await hub.ports.store.select('tokens', {})
    expect(row?.hash).toMatch(/^[0-9a-f]{64}$/)
    const secret = token.replace('shuniu_boss_', '')
    for (const table of ['tokens', 'audit', 'meta'] as const)
      expect(JSON.stringify(await hub.ports.store.select(table, {}))).not.toContain(secret)
    expect((await hub.get('/api/v1/tokens', { headers: bearer(token) })).text).not.toContain(secret)
  })

  test('is asked of everybody as soon as there is one, also of this machine', async () => {
    expect((await hub.get('/api/v1/runs')).status).toBe(200)
    const token = await create('boss', 'admin')
    expect((await hub.get('/api/v1/runs')).json.code).toBe('api.token-needed')
    expect((await hub.get('/api/v1/runs', { headers: bearer(token) })).status).toBe(200)
    expect((await hub.get('/livez')).status).toBe(200)
  })

  test.each([
    ['another secret under its name', (token: string) => `${token.slice(0, -4)}AAAA`],
    ['its secret under another name', (token: string) => token.replace('boss', 'chef')],
    ['its hash', () => 'hash'],
    ['more behind it', (token: string) => `${token}x`],
    ['nothing', () => ''],
  ])('L04 lets in nobody who has %s', async (_, forge) => {
    const token = await create('boss', 'admin')
    const [row] = await hub.ports.store.select('tokens', {})
    const forged = forge(token) === 'hash' ? (row?.hash ?? '') : forge(token)
    expect((await hub.get('/api/v1/runs', { headers: bearer(forged) })).status).toBe(401)
  })

  test('that has expired lets in nobody, and opens no door to this machine', async () => {
    const boss = await create('boss', 'admin')
    const guest = await create('guest', 'read', boss, { expires: '2h' })
    expect((await hub.get('/api/v1/runs', { headers: bearer(guest) })).status).toBe(200)
    await clock().advance(7_200_000)
    expect((await hub.get('/api/v1/runs', { headers: bearer(guest) })).status).toBe(401)
    const { json } = await hub.get('/api/v1/tokens', { headers: bearer(boss) })
    expect(json.items.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ['guest', 'expired'],
      ['boss', 'usable'],
    ])
  })

  test('that was revoked lets in nobody, and its name is never given again', async () => {
    const boss = await create('boss', 'admin')
    const guest = await create('guest', 'read', boss)
    const ask = { headers: bearer(boss) }
    expect((await hub.post('/api/v1/tokens/guest/revoke', {}, ask)).json.state).toBe('revoked')
    expect((await hub.get('/api/v1/runs', { headers: bearer(guest) })).status).toBe(401)
    expect((await hub.post('/api/v1/tokens/guest/revoke', {}, ask)).json.code).toBe('token.unknown')
    const again = await hub.post('/api/v1/tokens', { name: 'guest', role: 'read' }, ask)
    expect(again.json.code).toBe('token.name-taken')
  })

  test('for administrators is the first and, where there are others, the last', async () => {
    expect((await hub.post('/api/v1/tokens', { name: 'guest', role: 'read' })).json.code).toBe('token.admin-first')
    const boss = await create('boss', 'admin')
    await create('guest', 'read', boss)
    const ask = { headers: bearer(boss) }
    expect((await hub.post('/api/v1/tokens/boss/revoke', {}, ask)).json.code).toBe('token.last-admin')
    await hub.post('/api/v1/tokens/guest/revoke', {}, ask)
    expect((await hub.post('/api/v1/tokens/boss/revoke', {}, ask)).status).toBe(200)
    expect((await hub.get('/api/v1/runs')).status).toBe(200)
  })

  test.each([{ name: 'Boss' }, { name: 'a_b' }, { role: 'root' }, { expires: '-1h' }, { expires: 'soon' }])(
    'cannot be asked for as %j',
    async (wrong) => {
      const { status, json } = await hub.post('/api/v1/tokens', { name: 'boss', role: 'admin', ...wrong })
      expect([status, json.code]).toEqual([422, 'api.invalid'])
    },
  )
})

describe('a role', () => {
  const asks: readonly [string, 'get' | 'post' | 'put', string, object, string][] = [
    ['status', 'get', '/api/v1/status', {}, 'read'],
    ['metrics', 'get', '/metrics', {}, 'read'],
    ['audit', 'get', '/api/v1/audit', {}, 'read'],
    ['a retry', 'post', '/api/v1/parked/run/1/retry', decide, 'operate'],
    ['a row of a table', 'post', '/api/v1/tables/expense-account/set', {}, 'operate'],
    ['a backup', 'post', '/api/v1/backup', { file: '/tmp/x' }, 'admin'],
    ['a level of the log', 'put', '/api/v1/loggers/root', { level: 'info' }, 'admin'],
    ['the list of tokens', 'get', '/api/v1/tokens', {}, 'admin'],
    ['a new token', 'post', '/api/v1/tokens', { name: 'x', role: 'read' }, 'admin'],
  ]

  test.each(asks)('lets %s be asked by whom it is for', async (_, method, path, body, needed) => {
    const boss = await create('boss', 'admin')
    const tokens = { read: await create('r', 'read', boss), operate: await create('o', 'operate', boss), admin: boss }
    const isLetIn = async (token: string): Promise<boolean> => {
      const ask = { headers: bearer(token) }
      const { status, json } = await (method === 'get' ? hub.get(path, ask) : hub[method](path, body, ask))
      expect(status).not.toBe(401)
      return json?.code !== 'api.role-needed'
    }
    const found = [await isLetIn(tokens.read), await isLetIn(tokens.operate), await isLetIn(tokens.admin)]
    const order = ['read', 'operate', 'admin']
    expect(found).toEqual(order.map((_one, at) => at >= order.indexOf(needed)))
  })

  test('stands at every route of the OpenAPI page', async () => {
    const { json } = await hub.get('/api/v1/openapi.json')
    const operations = Object.values<Record<string, { security: { token?: string[] }[] }>>(json.paths).flatMap((path) =>
      Object.values(path),
    )
    for (const { security } of operations) expect(security[1]?.token?.[0]).toMatch(/^(read|operate|admin)$/)
    expect(json.paths['/api/v1/tokens'].post.security).toEqual([{}, { token: ['admin'] }])
  })
})

describe('the audit log', () => {
  test('names the token that acted, and behind it who it says acted', async () => {
    const boss = await create('boss', 'admin')
    const finance = await create('finance', 'operate', boss)
    await hub.post('/api/v1/parked/run/1/retry', { ...decide, actor: '王芳' }, { headers: bearer(finance) })
    await hub.post('/api/v1/parked/run/2/retry', decide, { headers: bearer(finance) })
    expect(hub.behind.decisions).toEqual([
      'retry run 1 finance (王芳) done by hand',
      'retry run 2 finance done by hand',
    ])
    const lines = await hub.ports.store.select('audit', {}, { order: { by: 'id' } })
    expect(lines.map(({ actor, action, target, detail }) => [actor, action, target, detail])).toEqual([
      ['api', 'token create', 'boss', 'admin'],
      ['boss', 'token create', 'finance', 'operate'],
    ])
    for (const line of lines) expect(auditHash(line)).toBe(line.hash)
  })
})

function clock(): SimulatedClock {
  if (!(hub.ports.clock instanceof SimulatedClock)) throw new Error('the clock of the test is not simulated')
  return hub.ports.clock
}
