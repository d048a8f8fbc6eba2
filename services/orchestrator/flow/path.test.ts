import { expect, test } from 'vitest'
import { pathIn } from './path.ts'

test('items that differ have paths that differ, whatever their keys are', () => {
  expect(pathIn('pay', [])).toBe('pay')
  expect(pathIn('pay', ['line-3'])).toBe('pay[line-3]')
  expect(pathIn('pay', ['a/b', 'c'])).not.toBe(pathIn('pay', ['a', 'b/c']))
  expect(pathIn('pay', ['a\\', 'b'])).not.toBe(pathIn('pay', ['a\\/b']))
})
