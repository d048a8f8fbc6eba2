import { seededRandom } from '@shuniu/infra/time'
import { describe, expect, test } from 'vitest'
import type { FailureRule } from './connector.ts'
import { backoff, sentenceOf } from './trouble.ts'

describe('the wait before another attempt', () => {
  const random = seededRandom(1)
  const most = (attempt: number): number => Math.max(...Array.from({ length: 200 }, () => backoff(random, attempt)))

  test('grows, with jitter, to five minutes', () => {
    expect(most(0)).toBeLessThanOrEqual(1_200)
    expect(most(3)).toBeGreaterThan(4_000)
    expect(most(3)).toBeLessThanOrEqual(8_200)
    expect(most(60)).toBeLessThanOrEqual(300_200)
    const waits = Array.from({ length: 50 }, () => backoff(random, 3))
    expect(new Set(waits).size).toBeGreaterThan(40)
    expect(waits.every(Number.isInteger)).toBe(true)
  })

  test.each([
    [30_000, 30_000, 30_500],
    [10 ** 12, 3_600_000, 3_600_500],
    [-5, 100, 600],
    [0, 100, 600],
  ])('keeps what the vendor asked for (%d ms), within reason', (asked, least, atMost) => {
    const wait = backoff(random, 1, asked)
    expect(wait).toBeGreaterThanOrEqual(least)
    expect(wait).toBeLessThanOrEqual(atMost)
  })
})

describe('the sentence of a failure', () => {
  const refused: FailureRule = {
    class: 'invalid',
    message: { en: 'The office refuses: {message}', zh: '办公系统拒绝：{message}' },
    help: { en: 'Ask about {message} and {name}.', zh: '请询问 {message}。' },
  }
  const office = { name: 'office', failures: { refused } }

  test("is the connector's own, in both languages, and carries the vendor's words as they are", () => {
    expect(sentenceOf({ code: 'office.refused', message: 'cost $& {name}' }, office)).toEqual({
      en: 'The office refuses: cost $& {name} Ask about cost $& {name} and {name}.',
      zh: '办公系统拒绝：cost $& {name} 请询问 cost $& {name}。',
    })
  })

  test.each(['office.unheard-of', 'http.denied', 'officerefused'])("of %s is the vendor's words", (code) => {
    expect(sentenceOf({ code, message: 'no' }, office)).toEqual({ en: 'no', zh: 'no' })
  })
})
