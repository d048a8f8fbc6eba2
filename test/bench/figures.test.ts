import { describe, expect, test } from 'vitest'
import { figure, quantile, spread } from './figures.ts'

test('a quantile is the value below which so many lie', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at)
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1), quantile([], 0.99)]).toEqual([
    50, 99, 100, 0,
  ])
})

test('a spread is least, median and greatest', () => {
  expect(spread([3, 1, 2])).toEqual([1, 2, 3])
})

describe('a figure', () => {
  test('with a ratio is judged by the median of its rounds', () => {
    expect(figure('post', '1/s', { ratioAtLeast: 0.6 }, [70, 50, 65], [100, 100, 100])).toMatchObject({
      ratio: 0.65,
      ok: true,
    })
    expect(figure('map', 'µs', { ratioAtMost: 3 }, [35, 31, 20], [10, 10, 10])).toMatchObject({ ratio: 3.1, ok: false })
  })

  test('with a limit is judged by its worst round', () => {
    expect(figure('memory', 'MB', { atMost: 300 }, [200, 301, 220])).toMatchObject({ ours: 220, bare: null, ok: false })
  })
})
