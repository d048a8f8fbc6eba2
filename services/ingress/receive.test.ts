import { HubError } from '@shuniu/contracts'
import type { Change, Store } from '@shuniu/infra/store'
import { SimulatedClock } from '@shuniu/infra/time'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Receiver } from './receive.ts'
import { House } from './test-house.ts'
import { push } from './test-office.ts'

describe('receiving', () => {
  let house: House
  beforeEach(async () => {
    house = await House.open()
    // Nothing is understood while the office does not answer.
    house.office.close()
  })
  afterEach(async () => {
    const { counted, recounted } = await house.totals()
    expect(counted).toEqual(recounted)
    await house.close()
  })

  test('what was acknowledged is there after a kill', async () => {
    await house.ingress.receive('office-main', 'push', [push('A')])
    await house.reopen()
    expect(await house.story()).toEqual(['event-A received'])
    expect(house.ingress.state().waiting).toBe(1)
  })

  test('an equal repeat adds nothing, also after 30 days and under another origin', async () => {
    await house.ingress.receive('office-main', 'push', [push('A')])
    await house.clock.advance(30 * 86_400_000)
    await house.ingress.receive('office-main', 'stream', [push('A')])
    expect(await house.story()).toEqual(['event-A received'])
    expect((await house.totals()).counted.accepted).toBe(1)
  })

  test('different content under one key is kept beside the first and parked', async () => {
    await house.ingress.receive('office-main', 'push', [push('A')])
    await house.ingress.receive('office-main', 'push', [push('A', { result: 'refuse' })])
    await house.ingress.receive('office-main', 'push', [push('A', { result: 'refuse' })])
    const [first, second, ...more] = await house.receipts()
    expect([first?.body, first?.state]).toEqual([push('A').body, 'received'])
    expect([second?.body, second?.state, second?.reason]).toEqual([
      push('A', { result: 'refuse' }).body,
      'parked',
      'conflict',
    ])
    expect(more).toEqual([])
  })

  test('a push of many is one commit, in which repeats and conflicts count for what they are', async () => {
    await house.ingress.receive('office-main', 'push', [push('A'), push('B')])
    await house.ingress.receive('office-main', 'push', [
      push('A'),
      push('B', { result: 'refuse' }),
      push('C'),
      push('C'),
      push('C', { result: 'refuse' }),
    ])
    const story = await house.story()
    expect(story.map((line) => line.replace(/#[0-9a-f]{64}/, '#…'))).toEqual([
      'event-A received',
      'event-B received',
      'event-B#… parked conflict',
      'event-C received',
      'event-C#… parked conflict',
    ])
  })

  test('two equal pushes at the same moment are one receipt', async () => {
    await Promise.all([1, 2, 3].map(() => house.ingress.receive('office-main', 'push', [push('A')])))
    expect(await house.story()).toEqual(['event-A received'])
  })

  test('pushes of one moment share a commit; what is odd about one of them is its own affair', async () => {
    let commits = 0
    const counting = (changes: readonly Change[]) => (commits++, house.store.commit(changes))
    const receiver = receiverOf({ ...house.store, commit: counting }, 1_000)
    const hand = (ids: readonly string[]) =>
      Promise.all(ids.map((id) => receiver.receive('office-main', 'push', [push(id)])))
    await hand(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'])
    expect([commits, (await house.receipts()).length]).toEqual([1, 8])
    await hand(['A', 'I', 'B', 'I'])
    expect([commits, (await house.receipts()).length]).toEqual([3, 9])
  })

  test('without a key of the vendor the content is the key', async () => {
    const { key: _, ...handed } = push('A')
    await house.ingress.receive('office-main', 'push', [handed])
    await house.ingress.receive('office-main', 'push', [handed])
    await house.ingress.receive('office-main', 'push', [{ ...handed, body: `${handed.body} ` }])
    expect((await house.story()).map((line) => line.split(' ')[1])).toEqual(['received', 'received'])
  })

  test('half a surrogate pair in a text does not make a repeat look different', async () => {
    const odd = { ...push('A'), subject: 'A\ud800', body: '{"id":"\ud800"}' }
    await house.ingress.receive('office-main', 'push', [odd])
    await house.ingress.receive('office-main', 'push', [odd])
    expect(await house.story()).toEqual(['event-A received'])
  })

  test('the same key of another connection, source or document is another receipt', async () => {
    await house.ingress.receive('office-main', 'push', [push('A', { event: 'E' }), push('B', { event: 'E' })])
    await house.ingress.receive('office-main', 'push', [{ ...push('A', { event: 'E' }), source: 'memo' }])
    expect(await house.receipts()).toHaveLength(3)
  })
})

describe('the door', () => {
  test('refuses before the acknowledgement when too many wait, sweeps at half of that', async () => {
    const house = await House.open({ waiting: 4 })
    house.office.close()
    const receive = (origin: 'push' | 'sweep', id: string) => house.ingress.receive('office-main', origin, [push(id)])
    await receive('push', 'A')
    await receive('sweep', 'B')
    await expect(receive('sweep', 'C')).rejects.toMatchObject({ code: 'ingress.busy' })
    await receive('push', 'C')
    await receive('push', 'D')
    await expect(receive('push', 'E')).rejects.toMatchObject({ code: 'ingress.busy', status: 503 })
    expect(await house.receipts()).toHaveLength(4)
    await house.close()
  })

  test('takes again what it refused as soon as there is room', async () => {
    const house = await House.open({ waiting: 1 })
    const open = house.office.close()
    house.office.agree('A', house.clock.now())
    await house.ingress.receive('office-main', 'push', [push('A')])
    await expect(house.ingress.receive('office-main', 'push', [push('B')])).rejects.toThrow('cannot take more')
    open()
    await house.quiet()
    await house.until(() => house.ingress.state().waiting === 0)
    await house.ingress.receive('office-main', 'push', [push('B')])
    expect(await house.receipts()).toHaveLength(2)
    await house.close()
  })

  test('counts what is still on its way to the disk', async () => {
    const house = await House.open()
    let flush = (): void => undefined
    const disk = new Promise<void>((resolve) => (flush = resolve))
    const receiver = receiverOf({ ...house.store, commit: (changes) => disk.then(() => house.store.commit(changes)) })
    const first = receiver.receive('office-main', 'push', [push('A'), push('B')])
    await expect(receiver.receive('office-main', 'push', [push('C')])).rejects.toMatchObject({ code: 'ingress.busy' })
    flush()
    await first
    expect(await house.receipts()).toHaveLength(2)
    await house.close()
  })

  test('a full disk is refused like a full queue: the sender tries again', async () => {
    const house = await House.open()
    const full = (): Promise<never> => Promise.reject(new HubError('store.full'))
    const receiver = receiverOf({ ...house.store, commit: full })
    const taken = receiver.receive('office-main', 'push', [push('A')])
    await expect(taken).rejects.toMatchObject({ code: 'ingress.busy', parameters: { seconds: 5 } })
    await house.close()
  })

  test('nothing is taken any more once the hub is stopping', async () => {
    const house = await House.open()
    await house.ingress.close()
    await expect(house.ingress.receive('office-main', 'push', [push('A')])).rejects.toMatchObject({ status: 503 })
    await house.close()
  })
})

/** A receiver, with room for two if nothing else is said, on a store that a test has put something in front of. */
function receiverOf(store: Store, limit = 2): Receiver {
  return new Receiver({ store, clock: new SimulatedClock(0), limit, waiting: () => 0, accepted: () => undefined })
}
