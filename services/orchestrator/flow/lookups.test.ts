import { afterEach, describe, expect, test } from 'vitest'
import { TestHub } from '../test-hub.ts'
import { flowWith } from '../test-lint.ts'
import { openPayments, payment } from '../test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const say = (expression: string): string => flowWith(`  - park: { message: "\${${expression}}" }\n`)

describe('table()', () => {
  const dated = 'id,name,from,to\nD1,old,2026-01-01,2026-03-10\nD1,new,2026-03-10,\n'

  test('gives the row that counts on the day, and the journal the version of the row', async () => {
    const flow = `${say(`table('department', event.department.id, date(event.approvedAt, 'UTC'))`)}`
    hub = await TestHub.open({ flows: [flow], tables: { department: dated } })
    await hub.append(payment('A'), payment('B', { at: '2026-03-09T00:00:00Z' }))
    const [a, b] = await hub.rows('runs')
    expect([a?.detail, b?.detail]).toEqual([expect.stringContaining('new'), expect.stringContaining('old')])
  })

  test('with several value columns gives them by name', async () => {
    hub = await TestHub.open({
      flows: [say(`table('account', event.lines[0].category).tax`)],
      tables: { account: 'category,account,tax\ntravel,6602,T9\n' },
    })
    await hub.append(payment('A'))
    expect((await hub.parked()).message).toBe('T9')
  })

  test('wakes by its own row only, however the key was spaced', async () => {
    hub = await openPayments()
    await hub.append(payment('A', { category: 'gifts ' }))
    expect((await hub.parked()).waits_for).toBe('table:["account","gifts"]')
    hub.setTable('account', 'category,account\ngifts,6605\n')
    expect(await hub.orchestrator.parking.wake(['table:["account","travel"]'], 'another row')).toBe(0)
    expect(await hub.orchestrator.parking.wake(['table:["account","gifts"]'], 'its row')).toBe(1)
    await hub.pass(1)
    expect(await hub.runs()).toEqual(['flow done'])
  })
})

describe('openDate()', () => {
  const ask = say(`string(openDate('books', 'main', date(event.approvedAt, 'UTC')))`)

  test('is the day itself, or the first day of the next open month', async () => {
    hub = await TestHub.open({ flows: [ask] })
    await hub.append(payment('A'))
    expect((await hub.parked()).message).toBe('2026-03-10')
    await hub.drop()
    hub.books.closed.add('2026-03')
    await hub.append(payment('B'))
    expect((await hub.parked()).message).toBe('2026-04-01')
  })

  test('parks as period-closed when the year has no open day left', async () => {
    hub = await TestHub.open({ flows: [ask] })
    for (const month of ['03', '04', '05', '06', '07', '08', '09', '10', '11', '12'])
      hub.books.closed.add(`2026-${month}`)
    await hub.append(payment('A'))
    expect(await hub.parked()).toMatchObject({ reason: 'period-closed', waits_for: 'period:books:main:2026-03-10' })
  })
})

describe('crosswalk()', () => {
  const opens = flowWith('  - { name: project, call: books/project.open, with: { name: = event.approvalNo } }\n')
  const asks = say(`crosswalk('project', event.approvalId, 'office', 'books')`).replace('flow: test', 'flow: ask')

  test('knows the id that an earlier run learned', async () => {
    hub = await TestHub.open({ flows: [opens, asks] })
    await hub.append(payment('A'))
    await hub.pass(1)
    expect((await hub.parked()).message).toBe(hub.books.ours('project')[0]?.id)
  })

  test('a run that waits for a pair goes on as soon as another run learns it', async () => {
    hub = await TestHub.open({ flows: [opens, asks] })
    hub.books.fault('project.open', { refuse: 'transient' })
    await hub.append(payment('A'))
    expect(await hub.parked()).toMatchObject({
      reason: 'unmapped',
      waits_for: 'crosswalk:["project","A","office","books"]',
    })
    await hub.pass(10_000)
    expect(await hub.runs()).toEqual(['flow done', 'flow parked human'])
  })

  test('or when the hub starts again, should it die before it has told', async () => {
    hub = await TestHub.open({ flows: [opens, asks] })
    hub.books.fault('project.open', { refuse: 'transient' })
    await hub.append(payment('A'))
    await hub.parked()
    // The commit that confirms the project is the last thing this life does.
    hub.life.crash = { commit: hub.life.commits + 2, when: 'after' }
    await Promise.race([hub.pass(10_000), hub.life.died])
    expect(hub.life.isDead).toBe(true)
    await hub.restart()
    await hub.pass(1)
    expect(await hub.runs()).toEqual(['flow done', 'flow parked human'])
  })
})
