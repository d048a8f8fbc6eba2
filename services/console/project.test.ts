import { Decimal } from '@shuniu/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestHub, payment, reference, type TestHub } from './test-hub/index.ts'

let hub: TestHub
beforeEach(async () => void (hub = await openTestHub()))
afterEach(() => hub.close())

describe('tables', () => {
  test('are listed, shown with the version of each row, and set row by row', async () => {
    expect((await hub.get('/api/v1/tables')).json.items).toEqual([
      { name: 'expense-account', keys: ['category'], values: ['account'], dated: false, rows: 2 },
    ])
    const edit = { keys: ['广告费'], values: { account: '6602.09' }, actor: '王会计' }
    const { status, json } = await hub.post('/api/v1/tables/expense-account/set', edit)
    expect(status).toBe(200)
    expect(json.rows.at(-1)).toMatchObject({ keys: ['广告费'], values: { account: '6602.09' } })
    expect(json.rows.at(-1).version).toMatch(/^[\da-f]{16}$/)
  })

  test.each([{ keys: [] }, { keys: ['a'], values: { account: 1 } }, { keys: ['a'], values: {}, from: '2026-02-30' }])(
    'are not set by %j',
    async (body) => {
      expect((await hub.post('/api/v1/tables/expense-account/set', body)).status).toBe(422)
    },
  )
})

describe('the project in use', () => {
  test('says which number is active, and which one this process runs', async () => {
    expect((await hub.get('/api/v1/project')).json).toMatchObject({ number: 3, running: 2, actor: 'ann', files: {} })
  })

  test('is exchanged for the files that are meant, by their hash, with a reason', async () => {
    const hash = 'b'.repeat(64)
    expect((await hub.post('/api/v1/project/apply', { hash })).status).toBe(422)
    expect((await hub.post('/api/v1/project/apply', { hash, reason: 'new account' })).status).toBe(200)
    expect(hub.behind.applied).toEqual([hash])
  })
})

describe('the crosswalk', () => {
  const pair = {
    kind: 'project',
    from: { connection: 'dingtalk-main', id: 'D-7' },
    to: { connection: 'kingdee-main', id: 'P01' },
  }

  test('takes a pair, wakes who waits for it, and keeps who wrote it', async () => {
    expect((await hub.post('/api/v1/crosswalk', { ...pair, actor: '李', reason: 'new' })).json).toEqual(pair)
    expect(hub.behind.learned).toEqual([pair])
    expect((await hub.get('/api/v1/crosswalk?kind=project&id=D-7')).json.items).toEqual([pair])
    expect((await hub.get('/api/v1/audit')).json.items).toMatchObject([
      { actor: '李', action: 'crosswalk set', reason: 'new', detail: '{"before":null,"after":"P01"}' },
    ])
  })

  test('a second pair for the same thing takes the place of the first', async () => {
    await hub.post('/api/v1/crosswalk', pair)
    await hub.post('/api/v1/crosswalk', { ...pair, to: { ...pair.to, id: 'P02' } })
    const { items } = (await hub.get('/api/v1/crosswalk')).json
    expect(items).toEqual([{ ...pair, to: { connection: 'kingdee-main', id: 'P02' } }])
  })
})

describe('contracts', () => {
  test('are listed in the language of the request and shown with their schema', async () => {
    const { items } = (await hub.get('/api/v1/contracts?lang=en')).json
    expect(items.map(({ type }: { type: string }) => type)).toContain('finance.voucher.created')
    const { json } = await hub.get('/api/v1/contracts/approval.payment.approved')
    expect(json).toMatchObject({ key: 'approvalId', topic: 'approval.payment.approved.v1', schema: { type: 'record' } })
    expect((await hub.get('/api/v1/contracts/approval.payment.aproved')).json.code).toBe('contract.unknown')
  })
})

