import { expect, test } from 'vitest'
import { isWholeFen, parseAmount, printAmount } from './amount.ts'
import { exactNumber, parseJson } from './json.ts'

test.each([
  ['1060', '1060', '1060.00'],
  ['1060.50', '1060.5', '1060.50'],
  ['-0.01', '-0.01', '-0.01'],
  ['99999999999999.99', '99999999999999.99', '99999999999999.99'],
  ['0.000', '0', '0.00'],
  ['', '0', '0.00'],
])('%s prints as %s and with two places as %s', (text, short, money) => {
  const amount = parseAmount(text)
  expect(amount === undefined ? [] : [printAmount(amount), printAmount(amount, 2)]).toEqual([short, money])
})

test.each(['1e3', '1,000', 'abc', '1.', '.5', '0.12345678901', ' 1', 'NaN'])('%s is no amount', (text) => {
  expect(parseAmount(text)).toBeUndefined()
})

test('a tenth and two tenths are three tenths', () => {
  expect((parseAmount('0.1') ?? 0n) + (parseAmount('0.2') ?? 0n)).toBe(parseAmount('0.3'))
})

test('digits beyond the fen are seen', () => {
  expect(['1.25', '1.255'].map((text) => isWholeFen(parseAmount(text) ?? 0n))).toEqual([true, false])
})

test('JSON numbers keep every digit on the way in and out', () => {
  expect(parseJson('{"FDEBIT":12345678901234567.89}')).toEqual({ FDEBIT: { text: '12345678901234567.89' } })
  expect(JSON.stringify([exactNumber('12345678901234567.89')])).toBe('[12345678901234567.89]')
})
