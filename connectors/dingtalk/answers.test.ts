import { CallFailure, type HttpAnswer } from '@shuniu/infra/outbound'
import { describe, expect, test } from 'vitest'
import { understand, type Asked } from './answers.ts'
import { failures, ruleOf } from './failures.ts'
import { fact } from './test-ground.ts'

interface Case {
  readonly case: string
  readonly status: number | null
  readonly body: object
}
interface Cases {
  readonly oldApi: readonly Case[]
  readonly newApi: readonly Case[]
  readonly gatewayIpBan: Case
}

const cases = fact<Cases>('errors')
const asked: Asked = { generation: 'new', changes: false, secrets: ['s3cret-token'], now: 0 }

function answerOf(body: object | string, status = 200, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers, body: Buffer.from(text), text }
}

function failureOf(answer: HttpAnswer, how: Partial<Asked> = {}): CallFailure {
  try {
    understand(answer, { ...asked, ...how })
  } catch (error) {
    if (error instanceof CallFailure) return error
  }
  throw new Error('it was understood as a success')
}

const codeOf = ({ body, status }: Case, generation: 'old' | 'new') =>
  failureOf(answerOf(body, status ?? 200), { generation }).code

describe('every recorded refusal has its place in the table', () => {
  const old: Readonly<Record<string, string>> = {
    'wrong app secret on gettoken': 'dingtalk.credentials',
    'missing parameter on gettoken': 'dingtalk.refused',
    'bad or expired token on a topapi path': 'dingtalk.token-dead',
    'bad token on a pre-topapi path': 'dingtalk.token-dead',
    'token missing, or sent only as a header': 'dingtalk.misuse',
    'unknown path': 'dingtalk.misuse',
    'missing permission point': 'dingtalk.permission',
    'department outside the authorised scope': 'dingtalk.scope',
    'per-app QPS exceeded (20/s per API)': 'dingtalk.too-fast',
    'global QPS of the API exceeded': 'dingtalk.too-fast',
    'monthly quota exceeded': 'dingtalk.month-used-up',
    'user not found': 'dingtalk.not-found',
    'department not found': 'dingtalk.not-found',
    busy: 'dingtalk.busy',
  }
  const recent: Readonly<Record<string, string>> = {
    'wrong client id/secret': 'dingtalk.credentials',
    'bad or expired token': 'dingtalk.token-dead',
    'token header missing': 'dingtalk.misuse',
    'missing permission point': 'dingtalk.permission',
    'caller IP not in white list': 'dingtalk.address-not-listed',
    'per-app QPS exceeded': 'dingtalk.too-fast',
    'global QPS of the API exceeded': 'dingtalk.too-fast',
    'monthly quota exceeded': 'dingtalk.month-used-up',
    'approval instance not found': 'dingtalk.not-found',
    'terminate within 15 s of submission': 'dingtalk.state',
    'task already handled': 'dingtalk.state',
    'server side failure': 'dingtalk.busy',
  }

  test.each(cases.oldApi)('old: $case', (one) => expect(codeOf(one, 'old')).toBe(old[one.case]))
  test.each(cases.newApi)('new: $case', (one) => expect(codeOf(one, 'new')).toBe(recent[one.case]))

  test.each(['old', 'new'] as const)('%s: the ban of our address, which is no envelope of either', (generation) => {
    const failure = failureOf(answerOf(cases.gatewayIpBan.body), { generation })
    expect(failure).toMatchObject({ code: 'dingtalk.blocked', failureClass: 'throttled', retryAfter: 300_000 })
  })

  test('the class of a failure is that of its row', () => {
    for (const one of cases.newApi) {
      const failure = failureOf(answerOf(one.body, one.status ?? 200))
      expect(failure.failureClass).toBe(ruleOf(failure.code)?.class)
    }
  })

  test.each([
    ['todo.taskCreate.lockError', 400, 'dingtalk.busy'],
    ['todo.taskCreate.flowControlError', 400, 'dingtalk.too-fast'],
    ['autoflowLikeTriggerRateLimited', 400, 'dingtalk.too-fast'],
    ['Forbidden.AccessDenied.QpmLimitForAppkeyAndApi', 403, 'dingtalk.too-fast'],
    ['formConverterError', 400, 'dingtalk.refused'],
    ['Forbidden.AccessDenied.SomethingNew', 403, 'dingtalk.permission'],
    ['somethingNew', 500, 'dingtalk.busy'],
  ])('%s with HTTP %i', (code, status, expected) => {
    expect(failureOf(answerOf({ code, message: '' }, status)).code).toBe(expected)
  })
})

