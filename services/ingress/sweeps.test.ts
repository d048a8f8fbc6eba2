import { CallFailure } from '@shuniu/infra/outbound'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packMemory } from './detail.ts'
import { day, hour, House, payments, start } from './test-house.ts'
import { push } from './test-office.ts'

const minute = 60_000

describe('sweeping', () => {
  let house: House
  beforeEach(async () => void (house = await House.open()))
  afterEach(async () => {
    const { counted, recounted } = await house.totals()
    expect(counted).toEqual(recounted)
    await house.close()
  })

  /** Lets time pass in small steps, as it does. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= hour) {
      await house.clock.advance(Math.min(left, hour))
      await house.quiet()
    }
  }
  const isSwept = async (times = 1): Promise<boolean> => house.office.pages.length >= times

  async function started(): Promise<void> {
    await house.ingress.start()
    await house.until(() => isSwept())
    await pass(minute)
  }

  test('the first sweep begins at the cut-over and finds what was never pushed', async () => {
    house.office.agree('A', start - 5 * day)
    await started()
    expect(house.office.pages).toEqual(['PAY 2026-03-01T00:00:00.000Z'])
    expect(await house.story()).toEqual(['sweep:A published'])
  })

  test('a lost push is found within the hour, and what was read as final is not read again', async () => {
    await started()
    house.office.agree('A', house.clock.now())
    house.office.agree('B', house.clock.now())
    await house.ingress.receive('office-main', 'push', [push('A')])
    await pass(26 * hour)
    expect(await house.story()).toEqual(['event-A published', 'sweep:B published'])
    expect(house.office.reads).toEqual(['A', 'B'])
  })

  test('what was finished long after it was made and could not be pushed is fetched when the hub starts', async () => {
    await started()
    await pass(8 * day)
    for (const id of ['A', 'B', 'C']) house.office.agree(id, start)
    house.office.undelivered.push('A', 'B', 'C')
    await house.reopen()
    await started()
    expect(await house.story()).toEqual(['sweep:A published', 'sweep:B published', 'sweep:C published'])
  })

  test('what is listed only some minutes later is fetched then, and nobody asks more often', async () => {
    await started()
    house.office.agree('A', start - 5 * day)
    house.office.undelivered.push('A')
    await pass(4 * minute)
    expect(house.office.askedForUndelivered).toBe(1)
    house.ingress.catchUp()
    await pass(day)
    expect(house.office.askedForUndelivered).toBe(2)
    expect(await house.story()).toContain('sweep:A published')
    house.ingress.catchUp()
    await pass(day)
    expect(house.office.askedForUndelivered).toBe(4)
    expect(house.office.reads).toEqual(['A'])
  })

  test('what could not be pushed is fetched twice more when somebody asks during the last fetch', async () => {
    await started()
    const open = house.office.close()
    await pass(6 * minute)
    expect(house.office.askedForUndelivered).toBe(2)
    house.ingress.catchUp()
    open()
    await pass(hour)
    expect(house.office.askedForUndelivered).toBe(4)
  })

  test('a document that a sweep found and a push told of meanwhile is read once', async () => {
    house.office.agree('A', start - day)
    const sweep = { ...push('A'), key: 'sweep:A', body: '{"sweep":"A"}' }
    await house.ingress.receive('office-main', 'push', [push('A')])
    await house.quiet()
    await house.ingress.receive('office-main', 'sweep', [sweep])
    await house.quiet()
    expect(await house.story()).toEqual(['event-A published', 'sweep:A skipped read before'])
    expect(house.office.reads).toEqual(['A'])
  })

  test('what was not final is looked at once a day until it is', async () => {
    const running = house.office.submit('A', start - day)
    await started()
    await pass(23 * hour)
    expect(house.office.reads).toHaveLength(1)
    await pass(2 * hour)
    expect(house.office.reads).toHaveLength(2)
    running.result = 'agree'
    running.finishedAt = house.clock.now()
    await pass(3 * day)
    expect(await house.story()).toEqual([
      'sweep:A skipped the approval runs',
      'sweep:A@2026-03-11 skipped the approval runs',
      'sweep:A@2026-03-12 published',
    ])
  })

  const refused = new CallFailure('fatal', { code: 'office.no-permission', message: '403' })

  test('a parked receipt of a sweep is not found again and again', async () => {
    house.office.agree('A', start - day)
    await house.ingress.receive('office-main', 'sweep', [{ ...push('A'), key: 'sweep:A', body: '{}' }])
    await house.quiet()
    house.office.agree('B', start - day, { amount: '0.00001' })
    await started()
    await pass(5 * day)
    expect(await house.story()).toEqual(['sweep:A published', 'sweep:B parked invalid'])
  })

  test('what a sweep found and could not read waits for a person, who may drop it for good', async () => {
    house.office.failures.push(refused)
    await house.ingress.receive('office-main', 'sweep', [{ ...push('A'), key: 'sweep:A', body: '{}' }])
    await house.quiet()
    house.office.agree('A', start - day)
    await started()
    await pass(3 * day)
    expect(await house.story()).toEqual(['sweep:A parked connection'])
    await house.ingress.parking.drop(1, { actor: 'li', reason: 'a test approval' })
    await pass(3 * day)
    expect(await house.story()).toEqual(['sweep:A skipped dropped'])
  })

  test('what was pushed, could not be read and was dropped is not found by a sweep', async () => {
    house.office.agree('A', start - day)
    house.office.failures.push(refused)
    await house.ingress.receive('office-main', 'push', [push('A', { event: 'event#1' })])
    await house.quiet()
    await house.ingress.parking.drop(1, { actor: 'li', reason: 'booked by hand' })
    await started()
    await pass(2 * day)
    expect(await house.story()).toEqual(['event#1 skipped dropped'])
  })

  test('other content under a known key can be dropped, and its document is found all the same', async () => {
    const running = house.office.submit('A', start - day)
    await house.ingress.receive('office-main', 'push', [{ ...push('A'), body: '{"id":"A"}' }])
    await house.ingress.receive('office-main', 'push', [{ ...push('A'), body: '{"other":"content"}' }])
    await house.quiet()
    await house.ingress.parking.drop(2, { actor: 'li', reason: 'the first one counts' })
    Object.assign(running, { result: 'agree', finishedAt: start })
    await started()
    expect((await house.story()).at(-1)).toBe('sweep:A published')
  })

  describe('leaves to a person', () => {
    test('what was pushed and parked, even when a sweep has found it before', async () => {
      house.office.agree('A', start - day)
      await house.ingress.receive('office-main', 'push', [push('A', { result: 'refuse' })])
      await house.ingress.start()
      const isParked = async (): Promise<boolean> => (await house.story())[0] === 'event-A parked conflict'
      for (let passed = 0; !(await isParked()); passed += minute) {
        expect(passed).toBeLessThan(hour)
        await house.clock.advance(minute)
        await house.until(() => true)
      }
      await pass(3 * day)
      expect(await house.story()).toEqual(['event-A parked conflict', 'sweep:A skipped parked before'])
      expect(await house.records()).toEqual([])
      await house.ingress.parking.retry(1, { actor: 'li', reason: 'the office has put it right' })
      house.office.agree('A', start - day, { result: 'refuse' })
      await pass(hour)
      expect((await house.story())[0]).toBe('event-A skipped where')
    })

    test('what was being read at the end of three lives', async () => {
      house.office.agree('A', start - day)
      house.office.close()
      await house.receive('A')
      const set = { detail: packMemory({ lives: 3 }) }
      await house.store.commit([{ update: 'receipts', where: { subject: 'A' }, set }])
      house.office.gate = () => Promise.resolve()
      await house.reopen()
      house.office.reads.length = 0
      await started()
      await pass(2 * day)
      expect(await house.story()).toEqual(['event-A parked poison'])
      expect(house.office.reads).toEqual([])
    })
  })

  describe('after a clock that was 20 days ahead was set right', () => {
    async function wasAhead(): Promise<void> {
      await started()
      house.clock.jump(20 * day)
      await pass(2 * hour)
      house.clock.jump(-20 * day)
      house.office.pages.length = 0
    }
    const lag = (): number | undefined => house.ingress.state().sources[0]?.lag

    test('finds what was lost meanwhile within the hour', async () => {
      await wasAhead()
      house.office.agree('A', house.clock.now())
      await pass(hour)
      expect(await house.story()).toEqual(['sweep:A published'])
    })

    test('looks at the start of the next life', async () => {
      await wasAhead()
      await house.reopen()
      await house.ingress.start()
      await house.until(() => isSwept())
    })

    test('looks when somebody asks', async () => {
      await wasAhead()
      house.ingress.catchUp()
      await house.clock.advance(0)
      await house.until(() => isSwept())
    })

    test('goes on as always once it has looked', async () => {
      await wasAhead()
      await pass(5 * hour)
      expect(house.office.pages.filter((page) => page.startsWith('PAY 2026-03-08'))).toHaveLength(5)
    })

    test('says that it may be behind by what nobody has looked at, until it has looked', async () => {
      await wasAhead()
      house.office.sink?.connected(0)
      expect(lag()).toBe(2 * day)
      await pass(hour)
      expect(lag()).toBe(0)
    })

    test('tries again as soon as it would have after a look that failed', async () => {
      await started()
      house.clock.jump(20 * day)
      house.office.failures.push(new CallFailure('transient', { code: 'office.down', message: '503' }))
      house.ingress.catchUp(undefined, true)
      await house.until(() => house.reported.includes('ingress.sweep-failed'))
      house.clock.jump(-20 * day)
      house.office.pages.length = 0
      await house.clock.advance(minute)
      expect(house.office.pages).toContainEqual(expect.stringMatching(/^PAY 2026-03-08/))
    })

    test('looks again at what was not final a day later', async () => {
      house.office.submit('A', start + hour)
      house.clock.jump(20 * day)
      await started()
      house.clock.jump(-20 * day)
      await pass(2 * hour)
      expect(await house.story()).toHaveLength(2)
    })
  })

  test('what was made before the cut-over and decided after it is found by the wide look', async () => {
    house.office.submit('A', Date.parse('2026-02-26T00:00:00Z'), {
      result: 'agree',
      finishedAt: Date.parse('2026-03-02T00:00:00Z'),
    })
    await started()
    expect(await house.receipts()).toEqual([])
    await pass(day + hour)
    expect(await house.story()).toEqual(['sweep:A published'])
  })

  test('a restart soon after looks nowhere, one after a while where the last look ended', async () => {
    await house.ingress.start()
    await house.until(async () => (await house.store.select('cursors', {})).length > 0)
    await house.reopen()
    await house.clock.advance(500)
    house.office.pages.length = 0
    await house.ingress.start()
    await house.clock.advance(400)
    expect(house.office.pages).toEqual([])
    await house.reopen()
    await house.clock.advance(10 * minute)
    house.office.agree('A', house.clock.now() - minute)
    await house.ingress.start()
    await house.until(() => isSwept())
    await house.until(async () => (await house.story())[0] === 'sweep:A published')
  })

  test('a hub that was off for longer than the window misses nothing', async () => {
    await started()
    house.office.agree('A', house.clock.now() + day)
    await house.reopen()
    await house.clock.advance(10 * day)
    house.office.pages.length = 0
    await house.ingress.start()
    await house.until(() => isSwept())
    expect(house.office.pages[0]).toBe('PAY 2026-03-10T07:50:00.000Z')
    await house.until(async () => (await house.story())[0] === 'sweep:A published')
  })

  test('a stream that was deaf for more than 30 s asks for a look, a shorter gap does not', async () => {
    await started()
    house.office.pages.length = 0
    house.office.sink?.connected(30_000)
    await house.clock.advance(2 * minute)
    expect(house.office.pages).toEqual([])
    house.office.sink?.connected(30_001)
    await house.clock.advance(minute)
    expect(house.office.pages).toHaveLength(1)
  })

  test('a sweep that was interrupted goes on where it was', async () => {
    const { office } = house
    for (const id of ['A', 'B', 'C', 'D', 'E']) office.agree(id, start - day)
    office.gate = () => (office.pages.length < 2 ? Promise.resolve() : new Promise(() => undefined))
    await house.ingress.start()
    await house.until(async () => (await house.store.select('cursors', {}))[0]?.value.endsWith(' 4') === true)
    house.office.gate = () => Promise.resolve()
    await house.reopen()
    house.office.pages.length = 0
    await started()
    expect(house.office.pages[0]).toBe('PAY 2026-03-01T00:00:00.000Z 4')
    await house.until(async () => (await house.records()).length === 5)
  })

  test('a place in the list that the vendor does not know any more is forgotten', async () => {
    for (const id of ['A', 'B', 'C']) house.office.agree(id, start - day)
    const cursor = {
      connection: 'office-main',
      name: `sweep approval PAY ${2 * day} begun`,
      value: `0 ${start} lost place`,
    }
    await house.store.commit([{ upsert: 'cursors', row: cursor }])
    house.office.failures.push(new CallFailure('invalid', { code: 'office.cursor', message: 'no such cursor' }))
    await house.ingress.start()
    await house.clock.advance(minute)
    await house.until(async () => (await house.records()).length === 3)
    expect(house.office.pages[0]).toBe('PAY 2026-03-01T00:00:00.000Z')
    expect((await house.store.select('cursors', {})).map(({ name }) => name)).not.toContain(cursor.name)
  })

  test('a sweep waits while too many receipts wait, and leaves room for pushes', async () => {
    await house.reopen({ waiting: 8 })
    for (const id of ['A', 'B', 'C', 'D', 'E', 'F', 'G']) house.office.agree(id, start - day)
    await house.ingress.start()
    await house.until(() => isSwept())
    const open = house.office.close()
    await house.ingress.receive(
      'office-main',
      'push',
      [1, 2, 3, 4].map((at) => push(`P${at}`, { form: 'PAY' })),
    )
    open()
    await pass(hour)
    expect((await house.story()).filter((line) => line.startsWith('sweep:'))).toHaveLength(7)
    expect(await house.records()).toHaveLength(7)
  })

  test('counting for a dry start makes no receipt and reads no document', async () => {
    for (const id of ['A', 'B', 'C']) house.office.agree(id, start - day)
    house.office.agree('old', start - 60 * day)
    expect(await house.ingress.countFirstSweeps()).toEqual([
      { connection: 'office-main', source: 'approval', form: 'PAY', documents: 3 },
    ])
    expect(await house.receipts()).toEqual([])
    expect(house.office.reads).toEqual([])
  })

  test('a source without a sweep is left alone', async () => {
    await house.reopen({ yaml: payments.replaceAll('source: approval', 'source: memo') })
    await house.ingress.start()
    await pass(2 * day)
    expect(house.office.pages).toEqual([])
  })
})
