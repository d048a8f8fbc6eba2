import { Day, Decimal } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import type { Listed } from '@shuniu/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { at, journal, openTestHub, payment, reference, voucher, type TestHub } from './test-hub/index.ts'

let hub: TestHub
beforeEach(async () => void (hub = await openTestHub()))
afterEach(() => hub.close())

interface Given {
  readonly time?: string
  readonly date?: string
  readonly amount?: string
  readonly journal?: string
  readonly listed?: Partial<Listed> | undefined
}

/** An approved payment with its run, its ledger row and its voucher in the target. */
async function posted(end: string, given: Given = {}): Promise<number> {
  const { time = '2026-11-20T02:00:00Z', date = '2026-11-20', amount = '150.50' } = given
  const { position } = await hub.rows.event('approval.payment.approved', payment(`a-${end}`), { time })
  const number = `No-a-${end}`
  const run = await hub.rows.run({ key: `a-${end}`, event: position, number, created_at: at(time) + 4_000 })
  const body = packValue(voucher(date, amount))
  const more = given.journal === undefined ? {} : { journal: given.journal }
  await hub.rows.effect({
    run,
    key: `a-${end}`,
    number,
    reference: reference(end),
    document: end,
    document_number: `记-${end}`,
    body,
    created_at: at(time) + 5_000,
    ...more,
  })
  if (!('listed' in given && given.listed === undefined))
    hub.behind.target.push(document(end, { day: date, amount, ...given.listed }))
  return run
}

const document = (end: string, over: Partial<Listed> = {}): Listed => ({
  id: end,
  number: `记-${end}`,
  status: 'A',
  document: {},
  reference: reference(end),
  day: '2026-11-20',
  amount: '150.50',
  ...over,
})

async function reconciled(
  query = 'period=2026-11',
): Promise<{ findings: Record<string, string>[] } & Record<string, number>> {
  const { status, json } = await hub.get(`/api/v1/reconcile?${query}&lang=en`)
  expect(status).toBe(200)
  return json
}

test('a month in which all three agree has no finding', async () => {
  for (const end of ['1', '2', '3']) await posted(end)
  hub.behind.target.push(document('9', { reference: '' }), document('10', { reference: '手工' }))
  expect(await reconciled()).toEqual({
    period: '2026-11',
    approvals: 3,
    vouchers: 3,
    others: 2,
    underWay: 0,
    findings: [],
  })
})

test('a month is the business zone’s: a payment of 23:59 belongs to its own day', async () => {
  await posted('1', { time: '2026-10-31T16:00:00Z', date: '2026-11-01' })
  await posted('2', { time: '2026-10-31T15:59:59Z', date: '2026-10-31' })
  expect(await reconciled()).toMatchObject({ approvals: 1, vouchers: 1, findings: [] })
  expect(await reconciled('period=2026-10')).toMatchObject({ approvals: 1, vouchers: 1, findings: [] })
})

describe('missing', () => {
  test('an approval that came before its flow was on', async () => {
    await hub.rows.event('approval.payment.approved', payment('early'), { time: '2026-11-05T02:00:00Z' })
    await posted('1')
    const { findings } = await reconciled()
    expect(findings).toMatchObject([{ kind: 'missing', number: 'No-early', expected: '150.5' }])
    expect(findings[0]?.['proposal']).toContain('shuniu replay')
  })

  test('an approval that no flow takes', async () => {
    const event = await hub.rows.event('approval.payment.approved', payment('n'), { time: '2026-11-05T02:00:00Z' })
    await hub.rows.run({ flow: '', key: event.id, event: event.position, state: 'skipped', reason: 'no flow' })
    expect((await reconciled()).findings).toMatchObject([{ kind: 'missing', number: 'No-n' }])
  })

  test('one that is under way, or skipped for a reason, is none', async () => {
    for (const [key, state, reason] of [
      ['q', 'queued', null],
      ['w', 'skipped', 'where'],
      ['d', 'skipped', 'withdrawn'],
    ] as const) {
      const { position } = await hub.rows.event('approval.payment.approved', payment(key), {
        time: '2026-11-05T02:00:00Z',
      })
      await hub.rows.run({ key, event: position, state, reason })
    }
    expect(await reconciled()).toMatchObject({ approvals: 3, underWay: 1, findings: [] })
  })
})

test('doubled: two documents with one reference', async () => {
  await posted('1')
  hub.behind.target.push(document('1', { id: '77', number: '记-77' }))
  expect((await reconciled()).findings).toMatchObject([
    { kind: 'doubled', number: 'No-a-1', reference: reference('1'), found: '记-1, 记-77', connection: 'kingdee-main' },
  ])
})

describe('the amount differs', () => {
  test('when somebody changed the voucher in the target', async () => {
    await posted('1', { listed: { amount: '150.51' } })
    expect((await reconciled()).findings).toMatchObject([
      { kind: 'amount-differs', number: 'No-a-1', expected: '150.50', found: '150.51', document: '记-1' },
    ])
  })

  test('when the flow booked another amount than was approved', async () => {
    await posted('1', { amount: '150.05' })
    expect((await reconciled()).findings).toMatchObject([
      { kind: 'amount-differs', expected: '150.5', found: '150.05' },
    ])
  })

  test('but not when only the digits do, nor for a payment in several vouchers', async () => {
    await posted('1', { listed: { amount: '150.5000' } })
    const run = await posted('2', { amount: '100.00' })
    const body = packValue(voucher('2026-11-20', '50.50'))
    await hub.rows.effect({ run, key: 'a-2', number: 'No-a-2', reference: reference('3'), document: '3', body })
    hub.behind.target.push(document('3', { amount: '50.50' }))
    expect((await reconciled()).findings).toEqual([])
  })
})

