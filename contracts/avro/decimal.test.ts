import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Decimal } from '../values.ts'
import { decimalFromBytes, decimalToBytes, precisionOf, scaleOf } from './decimal.ts'

/** What java.math.BigInteger.toByteArray gives for the number without its point. */
test.each([
  ['0', '00'],
  ['0.0001', '01'],
  ['-0.0001', 'ff'],
  ['0.0127', '7f'],
  ['0.0128', '0080'],
  ['-0.0128', '80'],
  ['-0.0129', 'ff7f'],
  ['1', '2710'],
  ['113000.00', '435a6e80'],
  ['-12.5', 'fe17b8'],
  ['9999999999999999.9999', '056bc75e2d630fffff'],
  ['-9999999999999999.9999', 'fa9438a1d29cf00001'],
])('%s is written as %s', (text, hex) => {
  const value = new Decimal(text)
  expect(decimalToBytes(value, 4).toString('hex')).toBe(hex)
  expect(decimalFromBytes(Buffer.from(hex, 'hex'), 20, 4)?.eq(value)).toBe(true)
})

test('every amount of the scale comes back as it was', () => {
  const digits = fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n })
  fc.assert(
    fc.property(digits, fc.integer({ min: 0, max: 20 }), (unscaled, scale) => {
      const value = new Decimal(`${unscaled}e-${scale}`)
      expect(scaleOf(value)).toBeLessThanOrEqual(scale)
      expect(precisionOf(value, scale)).toBeLessThanOrEqual(20)
      expect(decimalFromBytes(decimalToBytes(value, scale), 20, scale)?.toFixed()).toBe(value.toFixed())
    }),
  )
})

test.each([
  ['no bytes', ''],
  ['one digit too many', '056bc75e2d63100000'],
  ['many digits too many', `7f${'ff'.repeat(40)}`],
])('%s is no amount', (_, hex) => {
  expect(decimalFromBytes(Buffer.from(hex, 'hex'), 20, 4)).toBeUndefined()
})

test.each([
  ['0000000000000000000000000000000000002710', '1'],
  ['ffffffffffffffffffffffffffffffffffffd8f0', '-1'],
])('sign bytes that some writers put in front are harmless: %s', (hex, text) => {
  expect(decimalFromBytes(Buffer.from(hex, 'hex'), 20, 4)?.toFixed()).toBe(text)
})
