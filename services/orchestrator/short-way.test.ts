import { afterEach, describe, expect, test } from 'vitest'
import { payment } from './test-payments.ts'
import { TestHub } from './test-hub.ts'

let hub: TestHub
afterEach(() => hub.close())

/** Tells others of a payment, one event for each currency there is a word for. */
const told = (steps: string): string => `
flow: told
on: approval.payment.approved
since: 2026-03-01T00:00:00Z
where: event.currency == "CNY"
key: event.approvalId
steps:
${steps}
  - emit: finance.voucher.created
    with:
      businessKey: = event.approvalId
      revision: = event.revision
      reference: = "R" + event.approvalId
      connection: books
      book: main
      date: = date(event.approvedAt, "UTC")
      period: = string(date(event.approvedAt, "UTC")).substring(0, 7)
      number: = event.approvalNo
      documentId: = event.approvalId
      status: saved
      currency: = event.currency
      amount: = event.amount
`
const adds = '  - check: event.lines.sum(l, l.amount) == event.amount'
const looksUp = '  - check: table("account", "travel") == "6602"'

const open = async (steps = adds): Promise<TestHub> =>
  (hub = await TestHub.open({ flows: [told(steps)], tables: { account: 'category,account\ntravel,6602\n' } }))
const rows = async (): Promise<string[]> =>
  (await hub.rows('runs')).filter(({ flow }) => flow !== '').map(({ key }) => key)
const counted = async (): Promise<Record<string, number>> => (await hub.totals()).short

describe('a flow that only computes and emits', () => {
  test('keeps no row of what passes, and counts it', async () => {
    await open()
    await hub.append(payment('A'), payment('B'), payment('C', { currency: 'EUR' }))
    expect([await rows(), await hub.emitted()]).toEqual([[], ['finance.voucher.created', 'finance.voucher.created']])
    expect(await counted()).toMatchObject({ 'done told': 2, 'skipped told': 1 })
  })

  test('makes a run of what fails, and of what comes behind it in its key', async () => {
    await open()
    await hub.append(payment('A', { lines: '90' }), payment('B'), payment('A', { document: 'again' }))
    await hub.append(payment('A', { document: 'later' }))
    expect(await rows()).toEqual(['A', 'A', 'A'])
    expect((await hub.parked()).reason).toBe('check-failed')
    expect(await hub.emitted()).toEqual(['finance.voucher.created'])
  })

  test('takes a changed document as a run: its first revision may have failed', async () => {
    await open()
    await hub.append(payment('A'), payment('A', { revision: 2 }))
    expect([await rows(), (await hub.emitted()).length]).toEqual([['A'], 2])
  })

  test('finds again what followed from an event', async () => {
    await open()
    await hub.append(payment('A'))
    const [cause, followed] = await hub.log.read({ from: 0, limit: 2 })
    const ids = await hub.orchestrator.passedIds(cause!)
    expect(ids).toEqual([hub.orchestrator.read(followed!).id])
  })

  test.each([1, 2])('loses and doubles nothing when it dies around its commit %i', async (commit) => {
    await open()
    for (const when of ['before', 'after'] as const) {
      hub.life.crash = { commit: hub.life.commits + commit, when }
      await hub.append(payment(`A-${when}`), payment(`B-${when}`))
      await hub.restart()
      await hub.world.quiet()
    }
    expect([(await hub.emitted()).length, await rows()]).toEqual([4, []])
    expect(await counted()).toMatchObject({ 'done told': 4 })
  })
})

test('a flow with a look-up that may miss keeps its runs', async () => {
  await open(looksUp)
  await hub.append(payment('A'))
  expect([await hub.runs(), (await hub.emitted()).length]).toEqual([['flow done'], 1])
})
