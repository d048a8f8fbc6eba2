import { isDecimal, isRecord, type Value } from '@shuniu/contracts'
import { parseJson, writeJson } from '@shuniu/infra/json'
import { CallFailure, type HttpAnswer } from '@shuniu/infra/outbound'
import type { FailureRule } from '../../connector.ts'
import type { Ground } from '../../ground.ts'
import type { SendContext } from '../../operation.ts'

/** Mistakes a connector can have; the kit has to find each. */
export const mistakes = [
  'proves from an empty answer',
  'takes a reset for harmless',
  'takes a refusal for doubt',
  'repeats a send by itself',
  'forgets the last moment',
  'is blind to amounts',
  'minds the order of lines',
  'takes a revocation for a payment',
  'sweeps nothing and gives no reason',
  'logs its key',
  'shows its key in errors',
  'leaves its key unmarked',
  'speaks one language',
  'promises look-ups it does not have',
] as const
export type Mistake = (typeof mistakes)[number]

export const text = (en: string, zh: string) => ({ en, zh })
const rule = (failureClass: FailureRule['class'], en: string, zh: string): FailureRule => ({
  class: failureClass,
  message: text(en, zh),
  help: text(`About: ${en}`, `处理：${zh}`),
})
export const failures = {
  token: rule('auth', 'token expired', '令牌过期'),
  key: rule('fatal', 'wrong key', '密钥错误'),
  refused: rule('invalid', 'refused: {message}', '被拒绝：{message}'),
  busy: rule('throttled', 'too many calls', '调用过多'),
  unclear: rule('ambiguous', 'unclear', '不明确'),
}

export type ToySettings = { readonly url: string; readonly secret: string }

/** One live connection. */
export interface Toy {
  readonly ground: Ground
  readonly url: string
  readonly secret: string
  readonly has: (mistake: Mistake) => boolean
  token: string | undefined
}

export const fail = (name: keyof typeof failures, changes: boolean, message: string): CallFailure => {
  const { class: declared } = failures[name]
  return new CallFailure(declared === 'ambiguous' && !changes ? 'transient' : declared, {
    code: `toy.${name}`,
    message,
  })
}

/** One call; what it changes is made once. */
export async function call(
  link: Toy,
  method: 'GET' | 'POST',
  path: string,
  body?: Value,
  send?: SendContext,
): Promise<Value> {
  const { sendBy, ...rest } = send ?? {}
  const answer = await link.ground.outbound.call({
    operation: path,
    method,
    url: `${link.url}${path}`,
    headers: { 'x-token': link.token ?? '', 'x-key': link.secret },
    timeout: 5_000,
    changes: send !== undefined,
    ...rest,
    ...(sendBy && !link.has('forgets the last moment') ? { sendBy } : {}),
    ...(body === undefined ? {} : { body: writeJson(body) }),
  })
  return understand(link, answer, send !== undefined)
}

function understand(link: Toy, answer: HttpAnswer, changes: boolean): Value {
  const words = answer.text.slice(0, 80)
  const said = link.has('shows its key in errors') ? words : words.replaceAll(link.secret, '•••')
  if (answer.status === 401) throw fail('token', changes, said)
  if (answer.status === 403) throw fail('key', changes, said)
  if (answer.status === 429) throw fail('busy', changes, said)
  if (answer.status === 422) throw fail(link.has('takes a refusal for doubt') ? 'unclear' : 'refused', changes, said)
  try {
    if (answer.status === 200) return parseJson(answer.text)
  } catch {
    // Falls through: what cannot be read is unclear.
  }
  throw fail('unclear', changes, said)
}

export async function logIn(link: Toy): Promise<void> {
  if (link.has('logs its key')) link.ground.log.info('toy.login', { key: link.secret })
  link.ground.log.info('toy.login', {})
  link.token = textOf(await call(link, 'GET', '/token'), 'token')
}

/** A member as text, empty when there is none. */
export const textOf = (value: Value | undefined, name: string): string => {
  const member = isRecord(value) ? value[name] : undefined
  return typeof member === 'string' || isDecimal(member) ? member.toString() : ''
}
