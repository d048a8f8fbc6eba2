import { expect, test } from 'vitest'
import { amountInWords } from './amount-in-words.ts'

test.each([
  ['4326.50', '肆仟叁佰贰拾陆元伍角'],
  ['100000', '壹拾万元整'],
  ['10500.05', '壹万零伍佰元零伍分'],
  ['100000001.99', '壹亿零壹元玖角玖分'],
  ['1005000', '壹佰万零伍仟元整'],
  ['0.07', '柒分'],
  ['0', '零元整'],
  ['-86.00', '负捌拾陆元整'],
])('%s is written %s', (amount, words) => {
  expect(amountInWords(amount)).toBe(words)
})