describe('what is neither success nor refusal', () => {
  const nonsense: [string, HttpAnswer][] = [
    ['a log-in page with 200 (E07)', answerOf('<html>login</html>')],
    ['HTML 502', answerOf('<html>bad gateway</html>', 502)],
    ['an empty body', answerOf('')],
    ['a cut body', answerOf('{"result":{"a"')],
    ['a list', answerOf('[]')],
    ['a very deep body (E02)', answerOf(`{"result":${'['.repeat(100_000)}`)],
    ['a key that stands twice', answerOf('{"result":1,"result":2}')],
    ['a server fault', answerOf({ code: 'systemError', message: '系统异常' }, 500)],
    ['an unknown code with 500', answerOf({ code: 'new', message: '' }, 503)],
    ['an error without a code', answerOf({ message: 'x' }, 400)],
    ['a redirect (E06)', answerOf('', 302, { location: 'http://169.254.169.254/' })],
  ]

  test.each(nonsense)('%s: whether a change was made is unknown', (_, answer) => {
    expect(failureOf(answer, { changes: true })).toMatchObject({ failureClass: 'ambiguous', code: 'dingtalk.unclear' })
  })

  test.each(nonsense)('%s: a read is tried again', (_, answer) => {
    expect(failureOf(answer)).toMatchObject({ failureClass: 'transient' })
  })

  test('an old answer without errcode is no success', () => {
    expect(failureOf(answerOf({ result: {} }), { generation: 'old' }).code).toBe('dingtalk.nonsense')
  })
})

describe('an answer', () => {
  test.each([
    ['10', 10_000],
    ['1000000000', 3_600_000],
    ['-5', 1000],
    ['soon', 1000],
  ])('of 429 with Retry-After %s waits %i ms (E10)', (header, wait) => {
    const failure = failureOf(answerOf('', 429, { 'retry-after': header }))
    expect(failure).toMatchObject({ failureClass: 'throttled', retryAfter: wait })
  })

  test('that repeats a secret loses it, and control characters as well (E12)', () => {
    const message = 'bad token s3cret-token\u001b[2J\r\nX-Header: 1'
    const failure = failureOf(answerOf({ code: 'someError', message }, 400))
    expect(failure.message).toBe('someError: bad token *** [2J  X-Header: 1')
  })

  test('with a very long message is cut', () => {
    expect(failureOf(answerOf({ code: 'x', message: 'y'.repeat(10_000) }, 400)).message).toHaveLength(300)
  })

  test('names the permission that is missing', () => {
    const one = cases.newApi.find((entry) => entry.case === 'missing permission point')
    expect(failureOf(answerOf(one?.body ?? {}, 403)).message).toContain('(Workflow.Instance.Read)')
  })

  test('with keys that objects have by birth pollutes nothing (E03)', () => {
    const body = understand(
      answerOf('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
      asked,
    )
    expect(Object.keys(body)).toEqual(['__proto__', 'constructor'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

test('every row says in two languages what it is and what to do', () => {
  for (const { message, help } of Object.values(failures)) {
    expect(message.en).toContain('{message}')
    expect(message.zh).toContain('{message}')
    expect(help.en.length * help.zh.length).toBeGreaterThan(0)
  }
})
