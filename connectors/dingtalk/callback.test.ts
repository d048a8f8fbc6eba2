import { SimulatedClock, seededRandom } from '@shuniu/infra/time'
import type { HookRequest, HookVerdict } from '@shuniu/sdk'
import { describe, expect, test } from 'vitest'
import { callback } from './callback.ts'
import { openEnvelope } from './envelope.ts'
import { settings } from './settings.ts'
import { fact } from './test-ground.ts'

interface Exchange {
  readonly token: string
  readonly encodingAesKey: string
  readonly receiveId: string
  readonly request: { method: string; query: Record<string, string>; headers: Record<string, string>; body: object }
  readonly response: { body: { msg_signature: string; timeStamp: string; nonce: string; encrypt: string } }
}

const exchange = fact<Exchange>('http-push-exchange')
const keys = { token: exchange.token, aesKey: exchange.encodingAesKey, receiveId: exchange.receiveId }
const envelope = openEnvelope(keys)
const now = Number(exchange.request.query.timestamp) + 100

function receive(request: Partial<HookRequest>, changed: object = {}, at = now): HookVerdict {
  const chosen = settings.parse({ clientId: 'x', clientSecret: 'y', callback: { ...keys, ...changed } })
  const clock = new SimulatedClock(at)
  const take = callback.open(chosen, { clock, random: seededRandom(1), connection: 'dingtalk-main' })
  if (!take) throw new Error('the hook is closed')
  const headers = { 'content-type': 'application/json' }
  return take({ method: 'POST', query: {}, headers, body: Buffer.from('{}'), ...request })
}

/** A push of this text, signed as the vendor does; parts can be replaced. */
function pushOf(text: string, replaced: { encrypt?: string; timestamp?: string; keys?: typeof keys } = {}) {
  const sender = openEnvelope(replaced.keys ?? keys)
  const encrypt = replaced.encrypt ?? sender.seal(text, seededRandom(3).bytes(16))
  const timestamp = replaced.timestamp ?? String(now)
  const query = { signature: sender.sign(timestamp, 'n', encrypt), timestamp, nonce: 'n' }
  return { query, body: Buffer.from(JSON.stringify({ encrypt })) }
}

function acceptedOf(verdict: HookVerdict) {
  if (verdict.is === 'refused') throw new Error(`${verdict.status} ${verdict.because}`)
  return verdict
}

const finish = JSON.stringify(fact('event-http-bpms-instance-finish-agree'))
const sample = { query: exchange.request.query, body: Buffer.from(JSON.stringify(exchange.request.body)) }
const refused = (status: number) => expect.objectContaining({ is: 'refused', status })

