import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Decimal } from '@shuniu/contracts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { act, fault } from './append.ts'
import { openRig, type Rig } from './rig.ts'

vi.setConfig({ testTimeout: 60_000 })
let rig: Rig
afterEach(() => rig.close())

const vouchers = () => rig.kingdee.book.list('voucher').filter(({ reference }) => reference)
const patience = { timeout: 30_000, interval: 100 }
const approve = (input: object) => act<{ id: string; number: string }>(rig.dingtalk.url, 'approved-payment', input)
const states = async () =>
  (await rig.hub.parts.store.select('runs', {}))
    .filter(({ flow }) => flow)
    .map(({ kind, state, reason }) => [kind, state, reason].filter(Boolean).join(' '))
const receipts = async () =>
  (await rig.hub.parts.store.select('receipts', {})).map(({ state, reason }) =>
    [state, reason].filter(Boolean).join(' '),
  )

const sample = (name: string): { [key: string]: never } =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../../connectors/dingtalk/facts/${name}`, import.meta.url)), 'utf8'))

describe('from DingTalk to Kingdee', () => {
  test('an approval becomes a voucher, whose summaries carry the approval number', async () => {
    rig = await openRig()
    const { number } = await approve({ seed: 1, department: '市场部' })
    await expect.poll(states, patience).toEqual(['flow done'])
    const [voucher] = vouchers()
    const lines = (voucher?.body as { FEntity: { FEXPLANATION: string }[] }).FEntity
    expect(lines.every(({ FEXPLANATION }) => FEXPLANATION.includes(number))).toBe(true)
  })

  test('the recorded push of the vendor, byte for byte, ends as one balanced voucher', async () => {
    rig = await openRig({ environment: { DINGTALK_MAX_AGE: 'none' } })
    const { request } = sample('http-push-exchange.json') as unknown as {
      request: { query: Record<string, string>; body: object }
    }
    const { response } = sample('api-process-instance-completed.json') as unknown as {
      response: { body: { result: object } }
    }
    await act(rig.dingtalk.url, 'load', {
      instance: response.body.result,
      processCode: 'PROC-5C8E2B7A-41D9-4F60-9A3B-7E1D0C52F846',
    })
    const post = () =>
      fetch(`${rig.hub.url}/hooks/dingtalk-main/callback?${new URLSearchParams(request.query)}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request.body),
      })
    const answer = await post()
    expect([answer.status, Object.keys((await answer.json()) as object).sort()]).toEqual([
      200,
      ['encrypt', 'msg_signature', 'nonce', 'timeStamp'],
    ])
    await expect.poll(states, patience).toEqual(['flow done'])
    expect((await post()).status).toBe(200)
    expect(await receipts()).toEqual(['published'])
    expect(
      vouchers().map(({ body }) =>
        (body as { FEntity: { FDEBIT: string; FCREDIT: string }[] }).FEntity.map(({ FDEBIT, FCREDIT }) => [
          FDEBIT,
          FCREDIT,
        ]),
      ),
    ).toEqual([
      [
        ['2460.00', '0.00'],
        ['1380.00', '0.00'],
        ['486.50', '0.00'],
        ['0.00', '4326.50'],
      ],
    ])
  })

  test('a duplicate push costs nothing, a lost one is found by a sweep', async () => {
    rig = await openRig()
    await fault(rig.dingtalk.url, { on: 'push', fault: 'duplicate-push' })
    await approve({ seed: 1, department: '市场部' })
    await expect.poll(states, patience).toEqual(['flow done'])
    await fault(rig.dingtalk.url, { on: 'push', fault: 'lost-push', times: 2 })
    await approve({ seed: 2, department: '市场部' })
    rig.hub.parts.ingress.catchUp('dingtalk-main', true)
    await expect.poll(states, patience).toEqual(['flow done', 'flow done'])
    expect(vouchers()).toHaveLength(2)
  })

  test('a withdrawal whose approval arrives only later leaves nothing behind', async () => {
    rig = await openRig()
    await fault(rig.dingtalk.url, { on: 'push', fault: 'lost-push', times: 2 })
    const { id } = await approve({ seed: 1, department: '市场部' })
    await act(rig.dingtalk.url, 'withdraw', { id })
    rig.hub.parts.ingress.catchUp('dingtalk-main', true)
    // The hub's own first sweep may have met the approval before its withdrawal: then a voucher was made and taken back.
    await expect
      .poll(async () => (await states()).toSorted(), patience)
      .toEqual([expect.stringMatching(/^flow (done|skipped withdrawn)$/), 'undo done'])
    const debits = vouchers().flatMap(({ body }) =>
      (body as { FEntity: { FDEBIT: string }[] }).FEntity.map(({ FDEBIT }) => new Decimal(FDEBIT)),
    )
    expect(debits.reduce((sum, debit) => sum.plus(debit), new Decimal('0')).toString()).toBe('0')
  })

  test('a change after approval reverses the first voucher and posts the new amount', async () => {
    rig = await openRig()
    const { id } = await approve({ seed: 1, department: '市场部' })
    await expect.poll(states, patience).toEqual(['flow done'])
    const row = { 费用类型: '办公费', 摘要: '变更', '金额（元）': '888.00', 发生日期: '2026-11-01' }
    await act(rig.dingtalk.url, 'modify', { id, fields: { '付款总额（元）': '888.00', 费用明细: [row] } })
    await expect.poll(states, patience).toEqual(['flow done', 'undo done', 'flow done'])
    expect(vouchers()).toHaveLength(3)
  })
})
