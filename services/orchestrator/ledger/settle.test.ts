import { afterEach, describe, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith } from '../test-lint.ts'
import { openPayments, payment } from '../test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const minute = 60_000
const effect = async () => {
  const [first] = await hub.rows('effects')
  if (!first) throw new Error('there is no effect')
  return first
}

describe('in doubt, at the default times: 60 s for an answer, 180 s of quarantine, two look-ups 10 s apart', () => {
  test('nothing is sent again before both look-ups have shown it absent behind the quarantine', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A'))
    const committed = hub.world.clock.uptime()
    // sendBy = 2 s after the commit, an answer by 60 s later, then the quarantine.
    const over = committed + 2_000 + 60_000 + 180_000
    await hub.pass(over - hub.world.clock.uptime() - 1)
    expect([hub.books.sends.length, (await effect()).absences]).toEqual([1, 0])
    await hub.pass(2)
    expect([hub.books.sends.length, (await effect()).absences]).toEqual([1, 1])
    await hub.pass(9_900)
    expect(hub.books.sends).toHaveLength(1)
    await hub.pass(200)
    expect([hub.books.sends.length, await hub.runs(), hub.books.ours().length]).toEqual([2, ['flow done'], 1])
    expect((await effect()).sends).toBe(2)
  })

  test('the second send has the same reference and the same body, though a table says otherwise by now', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A'))
    const { body, reference } = await effect()
    hub.setTable('account', 'category,account\ntravel,7777\n')
    await hub.pass(10 * minute)
    expect(await effect()).toMatchObject({ body, reference, state: 'confirmed' })
    expect(new Set(hub.books.sends).size).toBe(1)
  })

  test('look-ups come with growing gaps, and each leaves a line', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A'))
    await hub.pass(4 * minute)
    const lines = (await hub.rows('traces')).filter(({ what }) => what === 'look-up').map(({ at }) => at)
    const gaps = lines.slice(1).map((at, index) => at - (lines[index] ?? 0))
    expect(gaps).toEqual([500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 60_000])
  })

  test('it is sent four times at most; then a person decides, and a retry sends it anew', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose', 'lose', 'lose', 'lose')
    await hub.append(payment('A'))
    await hub.pass(60 * minute)
    expect([await hub.runs(), hub.books.sends.length]).toEqual([['flow parked in-doubt'], 4])
    expect((await hub.parked()).message).toContain('sent four times and never arrived')
    expect(await effect()).toMatchObject({ state: 'prepared', sends: 0 })
    await hub.retry()
    expect([await hub.runs(), hub.books.sends.length, hub.books.ours().length]).toEqual([['flow done'], 5, 1])
  })

  test('what was shown to have made nothing may be dropped', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose', 'lose', 'lose', 'lose')
    await hub.append(payment('A'))
    await hub.pass(60 * minute)
    await hub.drop()
    expect([await hub.runs(), (await effect()).state]).toEqual([['flow skipped dropped'], 'given up'])
  })
})

describe('what a look-up shows', () => {
  test.each([
    ['one that differs parks as conflict', 1, 'flow parked conflict'],
    ['several park as duplicate', 2, 'flow parked duplicate'],
  ])('%s, and nothing is sent', async (_, count, standing) => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A'))
    const { reference } = await effect()
    for (let made = 0; made < count; made++)
      hub.books.make({ kind: 'voucher', reference, day: '2026-03-10', content: '2026-03-10 1' })
    await hub.pass(10 * minute)
    expect([await hub.runs(), hub.books.sends.length, (await effect()).state]).toEqual([[standing], 1, 'in doubt'])
    expect(await hub.parked()).toMatchObject({ message: expect.stringContaining(reference) })
  })

  test('a conflict that somebody mends in the target is settled by a retry', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A'))
    const { reference, fingerprint } = await effect()
    hub.books.make({ kind: 'voucher', reference, day: '2026-03-10', content: '2026-03-10 1' })
    await hub.pass(10 * minute)
    hub.books.documents = hub.books.documents.filter((one) => one.reference !== reference)
    hub.books.make({ kind: 'voucher', reference, day: '2026-03-10', content: fingerprint })
    await hub.retry()
    expect(await hub.runs()).toEqual(['flow done'])
  })

  test('an empty answer that proves nothing never counts, however long it lasts', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose-answer')
    hub.books.weather = (operation) => (operation.endsWith('look-up') ? 'empty' : undefined)
    await hub.append(payment('A'))
    await hub.pass(24 * 60 * minute)
    expect([await hub.runs(), hub.books.sends.length]).toEqual([['flow waiting in doubt'], 1])
    hub.books.weather = () => undefined
    await hub.pass(2 * minute)
    expect([await hub.runs(), hub.books.ours().length]).toEqual([['flow done'], 1])
  })

  test('a look-up that fails says nothing', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose-answer')
    hub.books.fault('voucher.save look-up', ...Array.from({ length: 30 }, () => 'lose' as const))
    await hub.append(payment('A'))
    await hub.pass(60 * minute)
    expect([await hub.runs(), hub.books.sends.length, hub.books.ours().length]).toEqual([['flow done'], 1, 1])
  })

  test('a witness that was deleted is not asked for ever: another document is', async () => {
    hub = await openPayments()
    for (const key of ['A', 'B', 'C']) await hub.append(payment(key))
    // The newest of them is gone, as if a person had deleted it.
    hub.books.documents = hub.books.documents.filter(({ id }) => id !== hub.books.ours('voucher').at(-1)?.id)
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('D'))
    await hub.pass(10 * minute)
    expect((await hub.runs()).at(-1)).toBe('flow done')
  })
})

