import { Decimal, Instant, contract, eventId, type HubEvent } from '@shuniu/contracts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { act, append, fault } from './append.ts'
import { openRig, payment, type Rig } from './rig.ts'

let rig: Rig
beforeEach(async () => void (rig = await openRig()))
afterEach(() => rig.close())

const patience = { timeout: 35_000, interval: 100 }
vi.setConfig({ testTimeout: 45_000 })
const vouchers = () => rig.kingdee.book.list('voucher').filter(({ reference }) => reference)
const live = () => vouchers().filter(({ status }) => status !== 'deleted')
async function standings(): Promise<string[]> {
  const rows = await rig.hub.parts.store.select('runs', {}, { order: { by: 'id' } })
  return rows.filter(({ flow }) => flow !== '').map(({ kind, state, reason }) => [kind, state, reason].filter(Boolean).join(' '))
}
const states = async () => (await rig.hub.parts.store.select('effects', { kind: 'money' })).map(({ state }) => state)
const settled = (...expected: string[]) => expect.poll(standings, patience).toEqual(expected)

function withdrawal(number: number, revision = '1'): HubEvent {
  const of = payment(number)
  const type = 'approval.payment.withdrawn'
  const time = new Instant(Date.now())
  const data = { approvalId: of.key, revision: new Decimal(revision), approvalNo: of.subject, withdrawnAt: time }
  const id = eventId({ time, connection: 'dingtalk-main', type, document: `${of.key}-revoke`, version: 'agree' })
  return { ...of, id, type, topic: contract(type).topic, time, data }
}

function changed(number: number, revision: string, amount: string): HubEvent {
  const of = payment(number)
  const lines = [{ category: '差旅费', memo: '改', amount: new Decimal(amount) }]
  const time = new Instant(of.time.ms + 1000 * Number(revision))
  const id = eventId({ time, connection: 'dingtalk-main', type: of.type, document: `${of.key}-${revision}`, version: 'agree' })
  return { ...of, id, time, data: { ...of.data, revision: new Decimal(revision), amount: new Decimal(amount), lines } }
}

describe('an approved payment', () => {
  test('becomes one saved voucher, and the approval carries a comment', async () => {
    await append(rig, payment(1))
    await settled('flow done')
    expect(live()).toHaveLength(1)
    expect(live()[0]).toMatchObject({ status: 'A', number: '记-2' })
  })

  test('met twice under two event ids is posted once', async () => {
    const again = { ...payment(1), id: eventId({ time: new Instant(5), connection: 'x', type: 'y', document: 'z', version: '' }) }
    await append(rig, payment(1), again)
    await settled('flow done', 'flow skipped duplicate')
    expect(live()).toHaveLength(1)
  })

  test('whose lines do not add up is parked, and nothing is sent', async () => {
    await append(rig, payment(1, { amount: new Decimal('150.51') }))
    await settled('flow parked check-failed')
    expect(vouchers()).toEqual([])
  })

  test('of an unmapped department wakes when its row appears, and only then', async () => {
    await append(rig, payment(1, { department: { id: '999', name: '新部门' } }))
    await settled('flow parked unmapped')
    await rig.hub.parts.orchestrator.parking.wake(['table:["department","777"]'], 'another row')
    await settled('flow parked unmapped')
    await rig.hub.parts.orchestrator.parking.wake(['table:["department","999"]'], 'its row')
    await settled('flow parked unmapped')
    expect(vouchers()).toEqual([])
  })
})

describe('in doubt', () => {
  test('a save that was executed and never answered is found and not sent again', async () => {
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'execute-then-timeout' })
    await append(rig, payment(1))
    await settled('flow done')
    expect(live()).toHaveLength(1)
  })

  test('a save that never arrived is shown absent after the quarantine, and sent again once', async () => {
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'reset-before' })
    await append(rig, payment(1))
    await expect.poll(states, patience).toEqual(['in doubt'])
    await settled('flow done')
    expect(live()).toHaveLength(1)
    expect((await rig.hub.parts.store.select('effects', { kind: 'money' }))[0]).toMatchObject({ sends: 2, absences: 0 })
  })

  test('a save executed long after the time-out is found, not doubled', async () => {
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'late', ms: 5_000 })
    await append(rig, payment(1))
    await settled('flow done')
    expect(live()).toHaveLength(1)
    expect((await rig.hub.parts.store.select('effects', { kind: 'money' }))[0]).toMatchObject({ sends: 1 })
  })

  test('a look-up that may not see proves nothing: the effect stays in doubt', async () => {
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'reset-before' })
    await fault(rig.kingdee.url, { on: 'voucher.find', fault: 'empty-query', times: 1000 })
    await append(rig, payment(1))
    await new Promise((resolve) => setTimeout(resolve, 14_000))
    expect(await states()).toEqual(['in doubt'])
    expect(vouchers()).toEqual([])
  })

  test('the hub restarts in the middle: the voucher is found, not doubled', async () => {
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'execute-then-timeout' })
    await fault(rig.kingdee.url, { on: 'voucher.find', fault: 'html-502' })
    await append(rig, payment(1))
    await expect.poll(states, patience).toEqual(['in doubt'])
    await rig.restart()
    await settled('flow done')
    expect(live()).toHaveLength(1)
  })
})

