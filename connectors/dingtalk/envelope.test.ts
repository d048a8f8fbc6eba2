import { describe, expect, test } from 'vitest'
import { isSameSignature, openEnvelope } from './envelope.ts'
import { settings } from './settings.ts'
import { fact } from './test-ground.ts'

interface Input {
  readonly token: string
  readonly encodingAesKey: string
  readonly timestamp: string
  readonly nonce: string
  readonly encrypt: string
  readonly signature: string
}
interface Vector {
  readonly id: string
  readonly input: Input
  readonly expect: { signature: string; receiveId: string; message: string; randomHex: string }
}
interface Vectors {
  readonly published: readonly Vector[]
  readonly generated: readonly Vector[]
  readonly negative: readonly {
    id: string
    derivedFrom: string
    input: Partial<Input> & { expectedReceiveId?: string }
  }[]
}

const { published, generated, negative } = fact<Vectors>('dingtalk-crypto')
const envelopeOf = ({ token, encodingAesKey }: Input, receiveId: string) =>
  openEnvelope({ token, aesKey: encodingAesKey, receiveId })

describe.each([...published, ...generated])('vector $id', ({ input, expect: expected }) => {
  const envelope = envelopeOf(input, expected.receiveId)

  test('gives the signature', () => {
    expect(envelope.sign(input.timestamp, input.nonce, input.encrypt)).toBe(expected.signature)
  })

  test('opens to the message', () => {
    expect(envelope.open(Buffer.from(input.encrypt, 'base64'))).toBe(expected.message)
  })

  test('is sealed to the same bytes again', () => {
    expect(envelope.seal(expected.message, Buffer.from(expected.randomHex, 'hex'))).toBe(input.encrypt)
  })
})

test('one message after the other opens to the same text, at whoever begins anew, and what is broken between them spoils none', () => {
  const keys = { token: 'Hub2024TokenAbc', aesKey: 'a'.repeat(43), receiveId: 'dinga1b2c3d4e5f6g7h8' }
  const [ours, theirs] = [openEnvelope(keys), openEnvelope(keys)]
  const sealed = ['success', '付款', ''].map((text, at) =>
    Buffer.from(theirs.seal(text, Buffer.alloc(16, at)), 'base64'),
  )
  const open = (envelope: typeof ours): unknown[] => sealed.map((one) => envelope.open(one))
  expect(open(ours)).toEqual(['success', '付款', ''])
  expect(ours.open(Buffer.alloc(64, 7))).toBeUndefined()
  expect(open(ours)).toEqual(['success', '付款', ''])
  expect(sealed.map((one) => openEnvelope(keys).open(one))).toEqual(['success', '付款', ''])
})

const unreadable = negative.filter(({ input }) => input.encrypt !== undefined && input.encrypt.length % 4 === 0)
const decryptable = unreadable.filter(({ id }) => /bit-flip|length-field|pad-value|receive-id/.test(id))

test.each(decryptable)('$id does not open', ({ input }) => {
  const { token = '', encodingAesKey: aesKey = '', encrypt = '', expectedReceiveId } = input
  const envelope = openEnvelope({ token, aesKey, receiveId: expectedReceiveId ?? 'dinga1b2c3d4e5f6g7h8' })
  expect(envelope.open(Buffer.from(encrypt, 'base64'))).toBeUndefined()
})

test.each(negative.filter(({ id }) => /signature|timestamp/.test(id)))(
  '$id is not the right signature',
  ({ input }) => {
    const { timestamp = '', nonce = '', encrypt = '', signature } = input
    const envelope = openEnvelope({ token: input.token ?? '', aesKey: input.encodingAesKey ?? '', receiveId: 'x' })
    expect(isSameSignature(signature, envelope.sign(timestamp, nonce, encrypt))).toBe(false)
  },
)

test.each(negative.filter(({ id }) => id.includes('-key-')))(
  '$id is refused when the connection is read',
  ({ input }) => {
    const callback = { token: 'Hub2024TokenAbc', aesKey: input.encodingAesKey }
    expect(settings.safeParse({ clientId: 'a', clientSecret: 'b', callback }).success).toBe(false)
  },
)

test.each([undefined, '', 'a', 'é'.repeat(40), 'f'.repeat(1_000_000)])(
  'a signature of another form is wrong, not an error',
  (given) => {
    expect(isSameSignature(given, 'f'.repeat(40))).toBe(false)
  },
)
