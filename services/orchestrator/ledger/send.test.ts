import type { FailureClass } from '@shuniu/contracts'
import { unpackValue } from '@shuniu/infra/json'
import { afterEach, describe, expect, test } from 'vitest'
import type { TestHub } from '../test-hub.ts'
import { openPayments, payment, withdrawal } from '../test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const money = async () => (await hub.rows('effects')).filter(({ kind }) => kind === 'money')

describe('a send that certainly made nothing', () => {
  test.each<FailureClass>(['transient', 'throttled', 'auth'])('by %s waits, and is made once', async (refuse) => {
    hub = await openPayments()
    hub.books.fault('voucher.save', { refuse }, { refuse })
    await hub.append(payment('A'))
    expect((await money())[0]).toMatchObject({ state: 'prepared', attempts: 1, sends: 0 })
    expect(await hub.runs()).toEqual([`flow waiting target.${refuse}`])
    await hub.pass(60_000)
    expect([await hub.runs(), hub.books.ours().length]).toEqual([['flow done'], 1])
    expect((await money())[0]).toMatchObject({ state: 'confirmed', attempts: 2, sends: 1, error: null })
  })

  test('is not repeated before the time the vendor asked for', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', { refuse: 'throttled', retryAfter: 90_000 })
    await hub.append(payment('A'))
    await hub.pass(89_000)
    expect(hub.books.sends).toHaveLength(1)
    await hub.pass(3_000)
    expect(await hub.runs()).toEqual(['flow done'])
  })

  test('goes to a person after so many attempts, and tells which connection', async () => {
    hub = await openPayments()
    hub.books.weather = (operation) => (operation === 'voucher.save' ? { refuse: 'auth' } : undefined)
    await hub.append(payment('A'))
    await hub.pass(600_000)
    expect(await hub.parked()).toMatchObject({ reason: 'connection', waits_for: 'connection:books' })
    hub.books.weather = () => undefined
    await hub.orchestrator.parking.wake(['connection:books'], 'its check passes')
    await hub.pass(1)
    expect(await hub.runs()).toEqual(['flow done'])
  })

  test('attempts are counted from the last step that worked', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', { refuse: 'auth' }, { refuse: 'auth' })
    hub.office.fault('note.post', { refuse: 'auth' }, { refuse: 'auth' })
    await hub.append(payment('A'))
    await hub.pass(600_000)
    expect(await hub.effects()).toEqual(['voucher.save confirmed', 'note.post confirmed'])
  })
})

describe('a refusal by the target', () => {
  test('parks the run with its own words and help, and a retry builds it anew under the same reference', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', { refuse: 'invalid' })
    await hub.append(payment('A'))
    expect(await hub.parked()).toMatchObject({ reason: 'rejected', message: 'Refused: target.invalid. Mend it.' })
    const [refused] = await money()
    const [line] = await hub.store.select('traces', { effect: refused?.reference ?? '' })
    expect(line && unpackValue(line.detail)).toMatchObject({ class: 'invalid', day: '2026-03-10' })
    hub.setTable('account', 'category,account\ntravel,9999\n')
    await hub.retry()
    const [saved] = await money()
    expect([saved?.reference, saved?.state, saved?.sends]).toEqual([refused?.reference, 'confirmed', 1])
    expect(saved?.body).toContain('9999')
  })

  test('is period-closed only when a read says so', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', { refuse: 'invalid' })
    await hub.append(payment('A'))
    expect((await hub.parked()).reason).toBe('rejected')
    await hub.drop()
    hub.books.latency = () => 100
    await hub.append(payment('B'))
    // It is on its way when somebody closes the month.
    hub.books.closed.add('2026-03')
    await hub.pass(1_000)
    expect(await hub.parked()).toMatchObject({ reason: 'period-closed', waits_for: 'period:books:main:2026-03-10' })
  })
})

describe('an answer that does not come', () => {
  test('while the document is there is found at once, and sent once', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose-answer')
    await hub.append(payment('A'))
    await hub.pass(60_000)
    const looks = hub.books.looks.filter((look) => look.startsWith('voucher.save'))
    expect([await hub.runs(), hub.books.sends.length, looks.length]).toEqual([['flow done'], 1, 1])
  })

  test('and a document that comes late is found in time', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', { late: 100_000 })
    await hub.append(payment('A'))
    await hub.pass(600_000)
    expect([await hub.runs(), hub.books.sends.length, hub.books.ours().length]).toEqual([['flow done'], 1, 1])
  })

  test('is in doubt in the store before anybody looks', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    hub.books.latency = () => 100
    await hub.append(payment('A'))
    await hub.pass(60_300)
    expect((await money())[0]?.state).toBe('in doubt')
  })

  test('a target that says it has the document already is asked for it', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose-answer')
    await hub.append(payment('A'))
    hub.books.fault('voucher.save look-up', 'lose')
    hub.books.fault('voucher.save', { refuse: 'duplicate' })
    await hub.pass(600_000)
    expect([await hub.runs(), hub.books.ours().length]).toEqual([['flow done'], 1])
  })
})

describe('what is late', () => {
  test('does not leave: a process that was frozen between commit and write sends nothing, and prepares again', async () => {
    hub = await openPayments()
    // Three seconds pass on both clocks between the commit and the send.
    const { commit } = hub.life.store
    let frozen = false
    hub.life.store.commit = async (changes) => {
      const outcome = await commit(changes)
      if (!frozen && changes.some((one) => 'insert' in one && one.insert === 'effects')) {
        frozen = true
        hub.world.jump(3_000)
      }
      return outcome
    }
    await hub.append(payment('A'))
    expect([hub.books.sends, (await money())[0]?.state]).toEqual([[], 'prepared'])
    await hub.pass(10_000)
    expect([hub.books.sends.length, await hub.runs()]).toEqual([1, ['flow done']])
  })
})

describe('a withdrawal', () => {
  test('that comes while it is in doubt lets it settle, and nothing is sent again', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A'))
    await hub.pass(61_000)
    await hub.append(withdrawal('A'))
    await hub.pass(600_000)
    expect([await hub.runs(), hub.books.sends.length, await hub.effects()]).toEqual([
      ['flow skipped withdrawn', 'undo done'],
      1,
      ['voucher.save given up'],
    ])
  })

  test('that comes before the send is seen in the commit of the send', async () => {
    hub = await openPayments()
    hub.books.fault('read', { refuse: 'transient' })
    hub.books.fault('voucher.save', { refuse: 'transient' })
    await hub.append(payment('A'))
    await hub.append(withdrawal('A'))
    await hub.pass(600_000)
    expect([await hub.runs(), hub.books.sends.length]).toEqual([['flow skipped withdrawn', 'undo done'], 1])
  })
})