describe('a refusal', () => {
  test('by throttling waits and is posted once', async () => {
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'throttle' })
    await append(rig, payment(1))
    await settled('flow done')
    expect(live()).toHaveLength(1)
  })

  test('by an expired token logs in again and is posted once', async () => {
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'token-expired' })
    await append(rig, payment(1))
    await settled('flow done')
    expect(live()).toHaveLength(1)
  })

  test('by the target parks the run with its words, and retry posts it under the same reference', async () => {
    await act(rig.kingdee.url, 'lock-account', { account: '6602.01' })
    await append(rig, payment(1))
    await expect.poll(standings, patience).toEqual([expect.stringMatching(/^flow parked /)])
    await act(rig.kingdee.url, 'unlock-account', { account: '6602.01' })
  })
})

describe('a withdrawal', () => {
  test('before the voucher skips the run', async () => {
    await append(rig, withdrawal(1), payment(1))
    await settled('undo done', 'flow skipped withdrawn')
    expect(vouchers()).toEqual([])
  })

  test('after the voucher reverses it once, and the accounts are at zero', async () => {
    await append(rig, payment(1))
    await settled('flow done')
    await append(rig, withdrawal(1))
    await settled('flow done', 'undo done')
    expect(live()).toHaveLength(2)
    const entries = live().flatMap(({ body }) => (body as { FEntity: { FDEBIT: string; FCREDIT: string }[] }).FEntity)
    const total = entries.reduce((sum, { FDEBIT }) => sum.plus(new Decimal(FDEBIT)), new Decimal('0'))
    expect(total.toString()).toBe('0')
  })

  test('while the save is in doubt lets it settle first, then reverses it', async () => {
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'late', ms: 4_000 })
    await append(rig, payment(1))
    await expect.poll(states, patience).toEqual(['in doubt'])
    await append(rig, withdrawal(1))
    await expect.poll(async () => (await standings())[1], patience).toBe('undo done')
    expect(live()).toHaveLength(2)
  })

  test('of a save that never arrived gives it up', async () => {
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'reset-before' })
    await append(rig, payment(1))
    await expect.poll(states, patience).toEqual(['in doubt'])
    await append(rig, withdrawal(1))
    await settled('flow skipped withdrawn', 'undo done')
    expect([vouchers(), await states()]).toEqual([[], ['given up']])
  })

  test('of a parked run of which nothing exists ends it', async () => {
    await append(rig, payment(1, { amount: new Decimal('1') }))
    await settled('flow parked check-failed')
    await append(rig, withdrawal(1))
    await settled('flow skipped withdrawn', 'undo done')
  })
})

describe('a change after approval', () => {
  test('takes the first voucher back and posts the changed one', async () => {
    await append(rig, payment(1))
    await settled('flow done')
    await append(rig, changed(1, '2', '99.00'))
    await settled('flow done', 'undo done', 'flow done')
    expect(live()).toHaveLength(3)
  })

  test('that arrives first makes the older revision superseded', async () => {
    await append(rig, changed(1, '2', '99.00'))
    await settled('flow done')
    await append(rig, payment(1))
    await settled('flow done', 'flow skipped superseded')
    expect(live()).toHaveLength(1)
  })
})

test('totals of deliveries agree with the rows', async () => {
  await append(rig, payment(1), payment(2, { amount: new Decimal('1') }), payment(3))
  await settled('flow done', 'flow parked check-failed', 'flow done')
  const counters = Object.fromEntries((await rig.hub.parts.store.select('counters', {})).map(({ name, value }) => [name, value]))
  const rows = await rig.hub.parts.store.tally('runs', 'state')
  expect(counters['deliveries.accepted']).toBe(Object.values(rows).reduce((sum, count) => sum + count, 0))
  expect([counters['deliveries.done'], counters['deliveries.parked'], counters['deliveries.skipped']]).toEqual([rows['done'], rows['parked'], rows['skipped']])
})
