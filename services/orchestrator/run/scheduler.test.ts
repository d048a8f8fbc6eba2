import { SimulatedClock } from '@shuniu/infra/time'
import { describe, expect, test } from 'vitest'
import { Scheduler } from './scheduler.ts'
import type { Standing } from './standing.ts'

const parked: Standing = { is: 'parked', reason: 'human', detail: { message: { en: '', zh: '' } } }
const waiting = (after?: number): Standing => ({
  is: 'waiting',
  because: 'x',
  attempt: false,
  ...(after === undefined ? {} : { after }),
})

/** A scheduler whose runs stand as they are told, one standing for each time they are executed, and then are done. */
function scheduler(standings: Record<number, (Standing | Error)[]> = {}, concurrency = 8) {
  const order: number[] = []
  const errors: unknown[] = []
  const clock = new SimulatedClock(0)
  const during = new Map<number, () => unknown>()
  const made = new Scheduler(
    clock,
    concurrency,
    async (id) => {
      order.push(id)
      await during.get(id)?.()
      const next = standings[id]?.shift() ?? { is: 'done' as const }
      if (next instanceof Error) throw next
      return next
    },
    (error) => errors.push(error),
  )
  return { made, order, clock, during, errors }
}

describe('the scheduler', () => {
  test('runs of one key go in order, a parked one holds only its own key', async () => {
    const { made, order, clock } = scheduler({ 1: [parked] })
    made.add({ id: 1, lane: 'a' })
    made.add({ id: 2, lane: 'a' })
    made.add({ id: 3, lane: 'b' })
    await clock.advance(1)
    expect(order).toEqual([1, 3])
    made.release(1)
    await clock.advance(1)
    expect(order).toEqual([1, 3, 1, 2])
    expect(made.size).toBe(0)
  })

  test('a waiting run is tried again when its time has come, or earlier when it is woken', async () => {
    const { made, order, clock } = scheduler({ 1: [waiting(500), waiting(500)] })
    made.add({ id: 1, lane: 'a' })
    await clock.advance(499)
    expect(order).toEqual([1])
    await clock.advance(1)
    expect(order).toEqual([1, 1])
    made.wake(1)
    await clock.advance(0)
    expect(order).toEqual([1, 1, 1])
    await clock.advance(1_000)
    expect(order).toEqual([1, 1, 1])
  })

  test('a parked run is not woken, only released', async () => {
    const { made, order, clock } = scheduler({ 1: [parked] })
    made.add({ id: 1, lane: 'a' })
    await clock.advance(1)
    made.wake(1)
    await clock.advance(1)
    expect([order, made.size, made.backlog]).toEqual([[1], 1, 0])
  })

  test('a run that follows another starts when that one has ended, and is not woken before', async () => {
    const { made, order, clock } = scheduler({ 1: [waiting(50)] })
    made.add({ id: 1, lane: 'undo' })
    made.add({ id: 2, lane: 'a', after: 1 })
    await clock.advance(10)
    made.wake(2)
    await clock.advance(10)
    expect(order).toEqual([1])
    await clock.advance(50)
    expect(order).toEqual([1, 1, 2])
  })

  test('a run that follows one which has ended already starts at once', async () => {
    const { made, order, clock } = scheduler()
    made.add({ id: 1, lane: 'undo' })
    await clock.advance(1)
    made.add({ id: 2, lane: 'a', after: 1 })
    await clock.advance(1)
    expect(order).toEqual([1, 2])
  })

  test.each([
    ['ends', undefined],
    ['parks', parked],
  ])('a run that waits for a lane is tried again when a run there %s, not when it only waits', async (_, standing) => {
    const { made, order, clock } = scheduler({ 1: [waiting(100), ...(standing ? [standing] : [])], 2: [waiting()] })
    made.add({ id: 1, lane: 'a', wakes: 'undo' })
    made.add({ id: 2, lane: 'undo' })
    await clock.advance(99)
    expect(order).toEqual([1, 2])
    await clock.advance(1)
    expect(order).toEqual([1, 2, 1, 2])
  })

  describe('what is said of a run while it is executed', () => {
    test('woken: it is tried again at once', async () => {
      const { made, order, clock, during } = scheduler({ 1: [waiting(5_000)] })
      during.set(1, () => order.length === 1 && made.wake(1))
      made.add({ id: 1, lane: 'a' })
      await clock.advance(1)
      expect(order).toEqual([1, 1])
    })

    test('woken, and it parks: it stays parked', async () => {
      const { made, order, clock, during } = scheduler({ 1: [parked] })
      during.set(1, () => made.wake(1))
      made.add({ id: 1, lane: 'a' })
      await clock.advance(1)
      expect([order, made.backlog]).toEqual([[1], 0])
    })

    test('released, between its row and its standing: it goes on', async () => {
      const { made, order, clock, during } = scheduler({ 1: [parked] })
      during.set(1, () => order.length === 1 && made.release(1))
      made.add({ id: 1, lane: 'a' })
      await clock.advance(1)
      expect(order).toEqual([1, 1])
    })

    test('ended, between its row and its standing: its lane goes on', async () => {
      const { made, order, clock, during } = scheduler({ 1: [parked] })
      during.set(1, () => made.end(1))
      made.add({ id: 1, lane: 'a' })
      made.add({ id: 2, lane: 'a' })
      await clock.advance(1)
      expect([order, made.size]).toEqual([[1, 2], 0])
    })
  })

  test('an attempt that broke is told and made again, and its lane waits for it', async () => {
    const { made, order, clock, errors } = scheduler({ 1: [new Error('disk')] })
    made.add({ id: 1, lane: 'a' })
    made.add({ id: 2, lane: 'a' })
    await clock.advance(1)
    expect([order, errors]).toEqual([[1], [new Error('disk')]])
    await clock.advance(2_000)
    expect(order).toEqual([1, 1, 2])
  })

  test('no more than the given number is under way', async () => {
    const { made, order, clock } = scheduler({}, 1)
    for (const id of [1, 2, 3]) made.add({ id, lane: `lane-${id}` })
    expect(made.underWay).toBe(1)
    await clock.advance(1)
    expect(order).toEqual([1, 2, 3])
  })

  test('a run that waits for a turn elsewhere leaves its place to others', async () => {
    const { made, order, clock, during } = scheduler({}, 1)
    const turn = Promise.withResolvers<void>()
    during.set(1, () => made.aside(() => turn.promise))
    made.add({ id: 1, lane: 'a' })
    made.add({ id: 2, lane: 'b' })
    await clock.advance(1)
    expect([order, made.size, made.underWay]).toEqual([[1, 2], 1, 1])
    turn.resolve()
    await clock.advance(1)
    expect(made.size).toBe(0)
  })

  test('a closed scheduler starts nothing and waits for what is under way', async () => {
    const { made, order, clock } = scheduler({ 1: [waiting(5)] })
    made.add({ id: 1, lane: 'a' })
    await made.close()
    await clock.advance(100)
    expect(order).toEqual([1])
  })

  test('what is of a lost partition is forgotten; what is under way comes to an end, and is not heard', async () => {
    const { made, order, clock, during } = scheduler({ 1: [waiting(500)], 4: [parked] })
    const { promise, resolve } = Promise.withResolvers<void>()
    during.set(1, () => promise)
    made.add({ id: 1, lane: 'a', part: 3 })
    made.add({ id: 2, lane: 'a', part: 3 })
    made.add({ id: 3, lane: 'b', part: 3, after: 1 })
    made.add({ id: 4, lane: 'c', part: 3 })
    await clock.advance(1)
    made.add({ id: 5, lane: 'd', part: 4 })
    const { ids, ended } = made.drop(new Set([3]))
    expect([ids, made.size, made.backlog]).toEqual([[1, 2, 3, 4], 1, 1])
    let over = false
    void ended.then(() => (over = true))
    await clock.advance(1)
    expect([over, made.size]).toEqual([false, 0])
    resolve()
    await clock.advance(1_000)
    expect([over, order, made.underWay]).toEqual([true, [1, 4, 5], 0])
  })

  test('a partition that is ours again begins anew, whatever an attempt of before still does', async () => {
    const { made, order, clock, during } = scheduler()
    const { promise, resolve } = Promise.withResolvers<void>()
    during.set(1, () => promise)
    made.add({ id: 1, lane: 'a', part: 3 })
    await clock.advance(1)
    made.drop(new Set([3]))
    during.delete(1)
    made.add({ id: 1, lane: 'a', part: 3 })
    await clock.advance(1)
    expect([order, made.size]).toEqual([[1, 1], 0])
    resolve()
    await clock.advance(1)
    expect(made.underWay).toBe(0)
  })
})
