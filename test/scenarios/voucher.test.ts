import { Decimal, eventId, Instant } from '@shuniu/contracts'
import { describe, expect, test, vi } from 'vitest'
import { api } from './api.ts'
import { act, append, fault } from './append.ts'
import { changed, payment, withdrawal } from './events.ts'
import { rigFor } from './rig.ts'
import { amounts, live, patience, runs, vouchers } from './seen.ts'

vi.setConfig({ testTimeout: 60_000 })

describe('an approved payment', () => {
  test.concurrent('becomes one saved voucher, and the approval carries a comment', async (context) => {
    const rig = await rigFor(context)
    const { id } = await act<{ id: string }>(rig.dingtalk.url, 'approved-payment', {
      department: '市场部',
      push: false,
    })
    await append(rig, payment(1, { approvalId: id }))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect(live(rig)).toMatchObject([{ status: 'A', number: '记-2' }])
    expect(rig.dingtalk.book.list('comment')).toMatchObject([{ reference: id, body: { text: '已生成凭证 记-2' } }])
  })

  test.concurrent('met twice under two event ids is posted once', async (context) => {
    const rig = await rigFor(context)
    const other = { time: new Instant(5), connection: 'x', type: 'y', document: 'z', version: '' }
    await append(rig, payment(1), { ...payment(1), id: eventId(other) })
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow skipped duplicate'])
    expect(live(rig)).toHaveLength(1)
  })

  test.concurrent('whose lines do not add up is parked, and nothing is sent', async (context) => {
    const rig = await rigFor(context)
    await append(rig, payment(1, { amount: new Decimal('150.51') }))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked check-failed'])
    expect(vouchers(rig)).toEqual([])
  })

  test.concurrent('counts in the totals, which agree with the rows', async (context) => {
    const rig = await rigFor(context)
    const { store } = rig.hub.parts
    await append(rig, payment(1), payment(2, { amount: new Decimal('1') }), payment(3))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow parked check-failed', 'flow done'])
    const counters = Object.fromEntries((await store.select('counters', {})).map(({ name, value }) => [name, value]))
    const rows = await store.tally('runs', 'state')
    const { done, parked } = rows
    expect(counters).toMatchObject({
      'deliveries.accepted': Object.values(rows).reduce((sum, count) => sum + count, 0),
      'deliveries.done': done,
      'deliveries.parked': parked,
    })
  })
})

describe('a refusal', () => {
  test.concurrent.for(['throttle', 'token-expired'])('by %s waits, and is posted once', async (kind, context) => {
    const rig = await rigFor(context)
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: kind })
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect(live(rig)).toHaveLength(1)
  })

  test.concurrent('by the target parks the run, and a retry posts it under the same reference', async (context) => {
    const rig = await rigFor(context)
    const { store, orchestrator } = rig.hub.parts
    await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'refuse' })
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked rejected'])
    const [run] = await store.select('runs', { open: 'parked' })
    const [refused] = await store.select('effects', { kind: 'money' })
    await orchestrator.parking.retry(run?.id ?? 0, { actor: 'li', reason: 'corrected in Kingdee' })
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect(vouchers(rig).map(({ reference }) => reference)).toEqual([refused?.reference])
  })
})

describe('a target that is away', () => {
  test.concurrent('before anything is sent: the run waits, and goes on by itself', async (context) => {
    const rig = await rigFor(context)
    await fault(rig.kingdee.url, { on: '*', fault: 'html-502', times: 3 })
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect(live(rig)).toHaveLength(1)
  })
})

describe('a withdrawal', () => {
  test.concurrent('before the voucher skips the run', async (context) => {
    const rig = await rigFor(context)
    await append(rig, withdrawal(1), payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['undo done', 'flow skipped withdrawn'])
    expect(vouchers(rig)).toEqual([])
  })

  test.concurrent('after the voucher reverses it once, and the accounts are at zero', async (context) => {
    const rig = await rigFor(context)
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    await append(rig, withdrawal(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'undo done'])
    expect(live(rig)).toHaveLength(2)
    const debits = live(rig).flatMap((voucher) => amounts(voucher).map(([debit]) => new Decimal(debit)))
    expect(debits.reduce((sum, one) => sum.plus(one)).toString()).toBe('0')
    // The last thing its run did, and told all the same.
    expect(JSON.stringify(await api(rig, `trace/${payment(1).subject}`))).toContain('finance.voucher.reversed')
  })

  test.concurrent('of a parked run of which nothing exists ends it', async (context) => {
    const rig = await rigFor(context)
    await append(rig, payment(1, { amount: new Decimal('1') }))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked check-failed'])
    await append(rig, withdrawal(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow skipped withdrawn', 'undo done'])
  })
})

describe('a change after approval', () => {
  test.concurrent('takes the first voucher back, and only then posts the changed one', async (context) => {
    const rig = await rigFor(context)
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    await append(rig, changed(1, '2', '99.00'))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'undo done', 'flow done'])
    const debits = live(rig).map((voucher) => amounts(voucher)[0]?.[0])
    expect(debits).toEqual(['100.00', '-100.00', '99.00'])
  })

  test.concurrent('that arrives first makes the older revision superseded', async (context) => {
    const rig = await rigFor(context)
    await append(rig, changed(1, '2', '99.00'))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    await append(rig, payment(1))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow skipped superseded'])
    expect(live(rig)).toHaveLength(1)
  })
})
