import { describe, expect, test } from 'vitest'
import { contract } from '../contracts.ts'
import { HubError } from '../errors.ts'
import { Day, Decimal, Instant } from '../values.ts'
import { fromJson, toJson } from './json-form.ts'

const approved = contract('approval.payment.approved')

const json = {
  approvalId: 'a0d1c2f4',
  revision: 2,
  approvalNo: '202611220001',
  approvedAt: '2026-11-22T11:30:00+08:00',
  department: { id: '1001' },
  currency: 'CNY',
  amount: '1234.5600',
  dueDate: '2026-12-01',
  lines: [{ category: '差旅', amount: '1234.56' }],
}

function problemsOf(act: () => unknown): string[] {
  try {
    act()
  } catch (error) {
    if (!(error instanceof HubError && error.options.cause instanceof AggregateError)) throw error
    return error.options.cause.errors.map((one: unknown) => (one instanceof HubError ? one.message : String(one)))
  }
  return []
}

test('JSON as people write it becomes exact values, with what was left out', () => {
  expect(fromJson(approved, json)).toMatchObject({
    revision: new Decimal('2'),
    approvedAt: new Instant(Date.parse('2026-11-22T03:30:00Z')),
    amount: new Decimal('1234.56'),
    dueDate: Day.parse('2026-12-01'),
    payee: null,
    lines: [{ memo: '', date: null }],
  })
})

test('values of the lossless codec are taken as they are', () => {
  const lossless = {
    ...json,
    amount: new Decimal('1234.56'),
    revision: new Decimal('2'),
    dueDate: Day.parse('2026-12-01'),
  }
  expect(fromJson(approved, lossless)).toEqual(fromJson(approved, json))
})

test('what is written reads back equal, also through plain JSON', () => {
  const record = fromJson(approved, json)
  const text = JSON.stringify(toJson(approved, record))
  expect(text).toContain('"amount":"1234.56"')
  expect(text).toContain('"approvedAt":"2026-11-22T03:30:00.000Z"')
  expect(fromJson(approved, JSON.parse(text))).toEqual(record)
})

test('an amount in full digits has no exponent', () => {
  const record = fromJson(approved, { ...json, amount: '1234567890123456.1234' })
  expect(toJson(approved, record)['amount']).toBe('1234567890123456.1234')
  expect(toJson(approved, fromJson(approved, { ...json, amount: '0.0001' }))['amount']).toBe('0.0001')
})

describe('refused', () => {
  test.each<[string, object, string]>([
    ['a JavaScript number as an amount', { amount: 12.5 }, 'amount should be decimal(20,4), not number.'],
    ['an amount with thousands separators', { amount: '1,234.50' }, 'amount should be decimal(20,4), not text.'],
    ['an amount with an exponent', { amount: '1e9999999' }, 'amount should be decimal(20,4), not text.'],
    [
      'too many digits after the point',
      { amount: '0.00001' },
      'amount has 5 digits after the point; the contract holds 4.',
    ],
    ['a date that does not exist', { dueDate: '2026-02-30' }, 'dueDate should be date, not text.'],
    ['an instant without a zone', { approvedAt: '2026-11-22T03:30:00' }, 'approvedAt should be instant, not text.'],
    ['a revision with a fraction', { revision: 1.5 }, 'revision should be whole number, not number.'],
    ['a text where a list belongs', { lines: 'x' }, 'lines should be list, not text.'],
    [
      'a field that is not there',
      { lines: [{ category: 'x', amont: '1', amount: '1' }] },
      'There is no field lines[0].amont.',
    ],
  ])('%s', (_, change, message) => {
    expect(problemsOf(() => fromJson(approved, { ...json, ...change }))).toEqual([message])
  })

  test('everything at once', () => {
    expect(problemsOf(() => fromJson(approved, {}))).toHaveLength(8)
    expect(problemsOf(() => fromJson(approved, [json]))).toEqual(['(root) should be record, not list.'])
  })

  test('a record that is not valid is not written', () => {
    expect(problemsOf(() => toJson(approved, { ...fromJson(approved, json), amount: '1' }))).toEqual([
      'amount should be decimal(20,4), not text.',
    ])
  })
})