describe('after a reboot', () => {
  test('nobody knows how long it took: the quarantine begins afresh, and absences with it', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A'))
    // Just behind the first absence.
    await hub.pass(242_100)
    expect((await effect()).absences).toBe(1)
    hub.world.bootId = 'boot-2'
    await hub.restart()
    // What another machine sent may still be answered for as long as an answer takes.
    await hub.pass(241_000)
    expect([hub.books.sends.length, (await effect()).absences, (await effect()).boot]).toEqual([1, 0, 'boot-2'])
    await hub.pass(minute)
    expect([hub.books.sends.length, await hub.runs()]).toEqual([2, ['flow done']])
  })

  test('also when the first look-up behind it fails', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A'))
    await hub.pass(242_100)
    hub.world.bootId = 'boot-2'
    hub.books.fault('voucher.save look-up', 'lose')
    await hub.restart()
    await hub.pass(10_000)
    expect(await effect()).toMatchObject({ boot: 'boot-2', absences: 0, absent_at: null })
    await hub.pass(170_000)
    expect(hub.books.sends).toHaveLength(1)
  })
})

describe('in resync', () => {
  test('nothing is sent before its absence was shown, counted from this start', async () => {
    hub = await openPayments()
    hub.resync = true
    await hub.append(payment('A'))
    expect([hub.books.sends, (await effect()).state, (await effect()).sends]).toEqual([[], 'in doubt', 0])
    await hub.pass(189_000)
    expect(hub.books.sends).toEqual([])
    await hub.pass(minute)
    expect([hub.books.sends.length, await hub.runs()]).toEqual([1, ['flow done']])
  })

  test('a document that the lost data had made is found, and not made again', async () => {
    hub = await openPayments()
    await hub.append(payment('A'))
    const { reference, fingerprint } = await effect()
    await hub.close()
    hub = await openPayments()
    hub.books.make({ kind: 'voucher', reference, day: '2026-03-10', content: fingerprint })
    hub.resync = true
    await hub.append(payment('A'))
    expect([await hub.runs(), hub.books.sends]).toEqual([['flow done'], []])
  })

  test('with one look-up, as many runs at once as places do not wait for each other', async () => {
    hub = await openPayments({ places: 1, lookUps: 1 })
    hub.resync = true
    // By now the quarantine of this start is over: the first look-up shows what is absent.
    await hub.pass(4 * minute)
    await hub.append(payment('A'), payment('B'))
    await hub.pass(minute)
    expect([await hub.runs(), hub.books.ours().length]).toEqual([['flow done', 'flow done'], 2])
  })

  test('ends when a person says so', async () => {
    hub = await openPayments()
    hub.resync = true
    await hub.append(payment('A'))
    hub.resync = false
    await hub.append(payment('B'))
    expect(await hub.runs()).toEqual(['flow waiting in doubt', 'flow done'])
  })
})

describe('money that nobody can look up (grade C)', () => {
  const pay = flowWith('  - { name: pay, call: books/transfer.pay, with: { amount: = event.amount } }\n')

  test('is never sent again by itself: a person decides, with what could be it', async () => {
    hub = await TestHub.open({ flows: [pay] })
    hub.books.fault('transfer.pay', 'lose-answer')
    await hub.append(payment('A'))
    await hub.pass(60 * minute)
    expect([await hub.runs(), hub.books.sends.length]).toEqual([['flow parked in-doubt'], 1])
    expect((await hub.parked()).detail).toContain('transfer-2')
  })

  test('a retry is that person’s word that nothing came, and is kept as such', async () => {
    hub = await TestHub.open({ flows: [pay] })
    hub.books.fault('transfer.pay', 'lose')
    await hub.append(payment('A'))
    await hub.pass(2 * minute)
    await hub.retry()
    expect([await hub.runs(), hub.books.ours().length]).toEqual([['flow done'], 1])
    expect((await hub.rows('traces')).map(({ what }) => what)).toContain('absent, says a person')
  })

  test('is not dropped while nobody knows', async () => {
    hub = await TestHub.open({ flows: [pay] })
    hub.books.fault('transfer.pay', 'lose')
    await hub.append(payment('A'))
    await hub.pass(2 * minute)
    await expect(hub.drop()).rejects.toMatchObject({ code: 'park.effect-unsettled' })
  })
})
