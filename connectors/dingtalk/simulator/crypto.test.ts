import { describe, expect, test } from 'vitest'
import vectors from '../facts/dingtalk-crypto.json' with { type: 'json' }
import agreed from '../facts/event-http-bpms-instance-finish-agree.json' with { type: 'json' }
import exchange from '../facts/http-push-exchange.json' with { type: 'json' }
import { CipherError, decrypt, encrypt, signature } from './crypto.ts'

const positive = [...vectors.published, ...vectors.generated]

describe.each(positive)('vector $id', ({ input, expect: expected }) => {
  const keys = { token: input.token, aesKey: input.encodingAesKey, receiveId: expected.receiveId }

  test('has the vendor’s signature', () => {
    expect(signature(input.token, input.timestamp, input.nonce, input.encrypt)).toBe(expected.signature)
  })
  test('is decrypted to its message', () => {
    expect(decrypt(input.encrypt, keys)).toBe(expected.message)
  })
  test('is encrypted again byte for byte', () => {
    expect(encrypt(expected.message, keys, Buffer.from(expected.randomHex, 'hex'))).toBe(input.encrypt)
  })
})

const refusedBySignature = ['dt-neg-signature-last-digit', 'dt-neg-signature-upper-case', 'dt-neg-timestamp-changed']
const isUnsigned = ({ id }: { id: string }): boolean => refusedBySignature.includes(id)

test.each(vectors.negative.filter(isUnsigned))('$id is refused: $expect', ({ input }) => {
  const { token = '', timestamp = '', nonce = '', encrypt: text = '' } = input
  expect(signature(token, timestamp, nonce, text)).not.toBe(input.signature)
})

test.each(vectors.negative.filter((vector) => !isUnsigned(vector)))('$id is refused: $expect', ({ input }) => {
  const receiveId = input.expectedReceiveId ?? 'dinga1b2c3d4e5f6g7h8'
  const read = (): string => decrypt(input.encrypt ?? '', { token: '', aesKey: input.encodingAesKey, receiveId })
  expect(read).toThrow(CipherError)
})

test('the recorded push and its answer are signed and readable', () => {
  const { token, encodingAesKey: aesKey, receiveId, request, response } = exchange
  const { timestamp, nonce, msg_signature } = request.query
  expect(signature(token, timestamp, nonce, request.body.encrypt)).toBe(msg_signature)
  expect(JSON.parse(decrypt(request.body.encrypt, { token, aesKey, receiveId }))).toEqual(agreed)
  const answer = response.body
  expect(signature(token, answer.timeStamp, answer.nonce, answer.encrypt)).toBe(answer.msg_signature)
  expect(decrypt(answer.encrypt, { token, aesKey, receiveId })).toBe('success')
})
