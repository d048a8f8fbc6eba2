import { expect, test } from 'vitest'
import { padTo, widthOf } from './width.ts'

test('a Chinese character takes two columns, a Latin one takes one', () => {
  expect([widthOf('凭证'), widthOf('SN1'), widthOf('记-27')]).toEqual([4, 3, 5])
})

test('fullwidth punctuation is wide, an accent and a colour take no room', () => {
  expect([widthOf('（元）'), widthOf('e\u0301'), widthOf('\u001b[31mred\u001b[39m')]).toEqual([6, 1, 3])
})

test('money is filled up from the left, words from the right', () => {
  expect([padTo('150.50', 8, 'right'), padTo('凭证', 6)]).toEqual(['  150.50', '凭证  '])
})

test('a text that is too long stays whole', () => {
  expect(padTo('凭证号', 4)).toBe('凭证号')
})
