import { contracts } from '@shuniu/contracts'
import { describe, expect, test } from 'vitest'
import { checkConnection } from './check.ts'
import { declare, payments } from './test-house.ts'
import { officeConnector } from './test-office.ts'

const form = { id: 'PAY', title: 'Payment', fields: [] }

/** `code line` of each problem. */
function check(yaml: string, forms = [form]): string[] {
  const operations = { note: noteOperation }
  const connectors = [{ ...officeConnector, operations }] as unknown as Parameters<
    typeof checkConnection
  >[1]['connectors']
  return checkConnection(declare(yaml, forms), { connectors, contracts }).map(
    ({ severity, error }) => `${severity} ${error.code} ${error.place?.line}: ${error.help('en')}`,
  )
}

/** The times that an operation declares; nothing here calls it. */
const noteOperation = { timeout: '10s', quarantine: '60s', lookUps: { times: 2, apart: '10s' } }

describe('checking a connection', () => {
  test('finds nothing wrong with a right one', () => {
    expect(check(payments)).toEqual([])
  })

  test.each([
    ['connector: offise', /connection.unknown-connector 2: Did you mean office/],
    ['source: aproval', /connection.unknown-source 7: Did you mean approval/],
    ['form: PAI', /connection.unknown-form 7: Did you mean PAY/],
    ['emit: approval.payment.aproved', /contract.unknown 7: .*approval.payment.approved/],
    ['amount: = document.amuont', /expression.unknown-field 18/],
    ['amount: = document.number', /template.wrong-type 18: .*money/],
    ['where: document.number', /template.wrong-type 9/],
    ['approvedAt: = table("t", "x")', /expression.unknown-function 15/],
  ])('reports %s with its place', (wrong, expected) => {
    const key = wrong.slice(0, wrong.indexOf(':') + 1)
    const yaml = payments.replace(new RegExp(`${key}.*`), () => wrong)
    expect(yaml).not.toBe(payments)
    const problems = check(yaml)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })

  test('reports everything at once', () => {
    const yaml = payments.replace('form: PAY', 'form: PAI').replace('= document.amount\n', '= document.amuont\n')
    expect(check(yaml)).toHaveLength(2)
  })

  test('takes a title for the form that has it, not for an id that looks like it', () => {
    const forms = [
      form,
      { id: '费用', title: '付款申请', fields: [] },
      { id: 'REIMB', title: '费用报销单', fields: [] },
    ]
    const wrong = payments.replace('form: PAY', 'form: 费用报销')
    expect(check(wrong, forms)).toEqual([expect.stringContaining('Did you mean REIMB (费用报销单)')])
  })

  test('does not judge forms that nobody has looked up, and says so once', () => {
    expect(check(payments.replaceAll('form: PAY', 'form: PAI'), [])).toEqual([
      expect.stringMatching(/^warning connection.no-forms 7: `shuniu connection discover NAME --save`/),
    ])
    expect(check(payments.slice(0, payments.indexOf('events:')), [])).toEqual([])
  })

  test('warns of two entries that make the same event of one form', () => {
    const [, entry = ''] = /events:\n( {2}- source[\s\S]*?)(?= {2}- source)/.exec(payments) ?? []
    expect(check(payments + entry)).toEqual([expect.stringMatching(/^warning connection.same-type-twice 25/)])
  })

  test('asks why an operation has less time than its connector gives it', () => {
    const shorter = `${payments}operations:\n  note: { timeout: 2s, quarantine: 60s, lookUps: { times: 1, apart: 20s } }\n`
    expect(check(shorter).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'error connection.shorter',
      'error connection.shorter',
    ])
    expect(check(shorter.replace('timeout: 2s', 'timeout: 2s, because: a test'))).toEqual([])
  })

  test('reports an operation that the connector does not have', () => {
    const problems = check(`${payments}operations:\n  toString: { timeout: 2s }\n`)
    expect(problems).toEqual([expect.stringMatching(/connection.unknown-operation .*Did you mean note/)])
  })
})