describe('an honest push', () => {
  test('the sample exchange is taken byte for byte and becomes one receipt', () => {
    const { handed } = acceptedOf(receive(sample))
    expect(handed).toHaveLength(1)
    expect(handed[0]).toMatchObject({
      source: 'approval',
      subject: 'kT3xQmZ7R0-Lw5yPd9Vf2A05121767576001',
      form: 'PROC-5C8E2B7A-41D9-4F60-9A3B-7E1D0C52F846',
    })
    expect(JSON.parse(handed[0]?.body ?? '')).toMatchObject({ EventType: 'bpms_instance_change', result: 'agree' })
  })

  test('its answer is the encrypted success, signed over its own time', () => {
    const answer = acceptedOf(receive(sample)).answer()
    const { msg_signature, timeStamp, nonce, encrypt } = JSON.parse(answer.body) as Exchange['response']['body']
    expect(answer.status).toBe(200)
    expect(envelope.open(Buffer.from(encrypt, 'base64'))).toBe('success')
    expect(envelope.sign(timeStamp, nonce, encrypt)).toBe(msg_signature)
  })

  test("the vendor's own answer opens with the same code", () => {
    const { msg_signature, timeStamp, nonce, encrypt } = exchange.response.body
    expect(envelope.open(Buffer.from(encrypt, 'base64'))).toBe('success')
    expect(envelope.sign(timeStamp, nonce, encrypt)).toBe(msg_signature)
  })

  test.each(['signature', 'msg_signature'])('%s alone is enough', (name) => {
    const { query, body } = pushOf(finish)
    const { signature, ...rest } = query
    expect(receive({ query: { ...rest, [name]: signature }, body }).is).toBe('accepted')
  })

  test('the URL check and its repetition are answered and leave no receipt (B06)', () => {
    const check = pushOf(JSON.stringify(fact('event-http-check-url')))
    expect(acceptedOf(receive(check)).handed).toEqual([])
    expect(acceptedOf(receive(check)).handed).toEqual([])
  })

  test('an exact repeat hands over the same receipt (A07)', () => {
    const push = pushOf(finish)
    expect(acceptedOf(receive(push)).handed).toEqual(acceptedOf(receive(push)).handed)
  })

  test('the same id with another body keeps its id, so that the hub sees the conflict (A08)', () => {
    const [one] = acceptedOf(receive(pushOf(finish))).handed
    const [other] = acceptedOf(receive(pushOf(finish.replace('agree', 'refuse')))).handed
    expect(other?.key).toBe(one?.key)
    expect(other?.body).not.toBe(one?.body)
  })

  test('a signed text that is no event is kept with its bytes', () => {
    const [handed] = acceptedOf(receive(pushOf('not json at all'))).handed
    expect(handed).toEqual({ source: 'approval', subject: '', body: 'not json at all' })
  })

  test('without the setting there is no such address', () => {
    const chosen = settings.parse({ clientId: 'x', clientSecret: 'y' })
    const ground = { clock: new SimulatedClock(now), random: seededRandom(1), connection: 'dingtalk-main' }
    expect(callback.open(chosen, ground)).toBeUndefined()
  })

  test('the receiver is the client id when the connection names none', () => {
    const ours = { ...keys, receiveId: 'x' }
    expect(receive(pushOf(finish, { keys: ours }), { receiveId: undefined }).is).toBe('accepted')
  })
})

describe('a push is refused', () => {
  const { query, body } = pushOf(finish)

  test.each([
    ['without a signature (A01)', { ...query, signature: undefined }],
    ['with a wrong signature of the right length (A02)', { ...query, signature: 'f'.repeat(40) }],
    ['with an empty signature (A03)', { ...query, signature: '' }],
    ['with a short signature (A03)', { ...query, signature: query.signature.slice(1) }],
    ['with a signature of 1 MB (A03)', { ...query, signature: 'f'.repeat(1_000_000) }],
    ['with an upper-case signature', { ...query, signature: query.signature.toUpperCase() }],
    ['with another timestamp', { ...query, timestamp: String(now + 1) }],
    ['with another nonce', { ...query, nonce: 'm' }],
  ])('%s', (_, wrong) => {
    expect(receive({ query: wrong, body })).toEqual(refused(401))
  })

  test('changed by one byte (A04)', () => {
    const changed = Buffer.from(body)
    changed[40] = changed[40] === 65 ? 66 : 65
    expect(receive({ query, body: changed })).toEqual(refused(401))
  })

  test.each([
    ['without encrypt (B01)', '{}'],
    ['with encrypt that is no text (B01)', '{"encrypt":{"a":1}}'],
    ['with encrypt that is no base64 (B01)', '{"encrypt":"%%%%"}'],
    ['with half a cipher block (B01)', '{"encrypt":"AAAA"}'],
    ['with no JSON', 'encrypt=AAAA'],
    ['with a deep JSON', '['.repeat(50_000)],
    ['with a list', '[]'],
  ])('%s', (_, text) => {
    expect(receive({ query, body: Buffer.from(text) })).toEqual(refused(400))
  })

  test('with a text of broken blocks that is signed (dt-neg-truncated-block)', () => {
    const { negative } = fact<{ negative: { id: string; input: { encrypt: string } }[] }>('dingtalk-crypto')
    const { encrypt } = negative.find(({ id }) => id === 'dt-neg-truncated-block')?.input ?? { encrypt: '' }
    expect(encrypt).not.toBe('')
    expect(receive(pushOf('', { encrypt }))).toEqual(refused(400))
  })

  test('in bytes that are not UTF-8 (A20)', () => {
    expect(receive({ query, body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) })).toEqual(refused(400))
  })

  test.each(['application/json; charset=gbk', 'application/json; charset="utf-7"'])('as %s (A20)', (type) => {
    expect(receive({ query, body, headers: { 'content-type': type } })).toEqual(refused(415))
  })

  test.each(['gzip', 'br'])('compressed with %s (A12)', (encoding) => {
    expect(receive({ query, body, headers: { 'content-encoding': encoding } })).toEqual(refused(415))
  })

  test('when it is larger than 1 MiB (A11)', () => {
    expect(receive({ query, body: Buffer.alloc(1024 * 1024 + 1) })).toEqual(refused(413))
  })

  test('when it is no POST', () => {
    expect(receive({ query, body, method: 'GET' })).toEqual(refused(400))
  })

  test('when it is meant for somebody else (B03)', () => {
    expect(receive(pushOf(finish, { keys: { ...keys, receiveId: 'somebody-else' } }))).toEqual(refused(401))
  })

  test('for bad padding exactly as for a bad signature, and only after the signature (B02)', () => {
    const garbage = pushOf('', { encrypt: Buffer.alloc(64, 7).toString('base64') })
    expect(receive(garbage)).toEqual(refused(401))
    const unsigned = receive({ ...garbage, query: { ...garbage.query, signature: 'f'.repeat(40) } })
    expect(unsigned).toMatchObject({ status: 401, because: 'the signature is wrong' })
  })

  test.each([-600_001, 600_001])('when its time is %i ms away from ours', (away) => {
    expect(receive({ query, body }, {}, now + away)).toEqual(refused(401))
  })

  test('when its time is no number, although it is signed', () => {
    expect(receive(pushOf(finish, { timestamp: 'now' }), { maxAge: 'none' })).toEqual(refused(401))
  })
})

