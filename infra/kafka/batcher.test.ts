import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Batcher, usualLimits, type BatcherLimits } from './batcher.ts'
import type { Outgoing } from './port.ts'

const record = (key: string, size = 1): Outgoing => ({ key, value: new Uint8Array(size), headers: {} })

/** A producer whose sends are answered by hand. */
function byHand(limits: Partial<BatcherLimits> = {}) {
  const sends: { lane: string; keys: string[]; done: () => void; failed: (error: unknown) => void }[] = []
  const send = (topic: string, partition: number, records: readonly Outgoing[]): Promise<void> =>
    new Promise((done, failed) => {
      sends.push({ lane: `${topic}/${partition}`, keys: records.map(({ key }) => key), done, failed })
    })
  return { sends, batcher: new Batcher(send, { ...usualLimits, ...limits }) }
}

describe('the batcher', () => {
  test('sends at once when idle, and what came meanwhile together with the next', async () => {
    const { sends, batcher } = byHand()
    const all = [batcher.add('t', 0, record('a'))]
    await setImmediate()
    all.push(batcher.add('t', 0, record('b')), batcher.add('t', 0, record('c')))
    await setImmediate()
    expect(sends.map(({ keys }) => keys)).toEqual([['a']])
    sends[0]?.done()
    await setImmediate()
    sends[1]?.done()
    await Promise.all(all)
    expect(sends.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c']])
  })

  test('has one send under way in each partition, and does not wait for another one', async () => {
    const { sends, batcher } = byHand()
    for (const key of ['a', 'b']) for (const partition of [0, 1]) void batcher.add('t', partition, record(key))
    await setImmediate()
    expect(sends.map(({ lane }) => lane)).toEqual(['t/0', 't/1'])
  })

  test('keeps a send within its limits, but sends what is larger alone', async () => {
    const { sends, batcher } = byHand({ records: 2, bytes: 100 })
    for (const size of [10, 10, 10, 500, 10]) void batcher.add('t', 0, record('k', size))
    for (let at = 0; at < 4; at++) {
      await setImmediate()
      sends[at]?.done()
    }
    expect(sends.map(({ keys }) => keys.length)).toEqual([2, 1, 1, 1])
  })

  test('a failure takes along what waits behind it, so that nothing overtakes what is repeated', async () => {
    const { sends, batcher } = byHand()
    const all = [batcher.add('t', 0, record('a'))]
    await setImmediate()
    all.push(batcher.add('t', 0, record('b')))
    sends[0]?.failed(new Error('no answer'))
    const outcomes = await Promise.allSettled(all)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    void batcher.add('t', 0, record('a'))
    await setImmediate()
    expect(sends.map(({ keys }) => keys)).toEqual([['a'], ['a']])
  })

  test('refuses when too much waits, and takes more when it is answered', async () => {
    const { sends, batcher } = byHand({ waitingBytes: 100 })
    const first = batcher.add('t', 0, record('a', 90))
    await expect(batcher.add('t', 1, record('b', 90))).rejects.toMatchObject({ code: 'log.overloaded' })
    await setImmediate()
    sends[0]?.done()
    await first
    void batcher.add('t', 1, record('b', 90))
    await setImmediate()
    expect(sends.map(({ keys }) => keys)).toEqual([['a'], ['b']])
  })
})
