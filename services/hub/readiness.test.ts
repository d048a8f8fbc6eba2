import { expect, test } from 'vitest'
import { Readiness } from './readiness.ts'

test('a hub takes work from the end of its start to the beginning of its end', () => {
  const readiness = new Readiness()
  expect(readiness.reasons()).toEqual(['starting'])
  readiness.opened()
  expect(readiness.reasons()).toEqual([])
  readiness.closing()
  expect(readiness.reasons()).toEqual(['closing'])
})
