import { Decimal } from '@shuniu/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wholeNumber } from './values.ts'

describe('a whole number', () => {
  it('below ten digits is the same as a JS number', () => {
    const whole = fc.integer({ min: -9_999_999_999, max: 9_999_999_999 })
    fc.assert(fc.property(whole, (number) => wholeNumber(new Decimal(String(number))) === number))
  })

  it.each(['0.5', '-0.05', '10000000000', '100.01'])('%s is none that is small', (text) => {
    expect(wholeNumber(new Decimal(text))).toBeUndefined()
  })
})
