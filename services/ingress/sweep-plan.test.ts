import { describe, expect, test } from 'vitest'
import { isAffordable, spanOf, type Round } from './sweep-plan.ts'
import { day, hour, start } from './test-house.ts'
import { officeConnector } from './test-office.ts'

function round(rank: number): Round {
  const { sweep } = officeConnector.sources['approval'] ?? {}
  const rhythm = sweep && 'rhythm' in sweep ? sweep.rhythm[rank] : undefined
  if (!sweep || 'none' in sweep || !rhythm) throw new Error('no such rhythm')
  return {
    source: 'approval',
    form: 'PAY',
    sweep: { ...sweep, page: () => Promise.resolve({ handed: [] }) },
    rank,
    ...rhythm,
  }
}

describe('what a round looks at', () => {
  const cutOver = start - 100 * day

  test('is everything since the cut-over when nothing was seen before', () => {
    expect(spanOf(round(0), cutOver, undefined, start)).toEqual({ from: cutOver, to: start })
  })

  test('is its window, and reaches back to the end of the last look after an outage', () => {
    expect(spanOf(round(0), cutOver, start - hour, start).from).toBe(start - 2 * day)
    expect(spanOf(round(0), cutOver, start - 5 * day, start).from).toBe(start - 5 * day - 600_000)
  })

  test('ends at the cut-over, for wide rounds a while before it', () => {
    expect(spanOf(round(0), start - day, start - hour, start).from).toBe(start - day)
    expect(spanOf(round(1), start - day, start - hour, start).from).toBe(start - 14 * day)
    expect(spanOf(round(1), start, start - hour, start + 5 * day).from).toBe(start - 9 * day)
  })
})

describe('a round is affordable', () => {
  const outbound = { breaker: 'closed', underWay: 0, waiting: 0, usedThisMonth: 0, perMonth: 100 } as const

  test.each([
    ['while calls are left', 0, { usedThisMonth: 94 }, true],
    ['no more when the rest is kept for pushes', 0, { usedThisMonth: 95 }, false],
    ['as a wide one only while many are left', 1, { usedThisMonth: 80 }, false],
    ['as a wide one while many are left', 1, { usedThisMonth: 79 }, true],
    ['when nobody counts', 1, { usedThisMonth: 1_000_000, perMonth: 0 }, true],
    ['not while the breaker is open', 0, { breaker: 'open' as const }, false],
  ])('%s', (_, rank, state, expected) => {
    expect(isAffordable(round(rank), { ...outbound, ...state })).toBe(expected)
  })
})
