import { HubError } from '@shuniu/contracts'
import { isOfHandshake } from '../tls/handshake.ts'

interface Told {
  readonly name: string
  readonly code: string
  readonly type: string
  readonly message: string
}

/** What a Kafka client's error says, as one of ours; what is none of these stays as it is. */
export function failureOf(error: unknown, brokers: readonly string[]): unknown {
  if (error instanceof HubError) return error
  const chain = chainOf(error)
  const said = (code: 'log.login' | 'log.untrusted' | 'log.forbidden' | 'log.unreachable', { message }: Told) =>
    new HubError(code, { brokers: brokers.join(', '), reason: message }, { cause: error })
  const find = (fits: (one: Told) => boolean): Told | undefined => chain.find(fits)
  const login = find(
    ({ name, type }) => name === 'KafkaJSSASLAuthenticationError' || type === 'SASL_AUTHENTICATION_FAILED',
  )
  if (login) return said('log.login', login)
  const untrusted = find(({ code }) => isOfHandshake(code))
  if (untrusted) return said('log.untrusted', untrusted)
  const forbidden = find(({ type }) => type.endsWith('_AUTHORIZATION_FAILED'))
  if (forbidden) return said('log.forbidden', forbidden)
  const unreachable = find(({ name }) => name.startsWith('KafkaJSConnection') || name === 'KafkaJSRequestTimeoutError')
  return unreachable ? said('log.unreachable', unreachable) : error
}

/** Whether nothing but a person's hand helps: then there is no hurry to try again. */
export function isRefusal(error: unknown): boolean {
  return error instanceof HubError && ['log.login', 'log.untrusted', 'log.forbidden'].includes(error.code)
}

/** Whether a partition has a new leader, or none for the moment: asked again, with what is known renewed, it answers. */
export function isMoving(error: unknown): boolean {
  return chainOf(error).some(({ type }) => /^(?:NOT_LEADER_FOR_PARTITION|LEADER_NOT_AVAILABLE)$/.test(type))
}

/** The error and those behind it: kafkajs wraps the last failure of its repetitions, and gathers those of several topics. */
function chainOf(error: unknown): Told[] {
  const chain: Told[] = []
  for (let one: unknown = error; one instanceof Error && chain.length < 8;) {
    const { name, message } = one
    const text = (key: string): string => (key in Object(one) ? String(Object(one)[key]) : '')
    chain.push({ name, message, code: text('code'), type: text('type') })
    const { cause, originalError, errors } = Object(one)
    one = cause ?? originalError ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return chain
}