describe('while the keys are changed in the console', () => {
  const old = { ...keys, token: 'Hub2023TokenOld', aesKey: 'GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba' }
  const pairOf = ({ token, aesKey }: typeof keys) => ({ token, aesKey })

  test.each([
    ['the new pair', keys, old],
    ['the previous pair', old],
    ['the previous pair of which only the key was changed', { ...old, token: keys.token }],
    ['the previous pair of which only the token was changed', { ...keys, token: old.token }],
  ])('a push sealed with %s is taken, and answered with what it used', (_, used, previous = used) => {
    const push = pushOf(finish, { keys: used })
    const { handed, answer } = acceptedOf(receive(push, { previous: pairOf(previous) }))
    const { msg_signature, timeStamp, nonce, encrypt } = JSON.parse(answer().body) as Exchange['response']['body']
    const vendor = openEnvelope(used)
    expect(handed).toHaveLength(1)
    expect(vendor.sign(timeStamp, nonce, encrypt)).toBe(msg_signature)
    expect(vendor.open(Buffer.from(encrypt, 'base64'))).toBe('success')
  })

  test('the previous pair is refused as soon as it is not named any more (A09)', () => {
    expect(receive(pushOf(finish, { keys: old }), { previous: pairOf(old) }).is).toBe('accepted')
    expect(receive(pushOf(finish, { keys: old }))).toEqual(refused(401))
  })

  test('half of one pair and half of the other open nothing', () => {
    const mixed = { ...old, token: keys.token }
    expect(receive(pushOf(finish, { keys: mixed }), { previous: pairOf(old) })).toEqual(refused(401))
  })

  test('a previous pair is a whole one', () => {
    const half = { ...pairOf(keys), previous: { token: 'abc' } }
    const read = settings.safeParse({ clientId: 'x', clientSecret: 'y', callback: half })
    expect(read.error?.issues.map(({ path }) => path.join('.'))).toEqual(['callback.previous.aesKey'])
  })
})

test('the window is a setting, and can be none', () => {
  const push = pushOf(finish)
  expect(receive(push, { maxAge: '1h' }, now + 3_599_000).is).toBe('accepted')
  expect(receive(push, { maxAge: 'none' }, now + 10 ** 11).is).toBe('accepted')
})