describe('a dry-run', () => {
  const event = {
    approvalId: 'a',
    revision: 1,
    approvalNo: 'No-a',
    approvedAt: '2026-11-20T02:00:00Z',
    department: { id: 'D' },
    currency: 'CNY',
    amount: '0.30',
    lines: [],
  }

  test('takes the data of a contract and answers in exact amounts', async () => {
    hub.behind.dry = {
      calls: [
        {
          step: 'voucher',
          connection: 'kingdee-main',
          operation: 'voucher.save',
          input: { debit: new Decimal('0.30') },
        },
      ],
      emits: [],
      park: { reason: 'unmapped', message: { en: 'no row', zh: '缺少行' } },
    }
    const { json } = await hub.post('/api/v1/flows/payment-to-voucher/dry-run?lang=en', { event })
    expect(json).toEqual({
      calls: [{ step: 'voucher', connection: 'kingdee-main', operation: 'voucher.save', input: { debit: '0.3' } }],
      emits: [],
      park: { reason: 'unmapped', message: 'no row' },
    })
  })

  test('an amount written as a JSON number keeps all its digits', async () => {
    const seen: unknown[] = []
    const { flows } = hub.ports
    const dryRun: typeof flows.dryRun = async (_flow, given) => {
      seen.push(String(given.data['amount']))
      return { calls: [], emits: [] }
    }
    const other = await openTestHub({ flows: { ...flows, dryRun } })
    const raw = JSON.stringify({ event }).replace('"0.30"', '9007199254740993.0001')
    const { status } = await other.post('/api/v1/flows/payment-to-voucher/dry-run', undefined, { raw })
    await other.close()
    expect([status, seen]).toEqual([200, ['9007199254740993.0001']])
  })

  test('a whole event of another type is refused, and so is data that breaks the contract', async () => {
    const other = { event: { type: 'finance.voucher.created', data: {} } }
    const path = '/api/v1/flows/payment-to-voucher/dry-run'
    expect((await hub.post(path, other)).json.code).toBe('api.other-event')
    expect((await hub.post(path, { event: { ...event, amount: 'much' } })).json.code).toBe('contract.invalid')
    expect((await hub.post('/api/v1/flows/paymnet/dry-run', { event })).json).toMatchObject({
      code: 'api.unknown-flow',
      help: expect.stringContaining('payment-to-voucher'),
    })
  })
})

describe('a replay', () => {
  beforeEach(async () => {
    const { rows } = hub
    for (const day of ['18', '19', '20']) {
      const { position } = await rows.event('approval.payment.approved', payment(`a-${day}`), {
        time: `2026-11-${day}T15:59:00Z`,
      })
      const run = await rows.run({ key: `a-${day}`, event: position })
      await rows.effect({ run, key: `a-${day}`, reference: reference(day), document_number: `记-${day}` })
    }
  })

  test('first shows what exists already and delivers nothing', async () => {
    const { json } = await hub.post('/api/v1/replay', { flow: 'payment-to-voucher', reason: 'look' })
    expect([json.events, json.delivered]).toEqual([3, 0])
    expect(json.existing.map(({ documentNumber }: { documentNumber: string }) => documentNumber)).toEqual([
      '记-18',
      '记-19',
      '记-20',
    ])
    expect(hub.behind.delivered).toEqual([])
  })

  test('claims no document for what is in doubt, refused, undone or a notice', async () => {
    const { position } = await hub.rows.event('approval.payment.approved', payment('a-21'), {
      time: '2026-11-21T15:59:00Z',
    })
    const run = await hub.rows.run({ key: 'a-21', event: position })
    for (const [last, row] of Object.entries({
      '21': { state: 'in doubt' },
      '22': { state: 'rejected' },
      '23': { undone_by: reference('99') },
      '24': { kind: 'notice' },
    }))
      await hub.rows.effect({ run, key: 'a-21', reference: reference(last), ...row })
    const { json } = await hub.post('/api/v1/replay', { flow: 'payment-to-voucher', key: 'a-21', reason: 'look' })
    expect(json.existing).toEqual([])
    expect(json.others.map(({ state }: { state: string }) => state)).toEqual([
      'in doubt',
      'rejected',
      'confirmed',
      'confirmed',
    ])
  })

  test('delivers what is asked for, in the order of the log, and is kept in the audit log', async () => {
    const ask = {
      flow: 'payment-to-voucher',
      from: '2026-11-19',
      to: '2026-11-20T15:59:00Z',
      apply: true,
      reason: 'lost a day',
    }
    const { json } = await hub.post('/api/v1/replay', ask)
    expect([json.events, json.delivered]).toEqual([1, 1])
    expect(hub.behind.delivered).toEqual([2])
    expect((await hub.get('/api/v1/audit')).json.items).toMatchObject([{ action: 'replay', reason: 'lost a day' }])
  })

  test('a bare day is a day of the project’s zone', async () => {
    const late = await hub.rows.event('approval.payment.approved', payment('late'), { time: '2026-11-20T16:00:00Z' })
    const ask = { flow: 'payment-to-voucher', from: '2026-11-21', apply: true, reason: 'x' }
    await hub.post('/api/v1/replay', ask)
    expect(hub.behind.delivered).toEqual([late.position])
  })

  test('can be asked for one business key', async () => {
    const { json } = await hub.post('/api/v1/replay', { flow: 'payment-to-voucher', key: 'a-19', reason: 'x' })
    expect(json.events).toBe(1)
  })

  test('L10 of more events than one replay may have delivers none', async () => {
    const [like] = await hub.ports.log.read({ from: 1, limit: 1 })
    if (!like) throw new Error('the log is empty')
    const eventId = (at: number): Uint8Array => Buffer.from(at.toString(16).padStart(32, '0'), 'hex')
    await hub.ports.log.append(Array.from({ length: 10_000 }, (_, at) => ({ ...like, eventId: eventId(at) })))
    const { status, json } = await hub.post('/api/v1/replay', {
      flow: 'payment-to-voucher',
      apply: true,
      reason: 'all',
    })
    expect([status, json.code]).toEqual([422, 'api.too-many-events'])
    expect(hub.behind.delivered).toEqual([])
  })

  test('L10 needs a reason and a flow that exists', async () => {
    expect((await hub.post('/api/v1/replay', { flow: 'payment-to-voucher' })).status).toBe(422)
    expect((await hub.post('/api/v1/replay', { flow: 'nothing', reason: 'x' })).json.code).toBe('api.unknown-flow')
  })
})

