import { describe, expect, test } from 'vitest'
import { Doors } from './doors.ts'

/** Doors with room for two; runs told to wake are noted, and gone ones do not wake. */
function doors() {
  const woken: number[] = []
  const gone = new Set<number>()
  const wake = (run: number): boolean => !gone.has(run) && woken.push(run) > 0
  return { made: new Doors({ aside: (wait) => wait(), wake }, 2), woken, gone }
}

const comes = (made: Doors, run: number, connection = 'books'): Promise<string> =>
  made.pass(connection, run, async () => 'in').catch((error: unknown) => String(Object(error).standing?.because))

describe('the door of a connection', () => {
  test('lets in as many runs as it has room for; the others come again in their order as those leave', async () => {
    const { made, woken } = doors()
    expect(await Promise.all([1, 2, 3, 4].map((run) => comes(made, run)))).toEqual([
      'in',
      'in',
      'connection busy',
      'connection busy',
    ])
    made.queue('books', 3)
    made.queue('books', 4)
    made.leave('books', 1)
    expect([woken, await comes(made, 5)]).toEqual([[3], 'connection busy'])
    made.leave('books', 2)
    expect([woken, await comes(made, 3), await comes(made, 4)]).toEqual([[3, 4], 'in', 'in'])
  })

  test('is another one for each connection', async () => {
    const { made } = doors()
    for (const run of [1, 2]) await comes(made, run)
    expect([await comes(made, 3), await comes(made, 3, 'office')]).toEqual(['connection busy', 'in'])
  })

  test('keeps the room of a run that only asked something until it has sent', async () => {
    const { made } = doors()
    for (const run of [1, 2]) await comes(made, run)
    made.queue('books', 3)
    expect(await comes(made, 1)).toBe('in')
  })

  test('calls in the next when one that was called does not come', async () => {
    const { made, woken, gone } = doors()
    for (const run of [1, 2]) await comes(made, run)
    for (const run of [3, 4, 5, 6]) made.queue('books', run)
    gone.add(3)
    made.leave('books', 1)
    expect(woken).toEqual([4])
    // It comes to its end without having been here.
    made.leaveAll(4)
    expect(woken).toEqual([4, 5])
  })

  test('calls in at once who queues when room has come meanwhile', async () => {
    const { made, woken } = doors()
    for (const run of [1, 2, 3]) await comes(made, run)
    made.leave('books', 1)
    made.queue('books', 3)
    expect([woken, await comes(made, 3)]).toEqual([[3], 'in'])
  })
})
