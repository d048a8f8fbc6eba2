import { afterEach, describe, expect, test } from 'vitest'
import { openPayments, payment } from './test-payments.ts'
import type { TestHub } from './test-hub.ts'

let hub: TestHub
afterEach(() => hub.close())

describe('an approved payment', () => {
  test('becomes one voucher, one event and one note', async () => {
    hub = await openPayments()
    await hub.append(payment('A'))
    expect([await hub.runs(), hub.books.ours().length, await hub.emitted(), hub.office.ours().length]).toEqual([
      ['flow done'],
      1,
      ['finance.voucher.created'],
      1,
    ])
  })
})
