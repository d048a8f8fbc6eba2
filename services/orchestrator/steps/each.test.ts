import { Decimal, type HubEvent } from '@shuniu/contracts'
import { afterEach, describe, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith, lint } from '../test-lint.ts'
import { payment } from '../test-payments.ts'

let hub: TestHub | undefined
afterEach(async () => {
  await hub?.close()
  hub = undefined
})

/** A payment with one line for each memo. */
function paymentOf(key: string, ...memos: readonly string[]): HubEvent {
  const event = payment(key)
  const lines = memos.map((memo, at) => ({ category: 'travel', memo, amount: new Decimal(String(at + 1)), date: null }))
  return { ...event, data: { ...event.data, lines } }
}

const flow = flowWith(`  - each: event.lines as line
    by: line.memo
    steps:
      - name: voucher
        call: books/voucher.save
        with: { day: '= date(event.approvedAt, "UTC")', lines: [{ account: = line.memo, amount: = line.amount }] }
      - emit: finance.voucher.created
        with:
          { businessKey: = line.memo, revision: 1, reference: = voucher.reference, connection: books, book: main, date: = voucher.date, period: 2026-03, documentId: = voucher.id, status: saved, currency: CNY, amount: = line.amount }
`)

describe('each', () => {
  test('does the same for every item, in order, each with a document and an event of its own', async () => {
    hub = await TestHub.open({ flows: [flow] })
    await hub.append(paymentOf('A', 'x', 'y', 'z'))
    expect(hub.books.ours().map(({ content }) => content)).toEqual(['2026-03-10 1', '2026-03-10 2', '2026-03-10 3'])
    expect(new Set(hub.books.ours().map(({ reference }) => reference)).size).toBe(3)
    expect(await hub.emitted()).toHaveLength(3)
  })

  test.each([
    ['repeated', ['x', 'y', 'x']],
    ['empty', ['x', '']],
  ])('a %s key parks the run before anything of it is sent', async (_, memos) => {
    hub = await TestHub.open({ flows: [flow] })
    await hub.append(paymentOf('A', ...memos))
    expect([await hub.runs(), hub.books.sends]).toEqual([['flow parked invalid'], []])
  })

  test('one item that parks parks the run; what came before it is not made again', async () => {
    hub = await TestHub.open({ flows: [flow] })
    hub.books.fault('voucher.save', { refuse: 'transient' })
    await hub.append(paymentOf('A', 'x'))
    await hub.pass(10_000)
    hub.books.fault('voucher.save', 'lose-answer', { refuse: 'invalid' })
    await hub.append(paymentOf('B', 'x', 'y', 'z'))
    await hub.pass(600_000)
    expect(await hub.runs()).toEqual(['flow done', 'flow parked rejected'])
    await hub.restart()
    await hub.retry()
    expect([await hub.runs(), hub.books.ours().length]).toEqual([['flow done', 'flow done'], 4])
  })

  test('a list that is made by look-ups is told again from the journal', async () => {
    const yaml = flow.replace(
      'each: event.lines as line',
      'each: event.lines.filter(l, table("keep", l.memo) == "yes") as line',
    )
    hub = await TestHub.open({ flows: [yaml], tables: { keep: 'memo,keep\nx,yes\ny,no\nz,yes\n' } })
    hub.books.fault('voucher.save', 'lose-answer', 'lose-answer')
    await hub.append(paymentOf('A', 'x', 'y', 'z'))
    // The rows are others by the time the run is taken up again; what it has learned stays.
    hub.setTable('keep', 'memo,keep\nx,no\ny,yes\nz,no\n')
    await hub.restart()
    await hub.pass(600_000)
    expect([await hub.runs(), hub.books.ours().map(({ content }) => content)]).toEqual([
      ['flow done'],
      ['2026-03-10 1', '2026-03-10 3'],
    ])
  })

  test('what is no list when it comes to it parks the run, instead of being taken for an empty one', async () => {
    const yaml = flowWith(`  - let: { things: "dyn(event.currency)" }
  - each: things as thing
    by: thing
    steps: [{ park: { message: here } }]
`)
    hub = await TestHub.open({ flows: [yaml] })
    await hub.append(payment('A'))
    expect(await hub.runs()).toEqual(['flow parked invalid'])
  })
})

describe('lint', () => {
  const steps = '\n    steps: [{ park: { message: here } }]\n'

  test('`by` is mandatory', () => {
    expect(lint(flowWith(`  - each: event.lines as line${steps}`))).toEqual(['5:5 config.missing-key'])
  })

  test('a header is a list and a name', () => {
    expect(lint(flowWith(`  - each: event.lines\n    by: line.memo${steps}`))).toEqual(['5:11 flow.each-form'])
    expect(lint(flowWith(`  - each: event.amount as line\n    by: line.memo${steps}`))).toEqual([
      '5:11 expression.wrong-type',
    ])
  })

  test('the item has the fields of the list, behind the step it is unknown', () => {
    const yaml = flowWith(`  - each: event.lines as line
    by: line.nemo
    steps: [{ park: { message: "\${line.memmo}" } }]
  - park: { message: "\${line.memo}" }
`)
    expect(lint(yaml)).toEqual([
      '6:14 expression.unknown-field',
      '7:40 expression.unknown-field',
      '8:25 expression.unknown-name',
    ])
  })

  test('`by` holds no look-ups: a key that changes is none', () => {
    expect(lint(flowWith(`  - each: event.lines as line\n    by: table("account", line.category)${steps}`))).toEqual([
      '6:9 expression.lookup-not-allowed',
    ])
  })
})
