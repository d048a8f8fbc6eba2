import { afterEach, describe, expect, test } from 'vitest'
import type { TestHub } from './test-hub.ts'
import { openPayments, payment, withdrawal } from './test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const minute = 60_000
const kinds = (): string[] => hub.books.ours().map(({ kind }) => kind)

describe('a reversal that was given up', () => {
  test('is begun anew by a later withdrawal: the document must not stay without a word', async () => {
    hub = await openPayments()
    await hub.append(payment('A'))
    hub.books.fault('voucher.reverse', { refuse: 'fatal' })
    await hub.append(payment('A', { revision: 2 }))
    // First the reversal, then the changed voucher: it stays at the first.
    await hub.drop()
    await hub.drop()
    expect(await hub.effects()).toContain('voucher.reverse given up')
    await hub.append(withdrawal('A', 2))
    expect([await hub.runs(), kinds()]).toEqual([
      ['flow done', 'undo skipped dropped', 'flow skipped dropped', 'undo done'],
      ['voucher', 'reversal'],
    ])
    expect((await hub.rows('effects')).at(-1)).toMatchObject({
      operation: 'voucher.reverse',
      state: 'confirmed',
      sends: 1,
    })
    expect(await hub.emitted()).toEqual(['finance.voucher.created', 'finance.voucher.reversed'])
  })

  test('is looked up like any other when its answer is lost then', async () => {
    hub = await openPayments()
    await hub.append(payment('A'))
    hub.books.fault('voucher.reverse', { refuse: 'fatal' }, 'lose-answer')
    await hub.append(withdrawal('A', 1, 'first'))
    await hub.drop()
    await hub.append(withdrawal('A', 1, 'second'))
    await hub.pass(10 * minute)
    expect([(await hub.runs()).at(-1), kinds()]).toEqual(['undo done', ['voucher', 'reversal']])
  })
})

describe('an undo that asks a person first', () => {
  async function inConflict(): Promise<string> {
    hub = await openPayments({ mode: 'park' })
    await hub.append(payment('A'))
    await hub.append(withdrawal('A'))
    expect(await hub.runs()).toEqual(['flow done', 'undo parked human'])
    hub.books.fault('voucher.reverse', 'lose-answer')
    hub.books.fault('voucher.reverse look-up', 'lose', 'lose', 'lose')
    await hub.retry()
    await hub.pass(minute + 500)
    const id = hub.books.ours('reversal')[0]?.id ?? ''
    hub.books.documents = hub.books.documents.map((one) => (one.id === id ? { ...one, content: 'changed' } : one))
    await hub.pass(10 * minute)
    expect(await hub.runs()).toEqual(['flow done', 'undo parked conflict'])
    return id
  }

  test('goes to its end when its conflict is resolved: it does not ask again, and tells of it once', async () => {
    const reversal = await inConflict()
    await hub.resolve(reversal, true)
    expect([await hub.runs(), await hub.emitted(), kinds()]).toEqual([
      ['flow done', 'undo done'],
      ['finance.voucher.created', 'finance.voucher.reversed'],
      ['voucher', 'reversal'],
    ])
  })

  test('does so after a restart, too', async () => {
    const reversal = await inConflict()
    await hub.restart()
    await hub.resolve(reversal, true)
    await hub.restart()
    await hub.pass(minute)
    expect([(await hub.runs()).at(-1), await hub.emitted()]).toEqual([
      'undo done',
      ['finance.voucher.created', 'finance.voucher.reversed'],
    ])
  })
})
