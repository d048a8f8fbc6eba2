import { describe, expect, test } from 'vitest'
import { phases, Tally } from './phases.ts'

describe('kills by phase', () => {
  test('quotas are given for 300 kills and scale with them, never to nothing', () => {
    expect(phases.map((phase) => new Tally(300).quota(phase))).toEqual([10, 10, 30, 30, 10])
    expect(phases.map((phase) => new Tally(20).quota(phase))).toEqual([1, 1, 2, 2, 1])
  })

  test('a kill that hits several phases counts once, for the one that needs it most', () => {
    const tally = new Tally(300)
    expect(tally.count(['sending', 'undo'])).toBe('sending')
    expect(tally.count(['sending', 'undo'])).toBe('undo')
    expect(Object.values(tally.counts).reduce((sum, count) => sum + count, 0)).toBe(2)
  })

  test('a phase is short until its quota is met, the furthest behind comes first', () => {
    const tally = new Tally(20)
    tally.count(['sending'])
    tally.count(['undo'])
    expect(tally.short()).toEqual(['receive', 'normalise', 'in doubt', 'sending'])
  })

  test('a kill that hits nothing counts between', () => {
    expect(new Tally(300).count([])).toBe('between')
  })
})
