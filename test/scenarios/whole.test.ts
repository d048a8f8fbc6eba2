import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { act, fault } from './append.ts'
import { post } from './push.ts'
import { rigFor, type Rig } from './rig.ts'
import { amounts, patience, receipts, runs, summaries, vouchers } from './seen.ts'

vi.setConfig({ testTimeout: 60_000 })

const approve = ({ dingtalk }: Rig, input: object): Promise<{ id: string; number: string }> =>
  act(dingtalk.url, 'approved-payment', { seed: 1, department: '市场部', ...input })

function fact<T>(name: string): T {
  const path = fileURLToPath(new URL(`../../connectors/dingtalk/facts/${name}`, import.meta.url))
  return JSON.parse(readFileSync(path, 'utf8')) as T
}

describe('from DingTalk to Kingdee', () => {
  test.concurrent('an approval becomes a voucher, whose summaries carry the approval number', async (context) => {
    const rig = await rigFor(context)
    const { number } = await approve(rig, {})
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    const said = vouchers(rig).flatMap(summaries)
    expect(said.length).toBeGreaterThan(1)
    expect(said.filter((summary) => !summary.includes(number))).toEqual([])
  })

  test.concurrent('the recorded push of the vendor, byte for byte, ends as one balanced voucher', async (context) => {
    const rig = await rigFor(context, { environment: { DINGTALK_MAX_AGE: 'none' } })
    const { request } = fact<{ request: { query: Record<string, string>; body: object } }>('http-push-exchange.json')
    const { response } = fact<{ response: { body: { result: object } } }>('api-process-instance-completed.json')
    const processCode = 'PROC-5C8E2B7A-41D9-4F60-9A3B-7E1D0C52F846'
    await act(rig.dingtalk.url, 'load', { instance: response.body.result, processCode })
    const push = { query: request.query, body: Buffer.from(JSON.stringify(request.body)) }
    const answer = await post(rig.hub, push)
    const parts = Object.keys((await answer.json()) as object).toSorted()
    expect([answer.status, parts]).toEqual([200, ['encrypt', 'msg_signature', 'nonce', 'timeStamp']])
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect((await post(rig.hub, push)).status).toBe(200)
    expect(await receipts(rig)).toEqual(['published'])
    expect(vouchers(rig).map(amounts)).toEqual([
      [
        ['2460.00', '0.00'],
        ['1380.00', '0.00'],
        ['486.50', '0.00'],
        ['0.00', '4326.50'],
      ],
    ])
  })

  test.concurrent('a withdrawal whose approval arrives only later leaves nothing behind', async (context) => {
    const rig = await rigFor(context)
    await fault(rig.dingtalk.url, { on: 'push', fault: 'lost-push', times: 2 })
    const { id } = await approve(rig, {})
    await act(rig.dingtalk.url, 'withdraw', { id })
    await context.expect.poll(() => runs(rig), patience).toEqual(['undo done'])
    rig.hub.parts.ingress.catchUp('dingtalk-main', true)
    await context.expect.poll(() => runs(rig), patience).toEqual(['undo done', 'flow skipped withdrawn'])
    expect(vouchers(rig)).toEqual([])
  })

  test.concurrent('a change after approval reverses the first voucher and posts the new amount', async (context) => {
    const rig = await rigFor(context)
    const { id } = await approve(rig, {})
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    const row = { 费用类型: '办公费', 摘要: '变更', '金额（元）': '888.00', 发生日期: '2026-11-01' }
    await act(rig.dingtalk.url, 'modify', { id, fields: { '付款总额（元）': '888.00', 费用明细: [row] } })
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'undo done', 'flow done'])
    expect(vouchers(rig).map((voucher) => amounts(voucher).at(-1))[2]).toEqual(['0.00', '888.00'])
  })
})
