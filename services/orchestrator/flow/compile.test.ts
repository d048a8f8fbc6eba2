import { describe, expect, test } from 'vitest'
import { flowWith, lint, planOf } from '../test-lint.ts'
import { payments } from '../test-payments.ts'

const park = '  - park: { message: here }\n'

describe('a plan', () => {
  test('has no problem, and knows what starts, undoes and follows it', () => {
    expect(lint(payments())).toEqual([])
    const plan = planOf(payments())
    expect([plan.name, plan.on, [...plan.undoOn], plan.steps.map(({ path }) => path)]).toEqual([
      'payment',
      'approval.payment.approved',
      ['approval.payment.withdrawn'],
      ['let', 'check 1', 'voucher', 'emit 3', 'note'],
    ])
  })

  test('has a version that follows from what it means, not from how it is written', () => {
    const version = planOf(payments()).version
    expect(planOf(payments().replace('flow: payment', 'title: Zahlung\nflow: payment  # the same')).version).toBe(
      version,
    )
    expect(planOf(payments().replace('lines do not add up', 'they differ')).version).not.toBe(version)
    expect(planOf(payments('park')).version).not.toBe(version)
  })

  test('keeps the first name of a renamed flow', () => {
    const renamed = payments().replace('flow: payment', 'flow: expense\nformerly: payment')
    expect([planOf(renamed).flow, planOf(renamed).name]).toEqual(['payment', 'expense'])
  })
})

describe('lint', () => {
  test.each([
    [
      'an event nobody knows',
      flowWith(park).replace('payment.approved', 'payment.aproved'),
      ['2:5 flow.unknown-event'],
    ],
    ['`since` is mandatory', flowWith(park).replace(/since: .*\n/, ''), ['1:1 config.missing-key']],
    ['`on` is mandatory', flowWith(park).replace(/on: .*\n/, ''), ['1:1 config.missing-key']],
    ['a condition that is none', flowWith(park, 'where: event.amount\n'), ['4:8 template.wrong-type']],
    [
      'a condition that waits',
      flowWith(park, 'where: table("account", event.currency) == "1"\n'),
      ['4:8 expression.lookup-not-allowed'],
    ],
    ['a condition that never holds', flowWith(park, 'where: 1 == 2\n'), ['6:5 flow.unreachable (warning)']],
    ['a key that is no text', flowWith(park, 'key: event.amount\n'), ['4:6 template.wrong-type']],
    ['a step nobody knows', flowWith('  - prak: { message: here }\n'), ['5:5 config.step-kind']],
  ])('%s', (_, yaml, found) => {
    expect(lint(yaml)).toEqual(found)
  })

  test('tells everything at once', () => {
    const yaml = flowWith(
      '  - check: event.amuont > 1\n  - { name: a, call: x/y, with: {} }\n',
      'where: event.curency == "CNY"\n',
    )
    expect(lint(yaml)).toEqual([
      '4:14 expression.unknown-field',
      '6:18 expression.unknown-field',
      '7:5 flow.unknown-connection',
    ])
  })
})
