import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { act } from './append.ts'
import { openRig, type Rig } from './rig.ts'

vi.setConfig({ testTimeout: 45_000 })
let rig: Rig
beforeEach(async () => void (rig = await openRig()))
afterEach(() => rig.close())

const vouchers = () => rig.kingdee.book.list('voucher').filter(({ reference }) => reference)

test('an approval in DingTalk becomes a voucher in Kingdee', async () => {
  const made = await act<{ id: string; number: string }>(rig.dingtalk.url, 'approved-payment', { seed: 1, department: '市场部' })
  await expect.poll(vouchers, { timeout: 15_000 }).toHaveLength(1)
  await expect.poll(async () => (await rig.hub.parts.store.select('runs', { flow: 'payment-to-voucher' })).map(({ state }) => state), { timeout: 5000 }).toEqual(['done'])
  const answer = await fetch(`${rig.hub.url}/api/v1/runs?number=${made.number}`)
  console.log(answer.status, await answer.text())
  console.log(await (await fetch(`${rig.hub.url}/api/v1/conservation?recount=true`)).text())
})
