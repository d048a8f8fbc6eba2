import { describe, expect, test } from 'vitest'
import { flowWith, lint, planOf } from '../test-lint.ts'
import { payments } from '../test-payments.ts'

const voucher = `  - name: voucher
    call: books/voucher.save
    with: { day: '= date(event.approvedAt, "UTC")', lines: [] }
`
const undo = (written: string): string => flowWith(`${voucher}    undo: ${written}\n`)

describe('undo', () => {
  test('asks a person unless it says auto', () => {
    const plan = (mode: string): string =>
      undo(`{ on: approval.payment.withdrawn, call: books/voucher.reverse${mode} }`)
    expect(planOf(plan('')).undos.get('voucher')?.mode).toBe('park')
    expect(planOf(plan(', mode: auto')).undos.get('voucher')?.mode).toBe('auto')
  })

  test('is found by the first name of its step', () => {
    const renamed = payments().replace('name: voucher', 'name: voucher\n    formerly: booking')
    expect([...planOf(renamed).undos.keys()]).toEqual(['booking'])
  })
})

describe('lint', () => {
  test.each([
    [
      'an event nobody knows',
      '{ on: approval.payment.withdrown, call: books/voucher.reverse, emit: finance.voucher.reversed, with: {} }',
      '8:17 flow.unknown-event',
    ],
    [
      'an operation nobody has',
      '{ on: approval.payment.withdrawn, call: books/voucher.revers }',
      '8:11 flow.unknown-operation',
    ],
    [
      'an emit without data',
      '{ on: approval.payment.withdrawn, call: books/voucher.reverse, emit: finance.voucher.reversed }',
      '8:11 config.missing-key',
    ],
  ])('%s', (_, written, found) => {
    expect(lint(undo(written))).toContain(found)
  })

  test('its event sees what undoes, the original, the effect and what undid it, and nothing else', () => {
    const found = lint(payments().replace('reference: = undone.reference', 'reference: = voucher.reference'))
    expect(found).toEqual([expect.stringMatching(/^\d+:\d+ expression\.unknown-name$/)])
  })

  test('its event must fit a higher revision of the document as well, which undoes the lower ones', () => {
    const yaml = payments().replace('reference: = undone.reference', 'reference: = coalesce(event.reason, "")')
    expect(lint(yaml)).toEqual([expect.stringMatching(/^\d+:\d+ expression\.unknown-field$/)])
  })

  test("the flow's key must be computable from what undoes, too", () => {
    expect(lint(payments().replace('key: event.approvalId', 'key: event.department.id'))).toEqual([
      '6:12 expression.unknown-field',
    ])
  })
})
