import { describe, expect, it } from 'vitest'
import { retryAfter } from './index.ts'

const NOW = Date.UTC(2026, 10, 22, 8)

function of(text: string | string[]): number | undefined {
  return retryAfter({ headers: { 'retry-after': text } }, NOW)
}

describe('Retry-After', () => {
  it('reads seconds and dates as ms', () => {
    expect([of('7'), of(' 0 '), of('Sun, 22 Nov 2026 08:00:30 GMT')]).toEqual([7000, 0, 30_000])
  })

  it('E10: absurd values are capped at an hour or say nothing', () => {
    expect([of('1000000000'), of('Sun, 22 Nov 2099 08:00:30 GMT'), of('Sun, 22 Nov 1999 08:00:30 GMT')]).toEqual([
      3_600_000, 3_600_000, 0,
    ])
    for (const text of ['-5', 'NaN', 'soon', '', '1e9', '0x10', '9'.repeat(400), 'whenever GMT'])
      expect([text, of(text)]).toEqual([text, undefined])
    expect([of(['3', '9']), retryAfter({ headers: {} }, NOW)]).toEqual([3000, undefined])
  })
})
