import { HubError } from '@shuniu/contracts'
import { expect, test } from 'vitest'
import { failureOf, isMoving, isRefusal } from './failure.ts'

const broken = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more })
const again = (cause: Error): Error => broken('KafkaJSNumberOfRetriesExceeded', cause.message, { cause })

test.each([
  ['log.login', again(broken('KafkaJSSASLAuthenticationError', 'no'))],
  ['log.login', broken('KafkaJSProtocolError', 'no', { type: 'SASL_AUTHENTICATION_FAILED' })],
  ['log.untrusted', again(broken('KafkaJSConnectionError', 'no', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }))],
  ['log.untrusted', broken('KafkaJSConnectionError', 'no', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })],
  ['log.untrusted', broken('KafkaJSConnectionError', 'no', { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' })],
  ['log.forbidden', broken('KafkaJSProtocolError', 'no', { type: 'GROUP_AUTHORIZATION_FAILED' })],
  [
    'log.forbidden',
    broken('KafkaJSAggregateError', 'several', {
      errors: [broken('KafkaJSCreateTopicError', 'no', { type: 'CLUSTER_AUTHORIZATION_FAILED' })],
    }),
  ],
  ['log.unreachable', again(broken('KafkaJSConnectionError', 'no', { code: 'ECONNREFUSED' }))],
  ['log.unreachable', broken('KafkaJSConnectionClosedError', 'no')],
])('%s is what a client meant by it', (code, error) => {
  const failure = failureOf(error, ['a:1', 'b:2'])
  expect(failure).toMatchObject({ code, parameters: { brokers: 'a:1, b:2', reason: 'no' }, cause: error })
  expect(isRefusal(failure)).toBe(code !== 'log.unreachable')
})

test('what is none of these stays as it is', () => {
  const other = new TypeError('a mistake of ours')
  const known = new HubError('log.topic-missing', { topic: 't' })
  expect([failureOf(other, []), failureOf(known, []), isRefusal(other)]).toEqual([other, known, false])
})

test('a partition between two leaders is asked again, others are not', () => {
  const typed = (type: string): Error => broken('KafkaJSProtocolError', 'x', { type })
  expect(
    ['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE', 'OFFSET_OUT_OF_RANGE'].map((one) => isMoving(typed(one))),
  ).toEqual([true, true, false])
})
