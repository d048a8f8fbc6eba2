import { packValue } from '@shuniu/infra/json'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openTestHub, payment, reference, type TestHub } from './test-hub/index.ts'

let hub: TestHub
const parks: Record<string, number> = {}
const detail = packValue({
  message: { en: 'Call 13812345678', zh: '请致电 13812345678' },
  step: 'voucher',
  code: 'x.y',
})

beforeAll(async () => {
  hub = await openTestHub()
  const { rows } = hub
  for (const number of ['1', '2', '3', '4', '5']) {
    const event = await rows.event('approval.payment.approved', payment(`a-${number}`), {
      time: `2026-11-20T02:00:0${number}Z`,
    })
    const run = await rows.run({ key: `a-${number}`, event: event.position, number: `No-${number}` })
    await rows.effect({
      run,
      key: `a-${number}`,
      number: `No-${number}`,
      reference: reference(number),
      document: number,
    })
    await rows.receipt({ subject: `a-${number}`, number: `No-${number}`, events: JSON.stringify([event.id]) })
  }
  const { position } = await rows.event('approval.payment.approved', payment('p'), { time: '2026-11-20T03:00:00Z' })
  const parked = { event: position, state: 'parked', detail } as const
  parks['unmapped'] = await rows.run({ ...parked, key: 'p-unmapped', reason: 'unmapped', number: 'No-p' })
  parks['doubt'] = await rows.run({ ...parked, key: 'p-doubt', reason: 'in-doubt' })
  await rows.effect({
    run: parks['doubt'],
    key: 'p-doubt',
    reference: reference('d'),
    state: 'in doubt',
    settled_at: null,
  })
  parks['undo'] = await rows.run({ ...parked, key: 'p-undo', reason: 'human', kind: 'undo' })
  parks['receipt'] = await rows.receipt({ subject: 'bad', state: 'parked', reason: 'poison', detail })
})
afterAll(() => hub.close())

describe('lists', () => {
  test('come in pages, newest first, each item once', async () => {
    const seen: number[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const { json } = await hub.get(`/api/v1/runs?limit=3${cursor && `&cursor=${cursor}`}`)
      expect(json.items.length).toBeLessThanOrEqual(3)
      seen.push(...json.items.map(({ id }: { id: number }) => id))
      cursor = json.next
    }
    expect(seen).toEqual(seen.toSorted((a, b) => b - a))
    expect(new Set(seen).size).toBe(8)
  })

  test('leave out what was nobody’s concern, say so, and show it when asked', async () => {
    const noise = await openTestHub()
    onTestFinished(() => noise.close())
    const { rows } = noise
    for (const number of ['1', '2', '3']) {
      const event = await rows.event('approval.payment.approved', payment(`a-${number}`), {
        time: `2026-11-20T02:00:0${number}Z`,
      })
      await rows.run({ key: `a-${number}`, event: event.position, number: `No-${number}` })
      await rows.run({ key: '', event: event.position, flow: '', state: 'skipped', reason: 'no flow' })
      await rows.receipt({ subject: `start-${number}`, state: 'skipped', number: null })
      await rows.receipt({ subject: `a-${number}`, number: `No-${number}` })
    }
    for (const what of ['runs', 'receipts']) {
      const read = async (query: string) => (await noise.get(`/api/v1/${what}${query}`)).json
      const { items, leftOut } = await read('')
      expect([items.length, leftOut], what).toEqual([3, 3])
      const page = await read('?limit=2')
      const rest = await read(`?limit=2&cursor=${page.next}`)
      expect([page.items.length, rest.items.length, page.leftOut + rest.leftOut], what).toEqual([2, 1, 3])
      expect((await read('?all=true')).items.length, what).toBe(6)
      expect((await read('?state=skipped')).items.length, what).toBe(3)
    }
  })

  test.each([
    ['/api/v1/runs?number=No-2', 1],
    ['/api/v1/runs?key=a-3', 1],
    ['/api/v1/runs?state=parked', 3],
    ['/api/v1/runs?state=parked&reason=human', 1],
    ['/api/v1/runs?state=done', 5],
    ['/api/v1/runs?flow=payment-to-voucher&state=done', 5],
    ['/api/v1/runs?flow=other', 0],
    ['/api/v1/effects?number=No-2', 1],
    ['/api/v1/effects?number=No-nothing', 0],
    ['/api/v1/effects?state=in%20doubt', 1],
    ['/api/v1/effects?state=confirmed&connection=kingdee-main', 5],
    ['/api/v1/effects?run=1', 1],
    [`/api/v1/effects?reference=${reference('4')}`, 1],
    ['/api/v1/receipts?number=No-2', 1],
    ['/api/v1/receipts?subject=a-5', 1],
    ['/api/v1/receipts?state=published&connection=dingtalk-main', 5],
    ['/api/v1/receipts?state=parked', 1],
  ])('%s finds %i', async (path, count) => {
    const { json } = await hub.get(path)
    expect(json.items).toHaveLength(count)
  })

  test('a run says what it is, without what only machines need', async () => {
    const { items } = (await hub.get('/api/v1/runs?number=No-p&lang=en')).json
    expect(items).toEqual([
      {
        id: parks['unmapped'],
        kind: 'flow',
        flow: 'payment-to-voucher',
        version: 'v1',
        key: 'p-unmapped',
        number: 'No-p',
        revision: 1,
        source: 'dingtalk-main',
        state: 'parked',
        reason: 'unmapped',
        message: 'Call 138****5678',
        step: 'voucher',
        attempts: 0,
        createdAt: '2026-11-20T02:00:04.000Z',
      },
    ])
  })

  test.each(["No-1' OR '1'='1", 'No-1"; --', "'; DROP TABLE runs; --", '%', '_'])(
    'L07 the number %j is compared, never executed',
    async (number) => {
      const { status, json } = await hub.get(`/api/v1/runs?number=${encodeURIComponent(number)}`)
      expect([status, json.items]).toEqual([200, []])
      expect((await hub.get('/api/v1/runs?state=done')).json.items).toHaveLength(5)
    },
  )

  test('a receipt never shows its body', async () => {
    await hub.rows.receipt({ subject: 'secret-body', key: 'sb', body: '{"password":"hunter2"}' })
    expect((await hub.get('/api/v1/receipts')).text).not.toContain('hunter2')
  })
})

