import { expect, test } from 'vitest'
import { chance, type Chance } from './chance.ts'

const draws = (from: Chance): number[] => Array.from({ length: 20 }, () => from.between(1, 1000))

test('the same seed decides the same, another one something else', () => {
  expect(draws(chance(7))).toEqual(draws(chance(7)))
  expect(draws(chance(7))).not.toEqual(draws(chance(8)))
})

test('what is drawn for one purpose changes nothing for another', () => {
  const disturbed = chance(7)
  draws(disturbed)
  expect(draws(disturbed.fork('load'))).toEqual(draws(chance(7).fork('load')))
  expect(draws(chance(7).fork('load'))).not.toEqual(draws(chance(7).fork('aim')))
})

test('a whole number lies between its ends, and both ends come', () => {
  const random = chance(1)
  const seen = new Set(Array.from({ length: 200 }, () => random.between(3, 5)))
  expect([...seen].toSorted()).toEqual([3, 4, 5])
})
