import { expect, test } from 'vitest'
import { todayIn } from './today.ts'

test('the day turns at midnight of the zone, to the minute, whatever was asked before', () => {
  const midnight = Date.parse('2026-11-22T16:00:00Z')
  expect(todayIn('Asia/Shanghai', midnight - 1)).toBe('2026-11-22')
  expect(todayIn('Asia/Shanghai', midnight)).toBe('2026-11-23')
  expect(todayIn('America/New_York', midnight)).toBe('2026-11-22')
  expect(todayIn('Asia/Shanghai', midnight - 1)).toBe('2026-11-22')
})
