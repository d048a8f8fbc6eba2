import { gzipSync, brotliCompressSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { act } from './append.ts'
import { finished, keys, post, seal, sealed, verdict, type Push, type PushOptions, type Sealing } from './push.ts'
import { openRig, type Rig } from './rig.ts'
import { patience, receipts, runs, vouchers } from './seen.ts'
import { request, wire } from './wire.ts'

vi.setConfig({ testTimeout: 30_000 })

const hook = '/hooks/dingtalk-main/callback'
const minute = 60_000
let rig: Rig
/** Receipts that a test may add; none unless it says so. */
let added: number
let before: number

beforeAll(async () => void (rig = await openRig()))
afterAll(() => rig.close())
beforeEach(async () => {
  added = 0
  before = (await receipts(rig)).length
})
/** Whatever came: the hub lives, no object has learned anything, and nothing was taken in. */
afterEach(async () => {
  expect((await fetch(`${rig.hub.url}/livez`)).status).toBe(200)
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(await receipts(rig)).toHaveLength(before + added)
})

const approve = () => act<{ id: string; number: string }>(rig.dingtalk.url, 'approved-payment', { push: false })
const event = (overrides: object = {}): string => finished({ id: 'none', number: '1' }, { type: 'start', ...overrides })
const answered = async (push: Push, options?: PushOptions): Promise<string> =>
  verdict(await post(rig.hub, push, options))
const withQuery = (push: Push, query: Record<string, string>): Push => ({ ...push, query: { ...push.query, ...query } })
/** Newest receipt first. */
const lastReceipt = async () => (await receipts(rig)).at(-1)

describe('A: the HTTP layer of a push', () => {
  test('A01 no signature: 401, and not a word', async () => {
    const { signature: _, ...query } = sealed(event()).query
    expect(await answered({ ...sealed(event()), query })).toBe('401')
  })

  test('A02 a wrong signature of the right length: the same answer', async () => {
    expect(await answered(withQuery(sealed(event()), { signature: '0'.repeat(40) }))).toBe('401')
  })

  test.for([0, 39, 41, 8_000])('A03 a signature of %i characters: the same answer', async (length) => {
    expect(await answered(withQuery(sealed(event()), { signature: 'a'.repeat(length) }))).toBe('401')
  })

  test('A03 a signature of 1 MB: cut off at the head', async () => {
    const { status } = await wire(rig.hub.url, [request(`POST ${hook}?signature=${'a'.repeat(1e6)}`)])
    expect([431, 400]).toContain(status)
  })

  test('A04 one byte of the body changed: 401', async () => {
    const { query, body } = sealed(event())
    const changed = Buffer.from(body)
    changed[20] = changed[20] === 0x41 ? 0x42 : 0x41
    expect(await answered({ query, body: changed })).toBe('401')
  })

  test('A07 an exact replay inside the window: the encrypted success, no second effect', async () => {
    added = 1
    const push = sealed(finished(await approve()))
    expect([await answered(push), await answered(push)]).toEqual(['200 success', '200 success'])
    await expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect(vouchers(rig)).toHaveLength(1)
  })

  test.for([-11, 11])('A07 a replay %i minutes off: 401', async (minutes) => {
    const timestamp = String(Date.now() + minutes * minute)
    expect(await answered(sealed(event(), { timestamp }))).toBe('401')
  })

  test.for(['', '-1', '1e13', 'NaN', '9'.repeat(16), ' 1'])('A07 a time that is none (%s): 401', async (timestamp) => {
    expect(await answered(sealed(event(), { timestamp }))).toBe('401')
  })

  test('A08 the same id with another body, both signed: taken, and parked for a person', async () => {
    added = 2
    const first = event({ eventId: 'a08', remark: 'first' })
    expect(await answered(sealed(first))).toBe('200 success')
    expect(await answered(sealed(first.replace('first', 'other')))).toBe('200 success')
    expect(await lastReceipt()).toBe('parked conflict')
  })

  test('A09 signed with a secret that is no longer ours: 401', async () => {
    expect(await answered(sealed(event(), { keys: { ...keys, token: 'Hub2023TokenOld' } }))).toBe('401')
  })

  test.for(['declared', 'undeclared'])(
    'A11 a body one byte too long, its length %s: 413, and reading stops',
    async (kind) => {
      const length = 1024 * 1024 + 1
      const head = (header: string): string => `${request(`POST ${hook}`, ['Content-Type: application/json', header])}`
      const pieces =
        kind === 'declared'
          ? [head(`Content-Length: ${length}`), Buffer.alloc(length, 0x20)]
          : [
              head('Transfer-Encoding: chunked'),
              `${length.toString(16)}\r\n`,
              Buffer.alloc(length, 0x20),
              '\r\n0\r\n\r\n',
            ]
      expect((await wire(rig.hub.url, pieces)).status).toBe(413)
    },
  )

  test('A11 the longest body that is taken is read whole', async () => {
    const { query, body } = sealed(event())
    const padded = Buffer.concat([body, Buffer.alloc(1024 * 1024 - body.length, 0x20)])
    added = 1
    expect(await answered({ query, body: padded })).toBe('200 success')
  })

  test.for([
    ['gzip', gzipSync(Buffer.alloc(50e6))],
    ['br', brotliCompressSync(Buffer.alloc(50e6))],
  ] as const)('A12 a bomb in %s: 415, nothing is unpacked', async ([encoding, body]) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding }
    expect(await answered({ query: sealed(event()).query, body }, { headers })).toBe('415')
  })

  test.for([
    ['two lengths', ['Content-Length: 4', 'Content-Length: 5'], 'abcde'],
    ['a length and chunks', ['Content-Length: 4', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['a chunk without a size', ['Transfer-Encoding: chunked'], 'zz\r\nabc\r\n0\r\n\r\n'],
    ['a bare line end', ['X: a\nContent-Length: 4'], 'abcd'],
    ['a space before the colon', ['Content-Length : 4'], 'abcd'],
  ] as const)('A14 %s: 400, and the connection is closed', async ([, headers, body]) => {
    const smuggled = `${body}GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
    const { status, text } = await wire(rig.hub.url, [request(`POST ${hook}`, [...headers], smuggled)])
    expect([status, text.split('HTTP/1.1 ').length]).toEqual([400, 2])
  })

  test.for([
    ['10,000 headers', Array.from({ length: 10_000 }, (_, at) => `X-${at}: a`)],
    ['a header of 1 MB', [`X: ${'a'.repeat(1e6)}`]],
  ] as const)('A15 %s: refused', async ([, headers]) => {
    expect([431, 400]).toContain((await wire(rig.hub.url, [request(`POST ${hook}`, [...headers])])).status)
  })

  test('A17 a spoofed X-Forwarded-For opens nothing', async () => {
    const headers = { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' }
    expect(await answered(withQuery(sealed(event()), { signature: '0'.repeat(40) }), { headers })).toBe('401')
    expect((await fetch(`${rig.hub.url}/api/v1/runs`, { headers })).status).toBe(403)
  })

  test.for([
    '/hooks/../api/v1/runs',
    '/hooks/%2e%2e/api/v1/runs',
    '/hooks/..%2fapi%2fv1%2fruns',
    '//api/v1/runs',
    '/hooks//dingtalk-main/callback',
    '/hooks/dingtalk-main%2fcallback',
    '/hooks/dingtalk-main/callback%00',
    '/hooks/dingtalk-main/callback/',
    '/hooks/dingtalk-main/callback/anything',
    '/hooks/dingtalk-main/%63allback',
    '/HOOKS/dingtalk-main/callback',
    '/hooks/dingtalk-main/../dingtalk-main/callback',
    '/hooks/__proto__/constructor',
    '/hooks/%c0%ae%c0%ae/x',
    '/hooks/%',
    '/hooks/\0',
  ])('A18 the path %j leads nowhere', async (path) => {
    const { query, body } = sealed(event())
    const head = [`Content-Length: ${body.length}`, 'Content-Type: application/json']
    const { status } = await wire(rig.hub.url, [request(`POST ${path}?${new URLSearchParams(query)}`, head), body])
    expect([404, 400]).toContain(status)
  })

  test('A19 a thousand posts to connections that do not exist: 404 each, and honest ones are served', async () => {
    const stranger = async (at: number): Promise<string> =>
      answered(sealed(event()), { hook: `stranger-${at}/callback` })
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, at) => stranger(at)))
    expect(new Set(answers)).toEqual(new Set(['404']))
    added = 1
    expect(await answered(sealed(event({ eventId: 'a19' })))).toBe('200 success')
  })

  test.for(['utf-7', 'gbk', 'utf-16'])('A20 a body that says it is %s: 415', async (charset) => {
    const headers = { 'content-type': `application/json; charset=${charset}` }
    expect(await answered(sealed(event()), { headers })).toBe('415')
  })

  test.for([
    ['GBK bytes', Buffer.from([0x7b, 0x22, 0xb8, 0xb6, 0x22, 0x7d])],
    ['UTF-16', Buffer.from('{"encrypt":"AAAA"}', 'utf16le')],
    ['a NUL', Buffer.from('{"encrypt":"AA\0A"}')],
    ['nothing', Buffer.alloc(0)],
  ] as const)('A20 %s: 400', async ([, body]) => {
    expect(await answered({ query: sealed(event()).query, body })).toBe('400')
  })

  test('A20 half a surrogate pair and a text/plain envelope: data, carried unchanged', async () => {
    added = 1
    const text = event({ eventId: 'a20', title: 'x' }).replace('"x"', String.raw`"\ud800 付款 ￿"`)
    expect(await answered(sealed(text), { headers: { 'content-type': 'text/plain' } })).toBe('200 success')
    const [row] = await rig.hub.parts.store.select('receipts', { key: 'a20' })
    expect(row?.body).toBe(text)
  })
})

describe("B: DingTalk's envelope", () => {
  /** Signed by somebody who knows the token: the text itself is what is wrong. */
  const broken = (encrypt: string, sealing: Sealing = {}): Promise<string> =>
    answered(sealed('', { ...sealing, encrypt }))

  test.for([
    ['missing', Buffer.from('{}')],
    ['a number', Buffer.from('{"encrypt":7}')],
    ['an object', Buffer.from('{"encrypt":{"__proto__":{"polluted":true}}}')],
    ['there twice', Buffer.from('{"encrypt":"AAAA","encrypt":"AAAA"}')],
    ['too deep', Buffer.from(`${'['.repeat(100_000)}`)],
  ] as const)('B01 encrypt is %s: 400', async ([, body]) => {
    expect(await answered({ query: sealed(event()).query, body })).toBe('400')
  })

  test.for(['', '*not base64*', 'QUJD', 'A'.repeat(44)])('B01 encrypt is %j: 400', async (encrypt) => {
    expect(await broken(encrypt)).toBe('400')
  })

  test.for([
    ['a padding of 0', 0],
    ['a padding of 33', 33],
    ['a padding longer than the text', 255],
  ] as const)('B02 %s: the answer of a wrong signature', async ([, value]) => {
    expect(await broken(seal(event(), keys, (length) => Buffer.alloc(length, value)))).toBe('401')
  })

  test('B02 an uneven padding: the answer of a wrong signature', async () => {
    const uneven = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => (at === 0 ? 0 : length)))
    const encrypt = seal(event().padEnd(601), keys, uneven)
    expect([await broken(encrypt), await broken(encrypt, { keys: { ...keys, token: 'wrong' } })]).toEqual([
      '401',
      '401',
    ])
  })

  test.for(['ding00000000000000000', '', `${keys.receiveId}x`])('B03 meant for %j: 401', async (receiveId) => {
    expect(await answered(sealed(event(), { keys: { ...keys, receiveId } }))).toBe('401')
  })

  test('B03 sealed with another key: 401', async () => {
    expect(await broken(seal(event(), { ...keys, aesKey: 'a'.repeat(43) }))).toBe('401')
  })

  test('B05 an event type that nobody knows: taken and skipped', async () => {
    added = 1
    expect(await answered(sealed(event({ EventType: 'bpms_unheard_of', eventId: 'b05' })))).toBe('200 success')
    await expect.poll(lastReceipt, patience).toMatch(/^skipped/)
  })

  test('B06 the URL check, twice: the encrypted success, no receipt', async () => {
    const push = sealed('{"EventType":"check_url"}')
    expect([await answered(push), await answered(push)]).toEqual(['200 success', '200 success'])
  })

  test('B07 a form nobody mapped: taken and skipped', async () => {
    added = 1
    expect(await answered(sealed(event({ processCode: 'PROC-OTHER', type: 'finish', eventId: 'b07' })))).toBe(
      '200 success',
    )
    await expect.poll(lastReceipt, patience).toBe('skipped no mapping')
  })

  test('B08 it claims an agreement that DingTalk does not know of: no event, no voucher; it is read again', async () => {
    added = 1
    const made = vouchers(rig).length
    const form = { form: '付款申请', fields: {}, push: false }
    const refused = await act<{ id: string; number: string }>(rig.dingtalk.url, 'submit', form)
    await act(rig.dingtalk.url, 'refuse', { id: refused.id, push: false })
    expect(await answered(sealed(finished(refused)))).toBe('200 success')
    const row = async () => (await rig.hub.parts.store.select('receipts', { subject: refused.id }))[0]
    await expect.poll(async () => (await row())?.detail, patience).toContain('disagreesSince')
    expect([(await row())?.state, vouchers(rig).length]).toEqual(['received', made])
  })

  test('a signed text that is no event: kept with its bytes, and parked', async () => {
    added = 1
    expect(await answered(sealed('{"__proto__":{"polluted":true}}'))).toBe('200 success')
    await expect.poll(lastReceipt, patience).toBe('parked poison')
  })
})
