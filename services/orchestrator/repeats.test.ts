import { afterEach, expect, test } from 'vitest'
import type { TestHub } from './test-hub.ts'
import { openPayments, payment, withdrawal } from './test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

/** The log is read again from its beginning, and holds every event at another place than before. */
async function repeated(): Promise<void> {
  const moved = (await hub.rows('runs')).map(({ id, event }) => ({
    update: 'runs' as const,
    where: { id },
    set: { event: event + 1_000_000 },
  }))
  await hub.store.commit([...moved, { remove: 'positions', where: {} }])
  await hub.restart()
  await hub.pass(3_600_000)
}

test('an event that stands in the log a second time is nothing new: not even a skipped run', async () => {
  hub = await openPayments()
  await hub.append(payment('A'))
  await hub.pass(3_600_000)
  await repeated()
  expect(await hub.runs()).toEqual(['flow done'])
  expect(hub.books.ours()).toHaveLength(1)
  expect(await hub.rows('runs').then((rows) => rows.filter(({ flow }) => flow !== ''))).toHaveLength(1)
})

test('neither is a withdrawal', async () => {
  hub = await openPayments()
  await hub.append(payment('A'))
  await hub.pass(3_600_000)
  await hub.append(withdrawal('A'))
  await hub.pass(3_600_000)
  await repeated()
  expect(await hub.runs()).toEqual(['flow done', 'undo done'])
  expect(hub.books.ours().map(({ kind }) => kind)).toEqual(['voucher', 'reversal'])
})
