import { afterEach, describe, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith } from '../test-lint.ts'
import { payment, withdrawal } from '../test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const save = flowWith(`  - name: voucher
    call: books/voucher.save
    with: { day: '= date(event.approvedAt, "UTC")', lines: [] }
    undo: { on: approval.payment.withdrawn, call: books/voucher.reverse, mode: auto }
`).replace('steps:', 'key: event.approvalId\nsteps:')
const note = flowWith('  - { name: note, call: office/note.post, with: { text: hello } }\n').replace(
  'flow: test',
  'flow: note',
)

/** A hub that has sent before, to books that take a second for each answer from now on. */
async function openSlow(): Promise<TestHub> {
  const opened = await TestHub.open({ flows: [save], concurrency: 20 })
  await opened.append(payment('first'))
  opened.books.latency = () => 1_000
  return opened
}

describe('a turn at a connection', () => {
  test('no more calls go out at once than it allows', async () => {
    hub = await openSlow()
    await hub.append(...Array.from({ length: 10 }, (_, at) => payment(`K${at}`)))
    expect(hub.books.sends).toHaveLength(1 + 4)
    await hub.pass(1_000)
    expect(hub.books.sends).toHaveLength(1 + 8)
    await hub.pass(2_000)
    expect(hub.books.ours()).toHaveLength(1 + 10)
  })

  test('runs that wait for a slow system do not hold up those of another', async () => {
    hub = await TestHub.open({ flows: [save, note], concurrency: 6 })
    hub.books.latency = () => 30_000
    await hub.append(...Array.from({ length: 20 }, (_, at) => payment(`K${at}`)))
    await hub.pass(1_000)
    expect([hub.office.ours().length, hub.books.ours().length]).toEqual([20, 0])
  })

  test('a system that never says which day is open holds up none but its own', async () => {
    const asks = flowWith(`  - let: { day: 'openDate("books", "main", date(event.approvedAt, "UTC"))' }\n`)
    hub = await TestHub.open({ flows: [asks, note], concurrency: 6 })
    hub.books.answersPeriods = () => new Promise(() => undefined)
    await hub.append(...Array.from({ length: 20 }, (_, at) => payment(`K${at}`)))
    expect(hub.office.ours()).toHaveLength(20)
  })

  test('nor does one that never answers a look-up of what is in doubt', async () => {
    hub = await TestHub.open({ flows: [save, note], concurrency: 3 })
    hub.books.weather = (operation) => (operation === 'voucher.save' ? 'lose' : undefined)
    await hub.append(...Array.from({ length: 4 }, (_, at) => payment(`K${at}`)))
    hub.books.latency = () => 3_600_000
    await hub.pass(90_000)
    expect(await hub.effects()).toContain('voucher.save in doubt')
    await hub.append(payment('L'))
    expect(hub.office.ours()).toHaveLength(5)
  })

  test('more runs than a connection has room for wait out of hand, others pass, and all are done in the end', async () => {
    hub = await TestHub.open({ flows: [save, note], concurrency: 64, places: 32 })
    await hub.append(payment('first'))
    hub.books.latency = () => 1_000
    const many = 1_100
    await hub.append(...Array.from({ length: many }, (_, at) => payment(`K${at}`)))
    expect(hub.office.ours()).toHaveLength(1 + many)
    expect(await hub.store.tally('runs', 'reason', { state: 'waiting' })).toEqual({ 'connection busy': many - 1_024 })
    expect(hub.orchestrator.state()).toMatchObject({ underWay: 1_024 })
    // Withdrawn, it ends at once; what has to be undone takes its turn.
    await hub.append(withdrawal('K1099'), withdrawal('first'))
    expect(await hub.store.select('runs', { flow: 'test', key: 'K1099' })).toMatchObject([
      { kind: 'flow', state: 'skipped', reason: 'withdrawn' },
      { kind: 'undo', state: 'done' },
    ])
    await hub.pass(60_000)
    expect([hub.books.sends.length, hub.orchestrator.state().open]).toEqual([1 + many, 0])
    const sent = (await hub.rows('effects')).filter(({ connection }) => connection === 'books')
    expect(sent.slice(-3).map(({ key, operation }) => `${operation} ${key}`)).toEqual([
      'voucher.save K1097',
      'voucher.save K1098',
      'voucher.reverse first',
    ])
  })

  test('who waits for one when the hub stops goes home, and its run goes on in the next life', async () => {
    hub = await openSlow()
    await hub.append(...Array.from({ length: 6 }, (_, at) => payment(`K${at}`)))
    const closed = hub.orchestrator.close()
    await hub.pass(1_500)
    await closed
    expect(hub.books.sends).toHaveLength(1 + 4)
    await hub.restart()
    await hub.pass(20_000)
    expect([hub.books.ours().length, await hub.effects()]).toEqual([7, Array(7).fill('voucher.save confirmed')])
  })
})
