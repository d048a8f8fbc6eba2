import { contract, schemaNumber } from '@shuniu/contracts'
import { afterEach, expect, test } from 'vitest'
import { openTestHub, type TestHub } from '../test-hub/index.ts'

const { text } = contract('finance.voucher.created')
const path = '/registry/subjects/finance.voucher.created.v1-value/versions'
const body = { schema: text }
const token = 'a-token-of-the-settings'
const basic = (password: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`,
})

let hub: TestHub
afterEach(() => hub.close())

test('where nobody needs a token, only a request that means it registers; then everybody may use it', async () => {
  hub = await openTestHub()
  const refused = await hub.post(path, body, { headers: { 'accept-language': 'en' } })
  expect([refused.status, refused.json.error_code]).toEqual([422, 42205])
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
  const registered = await hub.post(path, body, { headers: { ...headers, 'shuniu-register': 'apply' } })
  expect(registered).toMatchObject({ status: 200, json: { id: schemaNumber(text), version: 1 } })
  expect(registered.headers['content-type']).toContain('application/vnd.schemaregistry.v1+json')
  expect((await hub.post(path, body, { headers })).json).toEqual(registered.json)
  expect((await hub.get(`/registry/schemas/ids/${schemaNumber(text)}`)).json.schema).toBe(text)
  expect(await hub.get('/registry')).toMatchObject({ status: 200, json: {} })
})

test('a token is the password of Basic, and without one nothing is answered', async () => {
  hub = await openTestHub({ token })
  const refused = await hub.get('/registry/subjects')
  expect(refused).toMatchObject({ status: 401, json: { error_code: 401 } })
  expect(refused.headers['www-authenticate']).toContain('Basic')
  expect((await hub.get('/registry/subjects', { headers: basic('another') })).status).toBe(401)
  expect((await hub.post(path, body, { headers: basic(token) })).json.id).toBe(schemaNumber(text))
  expect((await hub.get('/registry/subjects', { headers: { authorization: `Bearer ${token}` } })).json).toHaveLength(1)
})

test.each([
  ['read', 42205],
  ['operate', 42205],
  ['admin', undefined],
] as const)(
  'a token of the role %s may read, and only an administrator’s registers, under its own name',
  async (role, error) => {
    hub = await openTestHub({ token })
    const asked = { headers: { authorization: `Bearer ${token}` } }
    const made = await hub.post('/api/v1/tokens', { name: 'team', role: 'admin' }, asked)
    const other = await hub.post('/api/v1/tokens', { name: 'other', role }, asked)
    const { json } = await hub.post(path, body, { headers: basic(other.json.token) })
    expect(json.error_code).toBe(error)
    await hub.post(path, body, { headers: basic(made.json.token) })
    expect((await hub.get(`${path}/1`, { headers: basic(other.json.token) })).json.schema).toBe(text)
    const [line] = await hub.ports.store.select('audit', { action: 'registry' })
    expect(line?.actor).toBe(role === 'admin' ? 'other' : 'team')
  },
)

test('a browser of another page, or a caller behind a proxy, gets nothing without a token', async () => {
  hub = await openTestHub()
  for (const headers of [{ origin: 'http://evil.example' }, { 'x-forwarded-for': '127.0.0.1' }] as Record<
    string,
    string
  >[])
    expect(await hub.get('/registry/subjects', { headers })).toMatchObject({ status: 403, json: { error_code: 403 } })
})
