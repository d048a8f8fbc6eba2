import { afterEach, describe, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith } from '../test-lint.ts'
import { openPayments, payment, withdrawal } from '../test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const day = `'= date(event.approvedAt, "UTC")'`
const save = (name: string): string =>
  `  - { name: ${name}, call: books/voucher.save, with: { day: ${day}, lines: [{ account: "1", amount: = event.amount }] } }\n`
const note = (more = ''): string => `  - { name: note, call: office/note.post, with: { text: hello }${more} }\n`

describe('before the first byte', () => {
  test('the row is on disk as sending, with body, reference, journal and times', async () => {
    hub = await openPayments()
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A'))
    const [effect] = await hub.rows('effects')
    const { uptime } = { uptime: hub.world.clock.uptime() }
    expect(effect).toMatchObject({
      state: 'sending',
      sends: 1,
      epoch: hub.store.epoch,
      boot: 'boot-simulated',
      send_by: uptime + 2_000,
      answer_by: uptime + 62_000,
    })
    expect(effect?.body).toContain(effect?.reference)
    expect(effect?.journal).toContain('look-up')
    expect((await hub.rows('runs'))[0]?.state).toBe('running')
  })

  test('one commit is waited for, and another one when it is settled', async () => {
    hub = await TestHub.open({ flows: [flowWith(save('voucher'))] })
    await hub.append(payment('A'))
    const before = hub.life.commits
    await hub.append(payment('B'))
    // Taken in, sent, settled.
    expect(hub.life.commits - before).toBe(3)
  })
})

describe('an effect that another run has made before', () => {
  test('counts for this one: nothing is sent twice, and the run resumes beside it', async () => {
    hub = await TestHub.open({ flows: [flowWith(save('first') + save('second'))] })
    await hub.append(payment('A'))
    const { documents } = hub.books
    // The run is gone from the store, its effects are not: as after a restore of half a backup.
    const [run] = await hub.rows('runs')
    await hub.store.commit([{ remove: 'runs', where: { id: run?.id ?? 0 } }])
    hub.books.fault('voucher.save', 'lose')
    await hub.append(payment('A', { document: 'again' }))
    await hub.restart()
    await hub.pass(600_000)
    expect([await hub.runs(), hub.books.documents.length]).toEqual([['flow done'], documents.length])
  })
})

describe('a notice', () => {
  test('that is refused gives way when it says so, and its run comes to the same end when it resumes', async () => {
    hub = await TestHub.open({ flows: [flowWith(note(', onTrouble: continue') + save('voucher'))] })
    hub.office.fault('note.post', { refuse: 'invalid' })
    hub.books.fault('voucher.save', 'lose-answer')
    await hub.append(payment('A'))
    await hub.restart()
    await hub.pass(600_000)
    expect([await hub.runs(), await hub.effects()]).toEqual([
      ['flow done'],
      ['note.post given up', 'voucher.save confirmed'],
    ])
  })

  test('that cannot even be prepared gives way without a row, and is not made later when its run resumes', async () => {
    hub = await TestHub.open({ flows: [flowWith(note(', onTrouble: continue') + save('voucher'))] })
    hub.office.well = false
    hub.books.fault('voucher.save', 'lose-answer')
    await hub.append(payment('A'))
    hub.office.well = true
    await hub.restart()
    await hub.pass(600_000)
    expect([await hub.runs(), await hub.effects(), hub.office.sends]).toEqual([
      ['flow done'],
      ['voucher.save confirmed'],
      [],
    ])
  })

  test('that was tried before and cannot be prepared any more is given up, with what this attempt has learned', async () => {
    const flow = `  - let: { account: 'table("account", event.lines[0].category)' }\n${note(', onTrouble: continue')}${save('voucher')}`
    hub = await TestHub.open({ flows: [flowWith(flow)], tables: { account: 'category,account\ntravel,1\n' } })
    hub.office.fault('note.post', { refuse: 'transient' })
    await hub.append(payment('A'))
    hub.office.well = false
    hub.setTable('account', 'category,account\ntravel,2\n')
    hub.books.fault('voucher.save', 'lose-answer')
    await hub.pass(20_000)
    await hub.restart()
    await hub.pass(600_000)
    expect([await hub.runs(), await hub.effects()]).toEqual([
      ['flow done'],
      ['note.post given up', 'voucher.save confirmed'],
    ])
  })

  test('that does not say so parks its run', async () => {
    hub = await TestHub.open({ flows: [flowWith(note())] })
    hub.office.fault('note.post', { refuse: 'invalid' })
    await hub.append(payment('A'))
    expect(await hub.runs()).toEqual(['flow parked rejected'])
  })

  test('in doubt is given up at once, never repeated, and the run goes on', async () => {
    hub = await TestHub.open({ flows: [flowWith(note() + save('voucher'))] })
    hub.office.fault('note.post', 'lose')
    await hub.append(payment('A'))
    await hub.pass(61_000)
    expect([await hub.runs(), await hub.effects(), hub.office.sends.length]).toEqual([
      ['flow done'],
      ['note.post given up', 'voucher.save confirmed'],
      1,
    ])
    expect((await hub.rows('traces')).map(({ what }) => what)).toEqual(['failed', 'given up'])
  })
})

describe('a document that is already as it should be', () => {
  test('is confirmed without a send, and undoes what it undoes', async () => {
    hub = await openPayments()
    await hub.append(payment('A'))
    const [voucher] = hub.books.ours()
    hub.books.make({ kind: 'reversal', reference: 'BY-HAND', day: '2026-03-10', content: '', of: voucher?.id ?? '' })
    await hub.append(withdrawal('A'))
    expect([await hub.runs(), hub.books.ours().length]).toEqual([['flow done', 'undo done'], 1])
    const [saved, , reversed] = await hub.rows('effects')
    expect(reversed).toMatchObject({ state: 'confirmed', sends: 0, sent_at: null })
    expect(saved?.undone_by).toBe(reversed?.reference)
    expect(await hub.emitted()).toEqual(['finance.voucher.created', 'finance.voucher.reversed'])
  })
})
