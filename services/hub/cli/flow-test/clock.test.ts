import { SimulatedClock } from '@shuniu/infra/time'
import { expect, test } from 'vitest'
import { SkippingClock } from './clock.ts'

const noon = Date.UTC(2026, 10, 22, 4)

test('a jump goes to what is due next and no further', () => {
  const clock = new SkippingClock(new SimulatedClock(0), noon)
  const rung: string[] = []
  clock.after(180_000, () => rung.push('quarantine'))
  clock.after(10_000, () => rung.push('look-up'))
  expect(clock.skip()).toBe(true)
  expect([rung, clock.now() - noon, clock.uptime()]).toEqual([['look-up'], 10_000, 10_000])
  expect(clock.skip()).toBe(true)
  expect([rung, clock.now() - noon]).toEqual([['look-up', 'quarantine'], 180_000])
})

test('without anything to wait for there is no jump', () => {
  const clock = new SkippingClock(new SimulatedClock(0), noon)
  expect([clock.skip(), clock.now()]).toEqual([false, noon])
})

test('what was cancelled never rings, and is no reason to jump', () => {
  const clock = new SkippingClock(new SimulatedClock(0), noon)
  clock.after(1_000, () => expect.unreachable()).cancel()
  expect(clock.skip()).toBe(false)
})

test('real time passes as well: an alarm rings when it is due without a jump', async () => {
  const real = new SimulatedClock(0)
  const clock = new SkippingClock(real, noon)
  const rung: number[] = []
  clock.after(500, () => rung.push(clock.now() - noon))
  await real.advance(499)
  expect(rung).toEqual([])
  await real.advance(1)
  expect(rung).toEqual([500])
})

test('after a jump the rest still rings at its own time', async () => {
  const real = new SimulatedClock(0)
  const clock = new SkippingClock(real, noon)
  const rung: number[] = []
  clock.after(1_000, () => undefined)
  clock.after(1_300, () => rung.push(clock.now() - noon))
  clock.skip()
  await real.advance(299)
  expect(rung).toEqual([])
  await real.advance(1)
  expect(rung).toEqual([1_300])
})