describe('what operators do', () => {
  test('a backup says where and how large, and is kept in the audit log', async () => {
    expect((await hub.post('/api/v1/backup', { file: '/var/backup/hub.db' })).json).toEqual({
      file: '/var/backup/hub.db',
      bytes: 4096,
    })
    expect((await hub.get('/api/v1/audit')).json.items).toMatchObject([
      { action: 'backup', target: '/var/backup/hub.db' },
    ])
  })

  test('resync mode is closed by a person with a reason', async () => {
    const ask = { reason: 'books agree', actor: '李' }
    expect((await hub.post('/api/v1/resync/close', ask)).json).toEqual({ resync: false })
    expect((await hub.post('/api/v1/resync/close', ask)).json.code).toBe('api.not-in-resync')
    expect(hub.behind.decisions).toEqual(['close resync 李 books agree'])
  })

  test('a connection is checked in words, discovered, swept, and sampled with a trace of who looked', async () => {
    const path = '/api/v1/connections/dingtalk-main'
    expect((await hub.post(`${path}/check?lang=en`)).json).toMatchObject({
      findings: [{ ok: false, what: 'No permission', help: 'Grant it' }],
    })
    expect((await hub.post(`${path}/discover`)).json.lists).toEqual({ accounts: [{ number: '6602.01' }] })
    expect((await hub.post(`${path}/sweep`)).json).toEqual({ begun: true })
    expect((await hub.post(`${path}/sample`, { last: 1, actor: '李' })).json).toEqual({
      documents: [{ amount: '12.5' }],
      events: [],
    })
    expect((await hub.get('/api/v1/audit')).json.items).toMatchObject([{ actor: '李', action: 'connection sample' }])
    expect((await hub.post(`${path}/sample`, { last: 1000 })).status).toBe(422)
  })

  test('a check says what a month costs in calls, for as many documents as are expected', async () => {
    const path = '/api/v1/connections/dingtalk-main/check'
    expect((await hub.post(`${path}?lang=zh`, { documentsPerDay: 10 })).json.forecast).toEqual({
      documentsPerDay: 10,
      forms: 1,
      calls: 300,
      perMonth: 5000,
      usedThisMonth: 12,
      lines: [{ what: '读取审批单', calls: 300 }],
    })
    expect((await hub.post(path)).json.forecast.documentsPerDay).toBe(50)
    expect((await hub.post(path, { documentsPerDay: 0 })).status).toBe(422)
  })
})
