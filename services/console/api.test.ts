import { HubError } from '@shuniu/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestHub, type TestHub } from './test-hub/index.ts'

let hub: TestHub
beforeAll(async () => void (hub = await openTestHub()))
afterAll(() => hub.close())

describe('problems', () => {
  test('an expected failure is said in the language of the request', async () => {
    const zh = await hub.get('/api/v1/tables/nothing')
    const en = await hub.get('/api/v1/tables/nothing?lang=en')
    const accepted = await hub.get('/api/v1/tables/nothing', { headers: { 'accept-language': 'en-GB;q=0.9, zh' } })
    expect(zh.headers['content-type']).toContain('application/problem+json')
    expect(zh.json).toMatchObject({ status: 404, code: 'table.unknown', title: 'Not Found', lang: 'zh' })
    expect(zh.json.type).toBe('urn:shuniu:problem:table.unknown')
    expect(en.json.lang).toBe('en')
    expect(accepted.json).toEqual(en.json)
    expect(zh.json.detail).not.toBe(en.json.detail)
  })

  test('L14 a surprise shows neither stack nor words; the operators’ log has them', async () => {
    const broken = await openTestHub({
      backup: () => Promise.reject(new TypeError('secret path data.db of 13812345678')),
    })
    const { status, json, text } = await broken.post('/api/v1/backup', { file: 'copy.db' })
    await broken.close()
    expect(status).toBe(500)
    expect(json.code).toBe('internal.bug')
    expect(text).not.toContain('secret path')
    expect(text).not.toMatch(/at .*\.ts/)
    expect(broken.behind.reported).toMatchObject([
      { code: 'api.bug', fields: { message: 'secret path data.db of 138****5678' } },
    ])
    const incident = /“?(\w+)[”。.]*$/.exec(json.detail)?.[1]
    expect(JSON.stringify(broken.behind.reported)).toContain(`"incident":"${incident}"`)
  })

  test('several things that are wrong at once are all said', async () => {
    const inside = [new HubError('park.unknown', { run: 1 }), new HubError('park.unknown', { run: 2 })]
    const cause = new AggregateError(inside)
    const broken = await openTestHub({
      backup: () => Promise.reject(new HubError('park.unknown', { run: 0 }, { cause })),
    })
    const { json } = await broken.post('/api/v1/backup?lang=en', { file: 'copy.db' })
    await broken.close()
    expect(json.problems.map((one: { detail: string }) => one.detail)).toEqual([
      'There is no run 1.',
      'There is no run 2.',
    ])
  })

  test('an address that does not exist is a problem too', async () => {
    const { status, json } = await hub.get('/api/v1/nothing?x=1')
    expect(status).toBe(404)
    expect(json).toMatchObject({ code: 'api.no-route', detail: '没有 /api/v1/nothing。' })
  })
})

describe('requests', () => {
  test.each([
    ['get', '/api/v1/runs?stat=parked'],
    ['get', '/api/v1/receipts?role=admin'],
    ['get', '/api/v1/conservation?recount=yes'],
    ['get', '/api/v1/reconcile?period=2026-13'],
    ['get', '/api/v1/reconcile'],
    ['get', '/api/v1/parked?reason=because'],
    ['get', '/api/v1/effects?run=abc'],
  ] as const)('a query that is not right is refused: %s %s', async (_method, path) => {
    const { status, json } = await hub.get(path)
    expect([status, json.code]).toEqual([422, 'api.invalid'])
  })

  test('L02 an unknown field of a body is refused, and nothing happens', async () => {
    const { status, json } = await hub.post('/api/v1/parked/run/1/retry?lang=en', { reason: 'try', state: 'done' })
    expect(status).toBe(422)
    expect(json.detail).toContain('"state"')
    expect(hub.behind.decisions).toEqual([])
  })

  test('L02 __proto__ in a body is an unknown field like any other', async () => {
    const raw = '{"reason":"x","__proto__":{"actor":"admin"}}'
    const { status } = await hub.post('/api/v1/parked/run/1/retry', undefined, { raw })
    expect(status).toBe(422)
    expect(({} as { actor?: string }).actor).toBeUndefined()
  })

  test('every problem of a request is named at once, in its language', async () => {
    const { json } = await hub.post('/api/v1/parked/run/1/resolve?lang=en', { accept: 'yes' })
    expect(json.detail).toContain('document')
    expect(json.detail).toContain('accept')
    expect(json.detail).toContain('reason')
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/json'])(
    'L15 a body of type %s is not looked into',
    async (type) => {
      const { status, json } = await hub.post('/api/v1/backup', { file: 'x' }, { headers: { 'content-type': type } })
      expect([status, json.code]).toEqual([415, 'api.media-type'])
    },
  )

  test('a body that is no JSON is refused with line and column', async () => {
    const { status, json } = await hub.post('/api/v1/backup?lang=en', undefined, { raw: '{"file": nope}' })
    expect([status, json.code]).toEqual([400, 'json.syntax'])
    expect(json.detail).toContain('column 10')
  })

  test('a key that stands twice in a body is refused', async () => {
    const { json } = await hub.post('/api/v1/backup', undefined, { raw: '{"file":"a","file":"b"}' })
    expect(json.code).toBe('json.duplicate-key')
  })

  test.each(["'; DROP TABLE runs; --", '1 OR 1=1', '10;', '1e3', '-1', '0', '501'])(
    'L07 the limit %j is refused',
    async (limit) => {
      const { status } = await hub.get(`/api/v1/runs?limit=${encodeURIComponent(limit)}`)
      expect(status).toBe(422)
    },
  )
})

describe('the OpenAPI page', () => {
  test('every route is in it, and every route in it exists', async () => {
    const { json } = await hub.get('/api/v1/openapi.json')
    const described = Object.entries<object>(json.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    )
    const ours = hub.routes.filter((route) => !route.includes(' /registry'))
    expect(described.toSorted()).toEqual(ours.toSorted())
    expect(described.length).toBeGreaterThan(25)
  })

  test('says what a request may contain, and that nothing else may be in it', async () => {
    const { json } = await hub.get('/api/v1/openapi.json')
    expect(json.openapi).toBe('3.1.1')
    const retry = json.paths['/api/v1/parked/{kind}/{id}/retry'].post
    const { schema } = retry.requestBody.content['application/json']
    expect(schema).toMatchObject({ type: 'object', required: ['reason'], additionalProperties: false })
    expect(retry.parameters).toContainEqual(expect.objectContaining({ name: 'kind', in: 'path', required: true }))
    const last = json.paths['/api/v1/connections/{name}/sample'].post.requestBody.content['application/json'].schema
    expect(last.properties.last).toMatchObject({ type: 'integer', minimum: 1, maximum: 20 })
  })
})
