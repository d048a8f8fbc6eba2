import { afterEach, describe, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith } from '../test-lint.ts'
import { payment } from '../test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const save = flowWith(
  `  - { name: voucher, call: books/voucher.save, with: { day: '= date(event.approvedAt, "UTC")', lines: [] } }\n`,
)
const note = flowWith('  - { name: note, call: office/note.post, with: { text: hello } }\n').replace(
  'flow: test',
  'flow: note',
)

describe('a turn at a connection', () => {
  test('no more calls go out at once than it allows', async () => {
    hub = await TestHub.open({ flows: [save], concurrency: 20 })
    hub.books.latency = () => 1_000
    await hub.append(...Array.from({ length: 10 }, (_, at) => payment(`K${at}`)))
    expect(hub.books.sends).toHaveLength(4)
    await hub.pass(1_000)
    expect(hub.books.sends).toHaveLength(8)
    await hub.pass(2_000)
    expect(hub.books.ours()).toHaveLength(10)
  })

  test('runs that wait for a slow system do not hold up those of another', async () => {
    hub = await TestHub.open({ flows: [save, note], concurrency: 6 })
    hub.books.latency = () => 30_000
    await hub.append(...Array.from({ length: 20 }, (_, at) => payment(`K${at}`)))
    await hub.pass(1_000)
    expect([hub.office.ours().length, hub.books.ours().length]).toEqual([20, 0])
  })

  test('who waits for one when the hub stops goes home, and its run goes on in the next life', async () => {
    hub = await TestHub.open({ flows: [save], concurrency: 20 })
    hub.books.latency = () => 1_000
    await hub.append(...Array.from({ length: 6 }, (_, at) => payment(`K${at}`)))
    const closed = hub.orchestrator.close()
    await hub.pass(1_500)
    await closed
    expect(hub.books.sends).toHaveLength(4)
    await hub.restart()
    await hub.pass(20_000)
    expect([hub.books.ours().length, await hub.effects()]).toEqual([6, Array(6).fill('voucher.save confirmed')])
  })
})