describe('what waits for a person', () => {
  test('says what to do next, and what can be done', async () => {
    const { items } = (await hub.get('/api/v1/parked')).json
    expect(items.map(({ kind, id, reason, actions }: Record<string, unknown>) => [kind, id, reason, actions])).toEqual([
      ['run', parks['undo'], 'human', ['retry', 'resolve', 'drop']],
      ['run', parks['doubt'], 'in-doubt', ['retry', 'resolve']],
      ['run', parks['unmapped'], 'unmapped', ['retry', 'drop']],
      ['receipt', parks['receipt'], 'poison', ['retry', 'drop']],
    ])
    expect(items[1]).toMatchObject({ effect: reference('d'), message: '请致电 138****5678' })
    expect(items[2].next).toContain('tables set')
    expect(items[3]).toMatchObject({ connection: 'dingtalk-main', next: expect.stringContaining('原始数据已保留') })
  })

  test('comes in pages over runs and receipts', async () => {
    const seen: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const { json } = await hub.get(`/api/v1/parked?limit=1${cursor && `&cursor=${cursor}`}`)
      seen.push(...json.items.map(({ kind, id }: { kind: string; id: number }) => `${kind} ${id}`))
      cursor = json.next
    }
    expect(seen).toEqual([
      `run ${parks['undo']}`,
      `run ${parks['doubt']}`,
      `run ${parks['unmapped']}`,
      `receipt ${parks['receipt']}`,
    ])
  })

  test('can be asked for by reason', async () => {
    expect((await hub.get('/api/v1/parked?reason=poison')).json.items).toHaveLength(1)
  })

  test('is decided by whoever is named, with a reason', async () => {
    const { behind } = hub
    behind.decisions.length = 0
    const answers = [
      await hub.post(`/api/v1/parked/run/${parks['undo']}/retry`, { reason: '已确认', actor: '王会计' }),
      await hub.post(`/api/v1/parked/run/${parks['doubt']}/resolve`, {
        document: '记-27',
        reason: 'seen',
        accept: true,
      }),
      await hub.post(`/api/v1/parked/receipt/${parks['receipt']}/drop`, { reason: 'a test' }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers[0]?.json).toEqual({ kind: 'run', id: parks['undo'], state: 'parked' })
    expect(behind.decisions).toEqual([
      `retry run ${parks['undo']} 王会计 已确认`,
      `resolve run ${parks['doubt']} 记-27 true api seen`,
      `drop receipt ${parks['receipt']} api a test`,
    ])
  })

  test.each([
    ['/api/v1/parked/run/1/drop', {}],
    ['/api/v1/parked/run/1/drop', { reason: '' }],
    ['/api/v1/parked/run/abc/drop', { reason: 'x' }],
    ['/api/v1/parked/effect/1/drop', { reason: 'x' }],
    ['/api/v1/parked/run/1/resolve', { reason: 'x' }],
  ])('is not decided by %s with %j', async (path, body) => {
    hub.behind.decisions.length = 0
    expect((await hub.post(path, body)).status).toBe(422)
    expect(hub.behind.decisions).toEqual([])
  })

  test('a receipt is not resolved with a document', async () => {
    expect((await hub.post('/api/v1/parked/receipt/1/resolve', { document: '1', reason: 'x' })).status).toBe(404)
  })
})