describe('the period differs', () => {
  test('when somebody moved the voucher in the target', async () => {
    await posted('1', { listed: { day: '2026-12-02' } })
    expect((await reconciled()).findings).toMatchObject([
      { kind: 'period-differs', expected: '2026-11-20', found: '2026-12-02' },
    ])
  })

  test('when it was booked in another month than approved, without a closed period as the reason', async () => {
    await posted('1', { date: '2026-12-01' })
    expect((await reconciled()).findings).toMatchObject([
      { kind: 'period-differs', expected: '2026-11-20', found: '2026-12-01' },
    ])
  })

  test('also when the flow moved it to the first open day, which needs no correction', async () => {
    const moved = journal([
      { p: 'let 0 day', k: 'look-up', a: Day.parse('2026-12-01') ?? null, v: '2026-11 closed, 2026-12 open' },
    ])
    await posted('1', { date: '2026-12-01', journal: moved })
    const { findings } = await reconciled()
    expect(findings).toMatchObject([
      { kind: 'period-differs', number: 'No-a-1', expected: '2026-11-20', found: '2026-12-01', document: '记-1' },
    ])
    expect(findings[0]?.['proposal']).toContain('Its own month was closed')
    expect(await reconciled('period=2026-12')).toMatchObject({ approvals: 0, vouchers: 1, findings: [] })
  })
})

describe('unknown to us', () => {
  test('a document with a reference of ours that the ledger never made', async () => {
    hub.behind.target.push(document('5'))
    expect((await reconciled()).findings).toMatchObject([
      { kind: 'unknown-to-us', reference: reference('5'), document: '记-5', found: '2026-11-20 150.50' },
    ])
  })

  test('a document of an effect that was given up', async () => {
    await hub.rows.effect({ run: 1, key: 'g', number: 'No-g', reference: reference('6'), state: 'given up' })
    hub.behind.target.push(document('6'))
    const { findings } = await reconciled()
    expect(findings).toMatchObject([{ kind: 'unknown-to-us', number: 'No-g', expected: 'given up' }])
  })

  test('but not one that is being settled, nor one that was voided', async () => {
    await hub.rows.effect({ run: 1, key: 'd', reference: reference('7'), state: 'in doubt', settled_at: null })
    hub.behind.target.push(document('7'), document('8', { status: 'void' }))
    expect((await reconciled()).findings).toEqual([])
  })
})

describe('deleted', () => {
  test('a voucher that the ledger confirmed and the target has no more', async () => {
    await posted('1', { listed: undefined })
    expect((await reconciled()).findings).toMatchObject([
      { kind: 'deleted', number: 'No-a-1', reference: reference('1'), expected: '2026-11-20 150.50' },
    ])
  })

  test('a voucher whose reference another one carries now', async () => {
    await posted('1', { listed: { id: '77', number: '记-77' } })
    const { findings } = await reconciled()
    expect(findings).toMatchObject([{ kind: 'deleted', number: 'No-a-1', document: '记-1', found: '记-77' }])
    expect(findings[0]?.['proposal']).toContain('another carries its reference')
  })

  test('a voucher that was voided', async () => {
    await posted('1', { listed: { status: 'void' } })
    expect((await reconciled()).findings).toMatchObject([{ kind: 'deleted', found: 'void' }])
  })
})

test('parked runs and receipts of the month are shown with their next step', async () => {
  const { position } = await hub.rows.event('approval.payment.approved', payment('p'), { time: '2026-11-05T02:00:00Z' })
  const detail = packValue({ message: { en: 'no row', zh: '缺少行' } })
  await hub.rows.run({ key: 'p', event: position, number: 'No-p', state: 'parked', reason: 'unmapped', detail })
  await hub.rows.receipt({ subject: 'r', state: 'parked', reason: 'poison', detail })
  const { findings } = await reconciled()
  expect(findings).toMatchObject([
    { kind: 'parked', number: 'No-p', found: 'unmapped: no row' },
    { kind: 'parked', number: 'r', found: 'poison: no row' },
  ])
  expect(findings[0]?.['proposal']).toContain('tables set')
  expect((await reconciled('period=2026-10')).findings).toEqual([])
})

test('a reversal is compared like any other voucher', async () => {
  const run = await posted('1')
  await hub.rows.effect({
    run,
    key: 'a-1',
    reference: reference('2'),
    operation: 'voucher.reverse',
    document: '2',
    body: packValue(voucher('2026-11-21', '-150.50')),
  })
  hub.behind.target.push(document('2', { day: '2026-11-21', amount: '-150.50' }))
  expect((await reconciled()).findings).toEqual([])
})

test('T40 each planted difference is reported, and nothing else', async () => {
  const planted = new Map<string, string>()
  for (let at_ = 0; at_ < 60; at_++) {
    const end = String(1000 + at_)
    const amount = new Decimal('150.50').plus('0.01').toFixed(2)
    const plants: Given[] = [{}, { listed: { amount } }, { listed: undefined }, { listed: { day: '2026-10-31' } }]
    const kinds = [undefined, 'amount-differs', 'deleted', 'period-differs']
    await posted(end, plants[at_ % 4])
    const kind = kinds[at_ % 4]
    if (kind) planted.set(`No-a-${end}`, kind)
  }
  const { findings } = await reconciled()
  expect(new Map(findings.map(({ number, kind }) => [String(number), String(kind)]))).toEqual(planted)
  expect(findings).toHaveLength(planted.size)
})

test('only a connection that can be listed is asked for', async () => {
  expect((await hub.get('/api/v1/reconcile?period=2026-11&connection=nothing')).json.code).toBe(
    'api.unknown-connection',
  )
  expect((await hub.get('/api/v1/reconcile?period=2026-11&connection=kingdee-main')).status).toBe(200)
})
