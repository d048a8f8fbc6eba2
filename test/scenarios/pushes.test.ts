import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { act, fault } from './append.ts'
import { api } from './api.ts'
import { finished, post, sealed, verdict } from './push.ts'
import { rigFor, type Rig } from './rig.ts'
import { live, patience, receipts, runs, summaries, vouchers } from './seen.ts'

vi.setConfig({ testTimeout: 60_000 })

const day = 86_400_000

interface Named {
  readonly id: string
  readonly number: string
}
const approve = ({ dingtalk }: Rig, input: object = {}): Promise<Named> =>
  act(dingtalk.url, 'approved-payment', { seed: 1, department: '市场部', ...input })

describe('a push', () => {
  test.concurrent('that comes twenty times at once is one receipt and one voucher', async (context) => {
    const rig = await rigFor(context)
    const text = finished(await approve(rig, { push: false }))
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => verdict(await post(rig.hub, sealed(text)))),
    )
    expect(new Set(answers)).toEqual(new Set(['200 success']))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect([await receipts(rig), vouchers(rig).length]).toEqual([['published'], 1])
  })

  test.concurrent('that comes again after 40 days, and after a restart, changes nothing', async (context) => {
    const rig = await rigFor(context, { environment: { DINGTALK_MAX_AGE: 'none' } })
    const then = Date.now() - 40 * day
    const approval = await approve(rig, { push: false, at: then })
    const first = finished(approval, { EventTime: then })
    const old = sealed(first, { timestamp: String(then) })
    expect(await verdict(await post(rig.hub, old))).toBe('200 success')
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    await rig.restart()
    expect(await verdict(await post(rig.hub, old))).toBe('200 success')
    // The vendor's own repeat of the fact, under another event id: another receipt, the same event, no second run.
    const again = finished(approval, { EventTime: Date.now(), eventId: 'another' })
    expect(await verdict(await post(rig.hub, sealed(again)))).toBe('200 success')
    await context.expect.poll(() => receipts(rig), patience).toEqual(['published', 'published'])
    expect([await runs(rig), vouchers(rig).length]).toEqual([['flow done'], 1])
    expect(await rig.hub.parts.store.select('events', { topic: 'approval.payment.approved.v1' })).toHaveLength(1)
  })

  test.concurrent('of a change that overtakes the approval it changes leaves the changed voucher alone', async (context) => {
    const rig = await rigFor(context)
    const approval = await approve(rig, { push: false })
    const row = { 费用类型: '办公费', 摘要: '变更', '金额（元）': '888.00', 发生日期: '2026-11-01' }
    const fields = { '付款总额（元）': '888.00', 费用明细: [row] }
    const change = await act<Named>(rig.dingtalk.url, 'modify', { id: approval.id, fields, push: false })
    await post(rig.hub, sealed(finished(change)))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    await post(rig.hub, sealed(finished(approval)))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow skipped superseded'])
    expect(live(rig).map((voucher) => summaries(voucher)[0])).toEqual([expect.stringContaining('变更')])
  })

  test.concurrent.for(['duplicate-push', 'reordered-push'])(
    'of the stream with %s ends as one voucher each',
    async (kind, context) => {
      const rig = await rigFor(context)
      await fault(rig.dingtalk.url, { on: 'push', fault: kind, times: 6 })
      await Promise.all([approve(rig), approve(rig, { seed: 2 }), approve(rig, { seed: 3 })])
      await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow done', 'flow done'])
      expect(vouchers(rig)).toHaveLength(3)
    },
  )

  test.concurrent('that was lost is found by a sweep that a person asks for', async (context) => {
    const rig = await rigFor(context)
    await approve(rig, { push: false })
    await api(rig, 'connections/dingtalk-main/sweep', {})
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    await api(rig, 'connections/dingtalk-main/sweep', {})
    expect(vouchers(rig)).toHaveLength(1)
  })

  test.concurrent('that was lost while no hub ran is found at the next start', async (context) => {
    const rig = await rigFor(context)
    await rig.hub.close()
    await approve(rig, { push: false })
    // A start within a second of the last look does not look again.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    await rig.restart()
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
  })
})

describe('what happened before the cut-over', () => {
  test.concurrent('of the connection is skipped as a receipt', async (context) => {
    const rig = await rigFor(context)
    const approval = await approve(rig, { push: false, at: '2025-12-31T15:59:00Z' })
    expect(await verdict(await post(rig.hub, sealed(finished(approval))))).toBe('200 success')
    await context.expect.poll(() => receipts(rig), patience).toEqual(['skipped before cut-over'])
    expect(await runs(rig)).toEqual([])
  })

  test.concurrent('of the flow is an event and a skipped run', async (context) => {
    const since = new Date(Date.now() - day).toISOString()
    const edit = {
      edit: (project: Rig['project']) =>
        project.replace('flows/payment-to-voucher.yaml', '2026-01-01T00:00:00+08:00', since),
    }
    const rig = await rigFor(context, edit)
    const approval = await approve(rig, { push: false, at: Date.now() - 2 * day })
    await post(rig.hub, sealed(finished(approval)))
    await context.expect.poll(() => receipts(rig), patience).toEqual(['published'])
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow skipped before cut-over'])
    expect(vouchers(rig)).toEqual([])
  })

  test.concurrent('but is changed after it waits for a person: its document was made without us', async (context) => {
    const rig = await rigFor(context)
    const approval = await approve(rig, { push: false, at: '2025-12-31T15:59:00Z' })
    const revocation = await act<Named>(rig.dingtalk.url, 'withdraw', { id: approval.id, push: false })
    await post(rig.hub, sealed(finished(revocation)))
    await context.expect.poll(() => receipts(rig), patience).toEqual(['parked human'])
  })
})

test('the recorded push of the vendor is what our own sealing makes', async () => {
  const path = fileURLToPath(new URL('../../connectors/dingtalk/facts/http-push-exchange.json', import.meta.url))
  const { request } = JSON.parse(readFileSync(path, 'utf8')) as {
    request: { query: Record<string, string>; body: { encrypt: string } }
  }
  const { timestamp = '', nonce = '' } = request.query
  expect(sealed('', { timestamp, nonce, encrypt: request.body.encrypt }).query['signature']).toBe(
    request.query['signature'],
  )
})
