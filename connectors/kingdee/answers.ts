import { isDecimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { parseJson } from '@shuniu/infra/json'
import { retryAfter, type HttpAnswer } from '@shuniu/infra/outbound'
import { failureOf, refusalName, type FailureContext, type FailureName } from './failures.ts'

/** How an answer is to be read: whether it answers a send, and how words are freed from secrets. */
export interface Reading {
  readonly changes: boolean
  mask(words: string): string
  /** Wall clock, ms. */
  readonly now: number
}

const LONGEST_WORDS = 300

/**
 * Reads an answer of the web API: the text first, because failures hide behind HTTP 200 (kingdee.md §1, §3).
 * Gives the parsed JSON of a plain success; throws `CallFailure` for everything else.
 */
export function readAnswer(answer: HttpAnswer, reading: Reading): Value {
  const { changes, mask, now } = reading
  const fail: Fail = (name, words, more = {}) =>
    failureOf(name, { changes, words: mask(words).slice(0, LONGEST_WORDS), status: answer.status, ...more })
  const text = answer.text.trim()
  if (answer.status === 519) throw gateway(text, fail)
  if (answer.status === 429) throw fail('call-limit', 'HTTP 429', { retryAfter: retryAfter(answer, now) })
  if (/^"?Fail to verify thirty passport/i.test(text)) throw fail('account-set-unknown', '')
  if (text.startsWith('response_error:')) throw fail('exception', exceptionWords(text.slice('response_error:'.length)))
  if (answer.status !== 200) throw fail('unreadable', `HTTP ${answer.status}`)
  const json = parse(text, (cause) => fail('unreadable', kindOf(text), { cause }))
  const status = statusOf(json)
  if (status && status['IsSuccess'] !== true) throw refused(status, fail)
  return json
}

type Fail = (name: FailureName, words: string, more?: Partial<FailureContext>) => Error

/** `{errcode, description, description_cn}` of the public gateway: refused before any business (kingdee.md §2.3). */
function gateway(text: string, fail: Fail): Error {
  const said = parse(text, () => fail('unreadable', 'HTTP 519'))
  if (!isRecord(said) || said['errcode'] === undefined) return fail('unreadable', 'HTTP 519')
  return fail('gateway-refused', `${plain(said['errcode'])} ${plain(said['description_cn'] ?? said['description'])}`)
}

function refused(status: ValueRecord, fail: Fail): Error {
  const words = list(status['Errors'])
    .map((error) => (isRecord(error) ? plain(error['Message']) : ''))
    .join('; ')
  // Part of a batch that was done is done: a refusal beside it says nothing about the whole.
  if (list(status['SuccessEntitys']).length > 0) return fail('exception', words)
  return fail(refusalName(plain(status['MsgCode']), words), words)
}

/** The status of an answer; of a query's one-cell table too, which looks like one found row (kingdee.md §3). */
function statusOf(json: Value): ValueRecord | undefined {
  const inner = Array.isArray(json) ? firstCell(json) : json
  const result = isRecord(inner) ? inner['Result'] : undefined
  const status = isRecord(result) ? result['ResponseStatus'] : undefined
  return isRecord(status) ? status : undefined
}

const firstCell = (rows: readonly Value[]): Value => list(rows[0] ?? null)[0] ?? null

/** The words of an exception, outermost first. */
function exceptionWords(text: string): string {
  try {
    const said = parseJson(text)
    const inner = isRecord(said) ? said['InnerExWrapper'] : undefined
    const words = [isRecord(said) ? said['Message'] : '', isRecord(inner) ? inner['Message'] : '']
    return words.map(plain).filter(Boolean).join(': ')
  } catch {
    return text
  }
}

function parse(text: string, unreadable: (cause: unknown) => Error): Value {
  try {
    return parseJson(text)
  } catch (cause) {
    throw unreadable(cause)
  }
}

const kindOf = (text: string): string =>
  text === '' ? 'empty' : text.startsWith('<') ? 'HTML instead of JSON' : 'not JSON'

/** A list, or an empty one where there is none. */
export const list = (value: Value | undefined): readonly Value[] => (Array.isArray(value) ? value : [])

/** A scalar as text; ids come as numbers or as texts. */
export function plain(value: Value | undefined): string {
  if (typeof value === 'string') return value
  return isDecimal(value) || typeof value === 'boolean' ? value.toString() : ''
}
