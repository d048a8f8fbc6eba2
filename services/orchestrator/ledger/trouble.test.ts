import { HubError } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import { seededRandom } from '@shuniu/infra/time'
import { describe, expect, test } from 'vitest'
import { asFailure, backoff, invalidDetail } from './trouble.ts'

describe('the wait before another attempt', () => {
  const random = seededRandom(1)
  const most = (attempt: number): number =>
    Math.max(...Array.from({ length: 200 }, () => backoff(random, attempt, undefined)))

  test('grows, with jitter, to five minutes', () => {
    expect(most(0)).toBeLessThanOrEqual(1_200)
    expect(most(3)).toBeGreaterThan(4_000)
    expect(most(3)).toBeLessThanOrEqual(8_200)
    expect(most(60)).toBeLessThanOrEqual(300_200)
    const waits = Array.from({ length: 50 }, () => backoff(random, 3, undefined))
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

test('what nobody classed is ambiguous, what was classed stays so', () => {
  const known = new CallFailure('throttled', { code: 'x.busy', message: 'busy' })
  expect(asFailure(known)).toBe(known)
  expect(asFailure(new TypeError('oops'))).toMatchObject({ failureClass: 'ambiguous', message: 'oops' })
})

test('an error of the flow is told in both languages, with its code and step', () => {
  const detail = invalidDetail(new HubError('flow.empty-key', { event: 'E' }), 'voucher')
  expect(detail).toMatchObject({ code: 'flow.empty-key', step: 'voucher' })
  expect(detail.message.en).toContain('empty key')
  expect(detail.message.zh).toContain('键为空')
})
