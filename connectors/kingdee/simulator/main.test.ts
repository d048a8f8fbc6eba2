import { afterEach, beforeEach, expect, test } from 'vitest'
import { users } from './tenant.ts'
import { model, openRig, outcome, vouchersOf } from './testing.ts'
import type { Rig } from './testing.ts'

let rig: Rig
beforeEach(async () => {
  rig = await openRig({}, () => Date.parse('2026-11-22T03:00:00Z'))
})
afterEach(() => rig.close())

const move = async (method: string, ids: unknown) =>
  outcome(await rig.call(method, { formid: 'GL_VOUCHER', data: { Ids: String(ids) } }))

test('a new book has one voucher somebody else made, without reference', () => {
  expect(vouchersOf(rig)).toMatchObject([
    { number: '记-1', status: 'C', date: '2026-11-01', body: { F_HUB_SourceId: '' } },
  ])
  expect(vouchersOf(rig)[0]).not.toHaveProperty('reference')
})

test('the book comes back after a restart with vouchers, numbers, periods and disabled accounts', async () => {
  const id = await rig.save(model({ F_HUB_SourceId: 'SN01' }))
  await rig.act('close-period', { period: '2026-10' })
  await rig.act('lock-account', { account: '1002.01' })
  await rig.restart()
  expect(vouchersOf(rig)).toHaveLength(2)
  expect(await rig.query('GL_VOUCHER', 'FVOUCHERID', { FilterString: "F_HUB_SourceId='SN01'" })).toEqual([[id], [id]])
  expect(await rig.save(model({ FDate: '2026-10-05' }))).toBe('11: 凭证日期所在期间已结账')
  expect(await rig.save(model())).toBe('11: 请输入凭证数据，凭证分录不合法！')
  await rig.act('unlock-account', { account: '1002.01' })
  expect(await rig.save(model())).toBe(Number(id) + 1)
  expect(vouchersOf(rig).at(-1)?.number).toBe('记-3')
})

test('a reversal, a look-up, another query and a login are told apart', async () => {
  await rig.save(model())
  await rig.save(model({}, -5))
  await rig.query('GL_VOUCHER', 'FVOUCHERID')
  await rig.query('BD_Account', 'FNumber')
  await move('Submit', 100_001)
  await move('Audit', 100_001)
  const answer = await fetch(`${rig.running.url}/_sim/requests`)
  const names = {
    login: 1,
    'voucher.save': 1,
    'voucher.reverse': 1,
    'voucher.find': 1,
    query: 1,
    'voucher.submit': 1,
    'voucher.audit': 1,
  }
  expect(await answer.json()).toMatchObject({ counts: names })
})

test.each([
  ['refuse', '11: 服务端拒绝了本次操作'],
  ['throttle', '14: 接口调用超过限制，请稍后再试'],
  ['token-expired', '1: 会话信息已丢失，请重新登录'],
] as const)('%s of a Save says %s and saves nothing', async (fault, says) => {
  await rig.fault('voucher.save', fault)
  expect(await rig.save(model())).toBe(says)
  expect(vouchersOf(rig)).toHaveLength(1)
})

test('an empty query hides a voucher that is there', async () => {
  await rig.fault('voucher.find', 'empty-query')
  expect(await rig.query('GL_VOUCHER', 'FVOUCHERID')).toEqual([])
  expect(await rig.query('GL_VOUCHER', 'FVOUCHERID')).toHaveLength(2)
})

test('the quota ends in MsgCode 14 until it is restored', async () => {
  const small = await openRig({ quota: '2' })
  await small.query('BD_Account', 'FNumber')
  await small.query('BD_Account', 'FNumber')
  expect(await small.save(model())).toMatch(/^14: /)
  await small.act('restore-quota', {})
  expect(await small.query('BD_AccountBook', 'FNumber')).toEqual([['001']])
  await small.close()
})

test('secrets are masked where requests are shown', async () => {
  await rig.query('BD_Account', 'FNumber')
  const text = await (await fetch(`${rig.running.url}/_sim/requests`)).text()
  expect(text).toContain('•••')
  expect(text).not.toContain(users[0]?.password)
})

test('wrong options do not start', async () => {
  await expect(openRig({ 'open-from': '2026-13' })).rejects.toThrow('--open-from 2026-13 is not yyyy-MM')
  await expect(openRig({ quota: 'many' })).rejects.toThrow('--quota many')
})
