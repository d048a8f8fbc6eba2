import { describe, expect, it } from 'vitest'
import { SimulatedClock } from '../time/index.ts'
import { Breaker, type CallResult } from './breaker.ts'

function breaker(): { clock: SimulatedClock; breaker: Breaker; go(result: CallResult, times?: number): void } {
  const clock = new SimulatedClock(0)
  const subject = new Breaker(clock, () => undefined)
  const go = (result: CallResult, times = 1): void => {
    for (let count = 0; count < times; count++) subject.end(result, subject.begin())
  }
  return { clock, breaker: subject, go }
}

describe('the breaker', () => {
  it('opens when half of at least 20 calls in 30 s failed', () => {
    const { breaker: one, go } = breaker()
    go('failed', 10)
    go('good', 9)
    expect(one.state).toBe('closed')
    go('failed')
    expect(one.state).toBe('open')
  })

  it('stays closed while fewer than half fail', () => {
    const { breaker: one, go } = breaker()
    for (let round = 0; round < 100; round++) {
      go('good', 51)
      go('failed', 49)
    }
    expect(one.state).toBe('closed')
  })

  it('forgets calls after 30 s', async () => {
    const { breaker: one, clock, go } = breaker()
    go('failed', 19)
    await clock.advance(45_000)
    go('failed', 19)
    expect(one.state).toBe('closed')
    go('failed')
    expect(one.state).toBe('open')
  })

  it('opens after ten time-outs in a row, however slowly they come', async () => {
    const { breaker: one, clock, go } = breaker()
    go('timeout', 9)
    go('good')
    for (let count = 0; count < 9; count++) {
      go('timeout')
      await clock.advance(60_000)
    }
    expect(one.state).toBe('closed')
    go('timeout')
    expect(one.state).toBe('open')
  })

  it('says nothing about calls that say nothing', () => {
    const { breaker: one, go } = breaker()
    go('unknown', 100)
    go('failed', 19)
    expect(one.state).toBe('closed')
  })

  it('stays open twice as long after each try that fails, at most 5 min, and 30 s again once it was closed', async () => {
    const { breaker: one, clock, go } = breaker()
    go('timeout', 10)
    const lengths: number[] = []
    for (let round = 0; round < 6; round++) {
      lengths.push(one.openFurther)
      await clock.advance(one.openFurther)
      go('failed')
    }
    expect(lengths).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
    await clock.advance(300_000)
    go('good')
    expect(one.state).toBe('closed')
    go('timeout', 10)
    expect(one.openFurther).toBe(30_000)
  })

  it('lets one call try at a time, reads first', async () => {
    const { breaker: one, clock, go } = breaker()
    go('timeout', 10)
    expect(one.refusal(false)).toBe(30_000)
    await clock.advance(30_000)
    expect(one.refusal(true)).toBe(5_000)
    expect(one.refusal(false)).toBeUndefined()
    const decides = one.begin()
    expect([decides, one.refusal(false), one.refusal(true)]).toEqual([true, 1_000, 1_000])
    one.end('unknown', decides)
    expect([one.state, one.refusal(false)]).toEqual(['half-open', undefined])
    await clock.advance(5_000)
    expect(one.refusal(true)).toBeUndefined()
  })

  it('is not moved by calls that began before it opened', async () => {
    const { breaker: one, clock, go } = breaker()
    const old = one.begin()
    go('timeout', 10)
    one.end('good', old)
    expect(one.state).toBe('open')
    await clock.advance(30_000)
    one.end('failed', old)
    expect(one.state).toBe('half-open')
  })
})
