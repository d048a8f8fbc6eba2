import { SimulatedClock } from '@shuniu/infra/time'
import { describe, expect, test } from 'vitest'
import { Lanes, type Turn } from './lanes.ts'

/** Turns that end when a test says so. */
function lanesOf(concurrency: number) {
  const clock = new SimulatedClock(0)
  const started: number[] = []
  const broken: unknown[] = []
  const ends = new Map<number, { resolve: (turn: Turn) => void; reject: (error: Error) => void }>()
  const turn = (id: number): Promise<Turn> => {
    started.push(id)
    return new Promise((resolve, reject) => ends.set(id, { resolve, reject }))
  }
  const lanes = new Lanes(clock, concurrency, turn, (error) => broken.push(error))
  const add = (id: number, lane: number, urgent = true) => lanes.add({ id, lane, since: id, urgent })
  const settle = async (id: number, turn_: Turn | Error = 'ended'): Promise<void> => {
    if (turn_ instanceof Error) ends.get(id)?.reject(turn_)
    else ends.get(id)?.resolve(turn_)
    await clock.advance(0)
  }
  return { clock, lanes, started, broken, add, settle }
}

describe('lanes', () => {
  test('go side by side, and what is in one goes one after the other', async () => {
    const { started, add, settle, lanes } = lanesOf(4)
    for (const [id, lane] of [
      [1, 7],
      [2, 7],
      [3, 8],
    ] as const)
      add(id, lane)
    expect(started).toEqual([1, 3])
    await settle(1)
    expect(started).toEqual([1, 3, 2])
    expect(lanes.size).toBe(2)
  })

  test('are worked on so many at once', async () => {
    const { started, add, settle } = lanesOf(2)
    for (const id of [1, 2, 3]) add(id, id)
    expect(started).toEqual([1, 2])
    await settle(2)
    expect(started).toEqual([1, 2, 3])
  })

  test('take what was pushed before what a sweep found', async () => {
    const { started, add, settle } = lanesOf(1)
    add(1, 1)
    add(2, 2, false)
    add(3, 3)
    await settle(1)
    expect(started).toEqual([1, 3])
  })

  test('give another turn to what is added again during its own, and only then', async () => {
    const { started, add, settle, lanes } = lanesOf(1)
    add(1, 1)
    add(1, 1)
    await settle(1)
    expect(started).toEqual([1, 1])
    await settle(1)
    expect([started, lanes.size]).toEqual([[1, 1], 0])
  })

  test('are held by a receipt that waits for its next turn, and only its own lane', async () => {
    const { started, add, settle, clock } = lanesOf(1)
    add(1, 7)
    add(2, 7)
    add(3, 8)
    await settle(1, { after: 1_000 })
    await settle(3)
    await clock.advance(999)
    expect(started).toEqual([1, 3])
    await clock.advance(1)
    expect(started).toEqual([1, 3, 1])
  })

  test('let a receipt wait for its time although those before it have ended', async () => {
    const { started, add, settle, clock, lanes } = lanesOf(1)
    add(1, 7)
    lanes.add({ id: 2, lane: 7, since: 2, urgent: true }, 1_000)
    await settle(1)
    expect(started).toEqual([1])
    await clock.advance(1_000)
    expect(started).toEqual([1, 2])
  })

  test('keep a receipt whose turn broke down, and try it again', async () => {
    const { started, add, settle, clock, broken, lanes } = lanesOf(1)
    add(1, 7)
    await settle(1, new Error('no disk'))
    expect([broken.length, lanes.size]).toEqual([1, 1])
    await clock.advance(5_000)
    expect(started).toEqual([1, 1])
  })

  test('close when the turns under way have ended, and start no more', async () => {
    const { started, add, settle, lanes, clock } = lanesOf(1)
    add(1, 1)
    add(2, 2)
    let closed = false
    void lanes.close().then(() => (closed = true))
    await clock.advance(60_000)
    expect(closed).toBe(false)
    await settle(1)
    expect([closed, started]).toEqual([true, [1]])
  })

  test('know the one that waits longest', async () => {
    const { add, settle, lanes } = lanesOf(1)
    expect(lanes.oldest).toBeUndefined()
    for (const id of [5, 6]) add(id, id)
    expect(lanes.oldest).toBe(5)
    await settle(5)
    expect(lanes.oldest).toBe(6)
  })
})
