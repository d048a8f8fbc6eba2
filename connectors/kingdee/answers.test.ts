import { CallFailure } from '@shuniu/infra/outbound'
import { describe, expect, it } from 'vitest'
import { readAnswer } from './answers.ts'
import { refusal, sampleNames, sampleOf, type Exchange } from './facts.ts'
import { failures } from './failures.ts'

const other = 'another product'

/** What each recorded answer means to a send: a success, the failure's name, or that no answer came. */
const outcomes: Readonly<Record<string, readonly string[]>> = {
  '01-login-password-ok.json': ['success'],
  '02-login-password-wrong.json': ['success'],
  '03-login-appsecret-ok.json': ['success'],
  '04-probe-currency.json': ['success'],
  '05-voucher-save-ok-signed.json': ['success'],
  '06-voucher-save-ok.json': ['success'],
  '07-voucher-save-unbalanced.json': ['voucher-refused'],
  '08-voucher-save-period-closed.json': ['voucher-refused'],
  '09-voucher-save-dimension-missing.json': ['voucher-refused'],
  '10-voucher-save-account-not-leaf.json': ['voucher-refused'],
  '11-voucher-save-dimension-as-array.json': ['request-refused'],
  '12-voucher-submit-audit-ok.json': ['success', 'success'],
  '13-voucher-audit-wrong-state.json': ['wrong-state'],
  '14-voucher-lookup-by-reference.json': ['success', 'success'],
  '15-query-error-nested.json': ['field-unknown'],
  '16-session-lost.json': ['session-lost', 'session-lost'],
  '17-no-permission.json': ['no-permission'],
  '18-unknown-form.json': ['form-unknown'],
  '19-edit-lock-conflict.json': ['edit-lock'],
  '20-call-limit.json': ['call-limit'],
  '21-voucher-view-ok.json': ['success'],
  '22-voucher-reversal-ok.json': ['success'],
  '23-voucher-unaudit-delete-ok.json': ['success', 'success'],
  // Part of a batch was saved: nobody may call the whole refused.
  '24-voucher-batchsave-partial.json': ['exception'],
  '25-paybill-save-ok.json': ['success'],
  '26-paybill-duplicate-billno.json': ['duplicate', 'success'],
  '27-supplier-save-submit-audit-allocate.json': ['success', 'success', 'success', 'success'],
  '28-account-dimensions-query.json': ['success'],
  '29-batchsave-async.json': ['success', 'success'],
  '30-transport-failures.json': ['gateway-refused', 'account-set-unknown', 'exception', 'unreadable', 'no answer'],
  '31-jdy-token-save-list-reverse.json': [other],
  '32-cosmic-token.json': [other],
}

const reading = { changes: true, mask: (words: string) => words, now: 0 }

function outcomeOf({ response: { status, body, headers = {} } }: Exchange): string {
  if (status === undefined) return 'no answer'
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  try {
    readAnswer({ status, text, body: Buffer.from(text), headers }, reading)
    return 'success'
  } catch (failure) {
    if (!(failure instanceof CallFailure)) throw failure
    const name = failure.code.replace('kingdee.', '')
    expect(failure.failureClass).toBe(Object.entries(failures).find(([one]) => one === name)?.[1].class)
    return name
  }
}

const failureOf = (body: unknown, more: object = {}): unknown => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  try {
    return readAnswer({ status: 200, headers: {}, text, body: Buffer.from(text), ...more }, { ...reading, ...more })
  } catch (failure) {
    return failure
  }
}

describe('answers', () => {
  it.each(sampleNames)('%s is understood as the fact sheet says', (name) => {
    const expected = outcomes[name]
    if (expected?.[0] === other) return
    expect(sampleOf(name).map(outcomeOf)).toEqual(expected)
  })

  it.each([
    ['a code nobody listed', refusal(99, '未知错误')],
    ['no code at all', { Result: { ResponseStatus: { IsSuccess: false, Errors: [] } } }],
    ['code 0 beside a failure', refusal(0, '保存失败')],
    ['an exception with an unknown text', refusal(4, '未将对象引用设置到对象的实例')],
    ['a success that is only text', { Result: { ResponseStatus: { IsSuccess: 'true' } } }],
    ['a key that stands twice', '{"Result":{"ResponseStatus":{"IsSuccess":false,"IsSuccess":true}}}'],
    ['half an answer', '{"Result":{"ResponseStatus":{"IsSuc'],
    ['nothing', ''],
  ])('%s leaves a send in doubt, and a read to be asked again', (_, body) => {
    expect(failureOf(body)).toMatchObject({ failureClass: 'ambiguous' })
    expect(failureOf(body, { changes: false })).toMatchObject({ failureClass: 'transient' })
  })

  it('a refusal keeps Kingdee’s own words, shortened', () => {
    expect(failureOf(refusal(11, '凭证借贷不平衡'))).toMatchObject({ message: '凭证借贷不平衡' })
    expect(failureOf(refusal(11, '长'.repeat(9_999)))).toMatchObject({ message: '长'.repeat(300) })
  })

  it('an edit lock and a call limit say when to come back', () => {
    expect(failureOf(refusal(13, '冲突'))).toMatchObject({ failureClass: 'transient', retryAfter: 8_000 })
    expect(failureOf(refusal(14, '超限'))).toMatchObject({ failureClass: 'throttled', retryAfter: 5_000 })
  })

  it.each([
    ['30', 30_000],
    ['1000000000', 3_600_000],
    ['-5', 5_000],
    ['soon', 5_000],
  ])('E10: Retry-After %s is kept within bounds', (text, retryAfter) => {
    const answer = failureOf('', { status: 429, headers: { 'retry-after': text } })
    expect(answer).toMatchObject({ failureClass: 'throttled', retryAfter })
  })
})
