import { SimulatedClock } from '@shuniu/infra/time'
import { describe, expect, test } from 'vitest'
import { Scheduler } from './scheduler.ts'
import type { Standing } from './standing.ts'

function scheduler(standings: Record<number, Standing[]> = {}, concurrency = 8) {
  const order: number[] = []
  const clock = new SimulatedClock(0)
  const made = new Scheduler(
    clock,
    concurrency,
    async (id) => {
      order.push(id)
      return standings[id]?.shift() ?? { is: 'done' }
    },
    (error) => {
      throw error
    },
  )
  return { made, order, clock }
}
const parked: Standing = { is: 'parked', reason: 'human', detail: { message: { en: '', zh: '' } } }

describe('the scheduler', () => {
  test('runs of one key go in order, a parked one holds only its own key', async () => {
    const { made, order, clock } = scheduler({ 1: [parked] })
    made.add({ id: 1, lane: 'a' })
    made.add({ id: 2, lane: 'a' })
    made.add({ id: 3, lane: 'b' })
    await clock.advance(1)
    expect(order).toEqual([1, 3])
    made.wake(1)
    await clock.advance(1)
    expect(order).toEqual([1, 3, 1, 2])
    expect(made.size).toBe(0)
  })

  test('a waiting run is tried again when its time has come', async () => {
    const { made, order, clock } = scheduler({ 1: [{ is: 'waiting', because: 'x', after: 500, attempt: false }] })
    made.add({ id: 1, lane: 'a' })
    await clock.advance(499)
    expect(order).toEqual([1])
    await clock.advance(1)
    expect(order).toEqual([1, 1])
  })

  test('a run that follows another starts when that one has ended', async () => {
    const { made, order, clock } = scheduler({ 1: [{ is: 'waiting', because: 'x', after: 50, attempt: false }] })
    made.add({ id: 1, lane: 'undo-1' })
    made.add({ id: 2, lane: 'a', after: 1 })
    await clock.advance(10)
    expect(order).toEqual([1])
    await clock.advance(50)
    expect(order).toEqual([1, 1, 2])
  })

  test('no more than the given number is under way', async () => {
    const { made, order, clock } = scheduler({}, 1)
    for (const id of [1, 2, 3]) made.add({ id, lane: `lane-${id}` })
    expect(made.underWay).toBe(1)
    await clock.advance(1)
    expect(order).toEqual([1, 2, 3])
  })

  test('a closed scheduler starts nothing and waits for what is under way', async () => {
    const { made, order, clock } = scheduler({ 1: [{ is: 'waiting', because: 'x', after: 5, attempt: false }] })
    made.add({ id: 1, lane: 'a' })
    await made.close()
    await clock.advance(100)
    expect(order).toEqual([1])
  })
})
