import { SimulatedClock } from '@shuniu/infra/time'
import { expect, test } from 'vitest'
import { Patience } from './patience.ts'

test('a log that fails or does not answer is not asked again: the figures come all the same', async () => {
  const clock = new SimulatedClock(0)
  const patience = new Patience(clock)
  expect(await patience.ask(async () => 1)).toBe(1)
  const silent = patience.ask(() => new Promise<number>(() => undefined))
  await clock.advance(1_000)
  expect(await silent).toBeUndefined()
  let asked = 0
  expect(await patience.ask(async () => ++asked)).toBeUndefined()
  expect(asked).toBe(0)
  expect(await new Patience(clock).ask(() => Promise.reject(new Error('no leader')))).toBeUndefined()
})
