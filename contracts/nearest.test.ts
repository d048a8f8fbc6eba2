import { describe, expect, it } from 'vitest'
import { nearest } from './nearest.ts'

describe('the nearest right name', () => {
  it.each([
    ['setings', 'settings'],
    ['wiht', 'with'],
    ['Connection', 'connection'],
    ['sinc', 'since'],
    ['付款总额', '付款总额（元）'],
  ])('%s was meant to be %s', (name, meant) => {
    expect(nearest(name, ['settings', 'with', 'connection', 'since', '付款总额（元）', 'title'], 3)).toBe(meant)
  })

  it('is not given when nothing is near', () => {
    expect(nearest('colour', ['settings', 'with', 'since'])).toBeUndefined()
    expect(nearest('x', [])).toBeUndefined()
  })

  it('is always given on demand when there is any candidate', () => {
    expect(nearest('qqqqqq', ['with'], Infinity)).toBe('with')
    expect(nearest('qqqqqq', [], Infinity)).toBeUndefined()
  })

  it('takes the first of equally near ones', () => {
    expect(nearest('cat', ['bat', 'hat'])).toBe('bat')
  })

  it('stays quick for names of a megabyte', () => {
    const start = performance.now()
    nearest('a'.repeat(1_000_000), ['b'.repeat(1_000_000), 'c'.repeat(1_000_000)], Infinity)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})
