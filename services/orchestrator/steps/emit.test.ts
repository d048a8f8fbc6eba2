import { afterEach, describe, expect, test } from 'vitest'
import { unpackEntries } from '../run/journal.ts'
import { TestHub } from '../test-hub.ts'
import { flowWith, lint } from '../test-lint.ts'
import { openPayments, payment, withdrawal } from '../test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const event =
  '{ businessKey: = event.approvalId, revision: = event.revision, reference: "", connection: "", book: "", date: \'= date(event.approvedAt, "UTC")\', period: "", documentId: "", status: "", currency: CNY, amount: = event.amount }'
const emit = `  - emit: finance.voucher.created\n    with: ${event}\n`

describe('emit', () => {
  test('tells of the event that caused it, and has the same id whenever it is told', async () => {
    hub = await TestHub.open({ flows: [flowWith(emit)] })
    const cause = payment('A')
    await hub.append(cause)
    const records = await hub.log.read({ from: 0, limit: 10 })
    expect(JSON.parse(records[1]?.attributes ?? '')).toMatchObject({
      ce_type: 'finance.voucher.created',
      ce_source: '/flows/test',
      ce_causationid: cause.id,
      ce_correlationid: 'A',
    })
  })

  test('happens once, although the run is executed again', async () => {
    hub = await openPayments()
    hub.office.fault('note.post', { refuse: 'transient' }, { refuse: 'transient' })
    await hub.append(payment('A'))
    await hub.restart()
    await hub.pass(60_000)
    expect([await hub.emitted(), await hub.runs()]).toEqual([['finance.voucher.created'], ['flow done']])
  })

  test('is in the journal of its run, also when the run has ended with it', async () => {
    hub = await openPayments()
    await hub.append(payment('A'))
    await hub.append(withdrawal('A'))
    const [undo] = await hub.store.select('runs', { kind: 'undo' })
    const journal = await hub.store.select('journal', { run: undo?.id ?? 0 })
    expect([undo?.state, journal.flatMap(({ entries }) => unpackEntries(entries))]).toEqual([
      'done',
      [expect.objectContaining({ kind: 'emit', path: 'undo voucher emit' })],
    ])
  })

  test('what was learned behind it is learned afresh when the run is taken up again', async () => {
    const later =
      '  - let: { account: \'table("account", event.lines[0].category)\' }\n  - park: { message: "${account}" }\n'
    hub = await TestHub.open({ flows: [flowWith(emit + later)], tables: { account: 'category,account\ntravel,1\n' } })
    await hub.append(payment('A'))
    hub.setTable('account', 'category,account\ntravel,2\n')
    await hub.retry()
    expect((await hub.parked()).message).toBe('2')
    expect(await hub.emitted()).toHaveLength(1)
  })

  test('of a document that was withdrawn before says nothing', async () => {
    hub = await TestHub.open({
      flows: [flowWith(`${emit}  - park: { message: here }\n`).replace('steps:', `steps:\n${undoable}`)],
    })
    hub.books.fault('voucher.save', { refuse: 'transient' })
    await hub.append(payment('A'))
    await hub.append(withdrawal('A'))
    await hub.pass(60_000)
    expect([await hub.runs(), await hub.emitted()]).toEqual([['flow skipped withdrawn', 'undo done'], []])
  })
})

const undoable = `  - name: voucher
    call: books/voucher.save
    with: { day: '= date(event.approvedAt, "UTC")', lines: [] }
    undo: { on: approval.payment.withdrawn, call: books/voucher.reverse }`

test('lint: an event nobody knows, a field it does not have, one that is missing, one of another type', async () => {
  hub = await TestHub.open({ flows: [] })
  expect(lint(flowWith('  - emit: finance.voucher.crated\n    with: {}\n'))).toEqual(['5:11 flow.unknown-event'])
  expect(lint(flowWith(emit.replace('amount: = event.amount', 'amount: "12", amuont: = event.amount')))).toEqual([
    '6:219 template.wrong-type',
    '6:225 template.unknown-field',
  ])
  expect(lint(flowWith('  - emit: finance.voucher.created\n    with: { businessKey: = event.approvalId }\n'))[0]).toBe(
    '6:11 template.missing-field',
  )
})
