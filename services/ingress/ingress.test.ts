import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { day, hour, House, start } from './test-house.ts'
import { push } from './test-office.ts'

describe('the way in', () => {
  let house: House
  beforeEach(async () => void (house = await House.open()))
  afterEach(() => house.close())

  test('takes from a stream what it takes from a push, and lets it acknowledge only what is durable', async () => {
    await house.ingress.start()
    house.office.agree('A', start)
    await house.office.sink?.hand([push('A')])
    expect((await house.receipts()).map(({ origin, key }) => [origin, key])).toEqual([['stream', 'event-A']])
  })

  test('does not let a stream acknowledge what there is no room for', async () => {
    await house.reopen({ waiting: 1 })
    house.office.close()
    await house.ingress.start()
    await house.office.sink?.hand([push('A')])
    await expect(house.office.sink?.hand([push('B')])).rejects.toMatchObject({ code: 'ingress.busy' })
    expect(await house.receipts()).toHaveLength(1)
  })

  test('tells how many wait, for how long, and how far it may be behind', async () => {
    await house.ingress.start()
    house.office.sink?.connected(0)
    expect(house.ingress.state()).toEqual({
      waiting: 0,
      oldest: 0,
      sources: [{ connection: 'office-main', waiting: 0, oldest: 0, stream: 'up', lag: 0 }],
    })
    await house.until(async () => (await house.store.select('cursors', {})).length > 0)
    house.office.close()
    await house.ingress.receive('office-main', 'push', [push('A')])
    await house.clock.advance(40_000)
    expect(house.ingress.state()).toMatchObject({ waiting: 1, oldest: 40_000, sources: [{ lag: 40_000 }] })
  })

  test('is behind while its stream is down, and while a sweep is overdue', async () => {
    await house.ingress.start()
    house.office.sink?.connected(0)
    await house.until(async () => (await house.store.select('cursors', {})).length > 0)
    house.office.sink?.disconnected('cable')
    await house.clock.advance(5_000)
    expect(house.ingress.state().sources[0]).toMatchObject({ stream: 'down', lag: 5_000 })
    house.office.sink?.connected(5_000)
    expect(house.ingress.state().sources[0]).toMatchObject({ stream: 'up', lag: 0 })
    house.office.close()
    await house.clock.advance(hour)
    expect(house.ingress.state().sources[0]?.lag).toBe(0)
    await house.clock.advance(hour)
    expect(house.ingress.state().sources[0]?.lag).toBe(2 * hour + 5_000)
  })

  test('runs a stream again that ended by mistake', async () => {
    let runs = 0
    const { stream } = (await import('./test-office.ts')).officeConnector
    const original = stream?.run
    if (!stream || !original) throw new Error('the office has a stream')
    Object.assign(stream, {
      run: () => {
        runs++
        return Promise.reject(new Error('a mistake'))
      },
    })
    await house.ingress.start()
    await house.clock.advance(25_000)
    Object.assign(stream, { run: original })
    expect(runs).toBe(3)
    expect(house.reported.filter((code) => code === 'ingress.stream-failed')).toHaveLength(3)
  })

  test('closes when what is under way has ended, and does not begin anything more', async () => {
    const open = house.office.close()
    for (const id of ['A', 'B', 'C', 'D', 'E', 'F']) house.office.agree(id, start)
    await house.ingress.receive(
      'office-main',
      'push',
      ['A', 'B', 'C', 'D', 'E', 'F'].map((id) => push(id)),
    )
    await house.until(() => house.ingress.state().waiting === 6)
    const closing = house.ingress.close()
    open()
    await closing
    expect((await house.story()).toSorted()).toEqual([
      'event-A published',
      'event-B published',
      'event-C published',
      'event-D published',
      'event-E received',
      'event-F received',
    ])
  })

  test('does not wait for a call that never ends, and takes its receipt up at the next start', async () => {
    house.office.agree('A', start)
    house.office.close()
    await house.ingress.receive('office-main', 'push', [push('A')])
    let closed = false
    void house.ingress.close().then(() => (closed = true))
    await house.clock.advance(24_999)
    expect(closed).toBe(false)
    await house.clock.advance(1)
    expect(closed).toBe(true)
    house.office.gate = () => Promise.resolve()
    await house.reopen()
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published'])
  })

  test('a hub that lost its folder to another one writes nothing more and says so', async () => {
    house.office.agree('A', start)
    const open = house.office.close()
    await house.ingress.receive('office-main', 'push', [push('A')])
    await house.store.commit([{ upsert: 'meta', row: { name: 'epoch', value: '99' } }])
    open()
    await house.until(() => house.reported.some((code) => code.startsWith('lost')))
    expect(await house.story()).toEqual(['event-A received'])
  })

  test('its door refuses from then on, and says so as well', async () => {
    await house.store.commit([{ upsert: 'meta', row: { name: 'epoch', value: '99' } }])
    await expect(house.ingress.receive('office-main', 'push', [push('B')])).rejects.toMatchObject({ status: 503 })
    expect(house.reported).toEqual([expect.stringMatching(/^lost/)])
    expect(await house.receipts()).toEqual([])
  })

  test('duplicates, conflicts, crashes and repeats leave the totals exact', async () => {
    for (const id of ['A', 'B', 'C']) house.office.agree(id, start)
    house.office.submit('D', start)
    for (let life = 0; life < 4; life++) {
      const handed = ['A', 'B', 'C', 'D'].map((id) => push(id, { result: life === 2 ? 'refuse' : 'agree' }))
      await house.ingress.receive('office-main', life % 2 ? 'stream' : 'push', handed)
      await house.reopen()
    }
    await house.quiet()
    await house.clock.advance(day)
    await house.quiet()
    const { counted, recounted } = await house.totals()
    expect(counted).toEqual(recounted)
    expect(counted).toEqual({ accepted: 8, published: 3, skipped: 0, parked: 5 })
    expect(await house.records()).toHaveLength(3)
  })
})
