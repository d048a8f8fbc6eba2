import { afterEach, describe, expect, test } from 'vitest'
import { openPayments, payment, payments } from './test-payments.ts'
import type { TestHub } from './test-hub.ts'

let hub: TestHub
afterEach(() => hub.close())

const ann = { actor: 'ann', reason: 'looked at it' }

describe('what nobody could understand when it came', () => {
  test('stays for a person while its flow is gone, and is taken in again when the flow is back', async () => {
    hub = await openPayments()
    // A key must not be empty.
    await hub.append(payment(''))
    expect(await hub.runs()).toEqual(['flow parked invalid'])
    hub.flows = []
    await hub.restart()
    await hub.retry()
    expect(await hub.parked()).toMatchObject({ reason: 'invalid', message: expect.stringContaining('does not exist') })
    hub.flows = [payments().replace('key: event.approvalId', 'key: event.approvalId + "-"')]
    await hub.restart()
    await hub.retry()
    expect(await hub.runs()).toEqual(['flow skipped taken in again', 'flow done'])
  })

  test('does not hold up another one of the same moment', async () => {
    hub = await openPayments()
    const unreadable = (at: number) => ({
      eventId: Uint8Array.of(1, 2, 3, 4, 5, 6, 0x70 + at, 9, 9, 9, 9, 9, 9, 9, 9, at),
      topic: 'approval.payment.approved.v1',
      key: 'A',
      time: 1,
      attributes: '{"ce_type":"approval.payment.approved"}',
      data: Uint8Array.of(0),
    })
    await hub.log.append([unreadable(1), unreadable(2)])
    await hub.world.quiet()
    const [first, second] = await hub.rows('runs')
    expect(first?.key_hash).toBe(second?.key_hash)
    await hub.orchestrator.parking.retry(second?.id ?? 0, ann)
    await hub.world.quiet()
    // Nobody can read it now either: it was tried, and stands where it stood.
    expect((await hub.rows('runs')).map(({ state, reason }) => `${state} ${reason}`)).toEqual([
      'parked poison',
      'parked poison',
    ])
  })
})

test('very many tags brought at once wake the run that waits for one of them', async () => {
  hub = await openPayments()
  await hub.append(payment('A', { category: 'gifts' }))
  hub.setTable('account', 'category,account\ngifts,6605\n')
  const tags = Array.from({ length: 60_000 }, (_, at) => `table:["account","other ${at}"]`)
  expect(await hub.orchestrator.parking.wake([...tags, 'table:["account","gifts"]'], 'rows changed')).toBe(1)
  await hub.pass(1)
  expect(await hub.runs()).toEqual(['flow done'])
})
