import { HubError } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import { expect, test } from 'vitest'
import { asFailure, invalidDetail } from './trouble.ts'

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
