import { afterEach, describe, expect, test } from 'vitest'
import type { TestHub } from '../test-hub.ts'
import { openPayments, payment } from '../test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const asked = (): number => hub.books.looks.filter((look) => look === 'has ours').length

describe('the first send of a store to a target', () => {
  test('asks once whether another installation was there, and goes on when none was', async () => {
    hub = await openPayments()
    await hub.append(payment('A'), payment('B'))
    expect([await hub.runs(), hub.resync, asked()]).toEqual([['flow done', 'flow done'], false, 1])
    await hub.restart()
    await hub.append(payment('C'))
    expect([hub.books.sends.length, asked()]).toEqual([3, 1])
  })

  test('a document of another installation is found, and not made again: resync', async () => {
    hub = await openPayments()
    await hub.append(payment('A'))
    const [made] = hub.books.ours()
    await hub.close()
    hub = await openPayments()
    if (made) hub.books.make(made)
    await hub.append(payment('A'), payment('B'))
    expect([hub.resync, hub.books.sends]).toEqual([true, []])
    expect(hub.reported).toContain('ledger.not-the-first {"connection":"books"}')
    await hub.pass(300_000)
    expect([await hub.runs(), hub.books.sends.length]).toEqual([['flow done', 'flow done'], 1])
  })

  test('waits while nobody can tell', async () => {
    hub = await openPayments()
    hub.books.fault('has ours', { refuse: 'transient' })
    await hub.append(payment('A'))
    expect([await hub.runs(), hub.books.sends]).toEqual([['flow waiting target.blind'], []])
    await hub.pass(60_000)
    expect([await hub.runs(), asked()]).toEqual([['flow done'], 2])
  })
})
