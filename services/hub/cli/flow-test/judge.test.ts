import { Day, Decimal, Instant, type Value } from '@shuniu/contracts'
import { describe, expect, test } from 'vitest'
import { differences } from './judge.ts'

const amount = (text: string): Value => new Decimal(text)

describe('what is expected', () => {
  test.each<[string, Value, Value]>([
    ['a text for a number, whatever its zeros', '150.50', amount('150.5')],
    ['a number for a text that is one', amount('1'), '1.00'],
    ['a text for a date', '2026-11-22', Day.ofEpochDay(20_779)],
    ['a text for a moment, in any zone', '2026-11-22T10:00:00+08:00', new Instant(Date.UTC(2026, 10, 22, 2))],
    ['a part of a record', { a: '1' }, { a: '1', b: '2' }],
    ['an absent field as null', { a: null }, {}],
    ['the same list', ['x', { y: amount('2') }], ['x', { y: amount('2.0'), z: true }]],
  ])('may be %s', (_, wanted, found) => {
    expect(differences(wanted, found, 'at')).toEqual([])
  })

  test.each<[string, Value, Value, string]>([
    ['another amount', amount('1.00'), amount('1.01'), 'at'],
    ['a text that is no number beside a number', 'much', amount('1'), 'at'],
    ['a field that is missing', { a: { b: '1' } }, { a: {} }, 'at.a.b'],
    ['an item in a list', [{ a: '1' }, { a: '2' }], [{ a: '1' }, { a: '3' }], 'at[1].a'],
    ['a list of another length', ['x'], ['x', 'y'], 'at'],
    ['a text where a record stands', 'x', { a: '1' }, 'at'],
    ['true where a text says so', true, 'true', 'at'],
  ])('shows %s', (_, wanted, found, path) => {
    expect(differences(wanted, found, 'at').map((one) => one.path)).toEqual([path])
  })
})
