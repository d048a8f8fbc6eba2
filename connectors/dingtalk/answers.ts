import type { ValueRecord } from '@shuniu/contracts'
import { parseJson } from '@shuniu/infra/json'
import { retryAfter, type HttpAnswer } from '@shuniu/infra/outbound'
import { failureOf, newFailure, oldFailure, type FailureName } from './failures.ts'
import { filledText, recordOf, textOf, textsOf } from './tolerant.ts'

/** Which of the two API generations answered: they say "no" in different ways (dingtalk.md, first table). */
export type Generation = 'new' | 'old'

/** What the answer is an answer to. */
export interface Asked {
  readonly generation: Generation
  readonly changes: boolean
  /** What must not appear in a message: the token, the client secret. */
  readonly secrets: readonly string[]
  /** Wall clock, ms. */
  readonly now: number
}

/** What an answer says when it is not the thing asked for. */
interface Refusal {
  readonly name: FailureName
  readonly words: string
  readonly retryAfter?: number
}

const MAX_WORDS = 300
const BLOCKED_FOR = 5 * 60_000
const AN_HOUR = 60 * 60_000
const A_SECOND = 1000

/**
 * The body of a plain success, or a `CallFailure`. An answer that leaves open whether a call that `changes`
 * something was executed – a server fault, a page instead of JSON, an unknown shape – is `unclear`.
 */
export function understand(answer: HttpAnswer, { generation, changes, secrets, now }: Asked): ValueRecord {
  const body = bodyOf(answer)
  const refusal = body ? (throttledGateway(body) ?? refusalOf(answer, body, generation)) : withoutJson(answer, now)
  if (!refusal) return body ?? {}
  const isOpen = refusal.name === 'busy' || refusal.name === 'nonsense'
  const name = changes && isOpen ? 'unclear' : refusal.name
  const wait = refusal.retryAfter === undefined ? {} : { retryAfter: refusal.retryAfter }
  throw failureOf(name, harmless(refusal.words, secrets), { status: answer.status, ...wait })
}

/** Some answers repeat what they were sent. What is left may be anything, so it loses what a terminal could obey. */
function harmless(text: string, secrets: readonly string[]): string {
  const concealed = secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
  return concealed.replace(/[\p{Cc}\p{Cf}]/gu, ' ').slice(0, MAX_WORDS)
}

/** A success whose content is not what it must be. */
export function unexpected(what: string, changes = false): Error {
  return failureOf(changes ? 'unclear' : 'nonsense', what)
}

function bodyOf({ body }: HttpAnswer): ValueRecord | undefined {
  try {
    return recordOf(parseJson(body))
  } catch {
    return undefined
  }
}

/** More than 10,000 calls in 20 s from one address: five minutes without any API (dingtalk.md §8). */
function throttledGateway(body: ValueRecord): Refusal | undefined {
  const isBan = textOf(body.status) === '1111' || textOf(body.punish) === 'deny'
  return isBan ? { name: 'blocked', words: 'status 1111', retryAfter: BLOCKED_FOR } : undefined
}

/** DingTalk has no 429; a proxy before it may. */
function withoutJson(answer: HttpAnswer, now: number): Refusal {
  const { status } = answer
  const words = `HTTP ${status} without JSON`
  if (status === 429) return { name: 'too-fast', words, retryAfter: retryAfter(answer, now) ?? A_SECOND }
  return { name: status >= 500 ? 'busy' : 'nonsense', words }
}

function refusalOf(answer: HttpAnswer, body: ValueRecord, generation: Generation): Refusal | undefined {
  return generation === 'old' ? oldRefusal(answer, body) : newRefusal(answer, body)
}

function oldRefusal({ status }: HttpAnswer, body: ValueRecord): Refusal | undefined {
  const outer = textOf(body.errcode)
  if (outer === '0' && status === 200) return undefined
  if (outer === undefined) return { name: 'nonsense', words: `HTTP ${status} without errcode` }
  const inner = outer === '88' ? filledText(body.sub_code) : undefined
  const name = oldFailure(inner ?? outer)
  return {
    name,
    words: `${inner ?? outer}: ${filledText(body.sub_msg) ?? filledText(body.errmsg) ?? ''}`,
    ...waitFor(name),
  }
}

function newRefusal({ status }: HttpAnswer, body: ValueRecord): Refusal | undefined {
  const vendorCode = filledText(body.code)
  if (status >= 200 && status < 300 && vendorCode === undefined) return undefined
  if (vendorCode === undefined) {
    return { name: status >= 500 ? 'busy' : 'nonsense', words: `HTTP ${status} without a code` }
  }
  const name = newFailure(vendorCode, status)
  const scopes = textsOf(recordOf(body.accessdenieddetail)?.requiredScopes).join(', ')
  const said = `${vendorCode}: ${filledText(body.message) ?? ''}`
  return { name, words: scopes === '' ? said : `${said} (${scopes})`, ...waitFor(name) }
}

/** dingtalk.md §8: wait a second after too many calls; without calls left, look again every hour. */
function waitFor(name: FailureName): { retryAfter?: number } {
  if (name === 'too-fast') return { retryAfter: A_SECOND }
  return name === 'month-used-up' ? { retryAfter: AN_HOUR } : {}
}
