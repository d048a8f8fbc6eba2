import { expect, test } from 'vitest'
import { incarnationOf, isAfter, offsetOf, placeOf } from './place.ts'

test('a place is a safe integer that gives back what it was made of', () => {
  const last = placeOf(2 ** 16 - 1, 2 ** 37 - 1)
  expect([Number.isSafeInteger(last), incarnationOf(last), offsetOf(last)]).toEqual([true, 2 ** 16 - 1, 2 ** 37 - 1])
  expect(placeOf(0, 41)).toBe(41)
  expect(() => placeOf(2 ** 16, 0)).toThrow(RangeError)
})

test('a partition that had no end yet is new as a whole', () => {
  const ends = [placeOf(1, 5), placeOf(2, 0)]
  expect([placeOf(1, 4), placeOf(1, 5), placeOf(2, 0), placeOf(3, 0)].map((place) => isAfter(place, ends))).toEqual([
    false,
    true,
    true,
    true,
  ])
})
