import { Decimal } from '@shuniu/contracts'
import { describe, expect, test, vi } from 'vitest'
import { act, append } from './append.ts'
import { payment } from './events.ts'
import { finished, post, sealed, verdict } from './push.ts'
import { rigFor } from './rig.ts'
import { amounts, live, patience, receipts, runs, summaries } from './seen.ts'

vi.setConfig({ testTimeout: 60_000 })

const line = (memo: string, amount = '1.00') => ({ category: '办公费', memo, amount: new Decimal(amount) })

describe('F: hostile data is data', () => {
  test.concurrent('F01 keys with the names of methods', async (context) => {
    const rig = await rigFor(context)
    const names = ['toString', 'hasOwnProperty', '__defineGetter__', 'constructor', 'then', 'toJSON', 'valueOf']
    const approval = await act<{ id: string; number: string }>(rig.dingtalk.url, 'approved-payment', {
      department: '市场部',
      push: false,
    })
    const text = finished(approval, Object.fromEntries(names.map((name) => [name, 'evil'])))
    expect(await verdict(await post(rig.hub, sealed(text)))).toBe('200 success')
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect([await receipts(rig), Object.keys(Object.prototype)]).toEqual([['published'], []])
  })

  test.concurrent('F03 signs that turn or hide text, and text that looks like code, reach the voucher as they are', async (context) => {
    const rig = await rigFor(context)
    const memo = '\u202e付款\u200b 😀 𠮷 <script>alert(1)</script> =1+1;--'
    await append(rig, payment(1, { amount: new Decimal('1.00'), lines: [line(memo)] }))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    expect(live(rig).flatMap(summaries)[0]).toContain(memo)
  })

  test.concurrent('F05 a thousand lines of ten cents are a hundred, to the cent', async (context) => {
    const rig = await rigFor(context)
    const lines = Array.from({ length: 1_000 }, (_, at) => line(`第 ${at} 行`, '0.10'))
    await append(
      rig,
      payment(1, { amount: new Decimal('100.00'), lines }),
      payment(2, { amount: new Decimal('100.01'), lines }),
    )
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done', 'flow parked check-failed'])
    expect(live(rig).flatMap(amounts).at(-1)).toEqual(['0.00', '100.00'])
  })

  test.concurrent('F09 a number that is no amount parks its own receipt', async (context) => {
    const rig = await rigFor(context)
    const wish = { department: '市场部', push: false }
    const [one, other] = [
      await act<{ id: string; number: string }>(rig.dingtalk.url, 'approved-payment', wish),
      await act<{ id: string; number: string }>(rig.dingtalk.url, 'approved-payment', wish),
    ]
    const { result } = await detailOf(rig.dingtalk.url, one.id)
    const spoilt = {
      ...result,
      formComponentValues: result.formComponentValues.map((value) =>
        value.name === '付款总额（元）' ? { ...value, value: '1e999999' } : value,
      ),
    }
    const processCode = 'PROC-0F8B2A77-5D3C-4E19-9B60-1A2C3D4E5F60'
    await act(rig.dingtalk.url, 'load', { id: 'spoilt', processCode, instance: spoilt })
    await post(rig.hub, sealed(finished({ id: 'spoilt', number: '0' })))
    await post(rig.hub, sealed(finished(other)))
    await context.expect.poll(() => runs(rig), patience).toEqual(['flow done'])
    await context.expect.poll(() => receipts(rig), patience).toEqual(['parked invalid', 'published'])
  })
})

interface Detail {
  readonly result: { readonly formComponentValues: readonly { readonly name: string; readonly value: string }[] }
}

/** An approval as DingTalk gives it to whoever may read it. */
async function detailOf(url: string, id: string): Promise<Detail> {
  const keys = JSON.stringify({ appKey: 'dinga1b2c3d4e5f6g7h8', appSecret: 'MADE-UP-client-secret' })
  const headers = { 'content-type': 'application/json' }
  const token = await fetch(`${url}/v1.0/oauth2/accessToken`, { method: 'POST', headers, body: keys })
  const { accessToken } = (await token.json()) as { accessToken: string }
  const answer = await fetch(`${url}/v1.0/workflow/processInstances?processInstanceId=${id}`, {
    headers: { 'x-acs-dingtalk-access-token': accessToken },
  })
  return (await answer.json()) as Detail
}
