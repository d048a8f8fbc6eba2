import { afterEach, beforeEach, expect, test } from 'vitest'
import { tenant, users } from './tenant.ts'
import { line, model, openRig } from './testing.ts'
import type { Rig } from './testing.ts'

let rig: Rig
beforeEach(async () => {
  rig = await openRig({}, () => Date.parse('2026-11-22T03:00:00Z'))
})
afterEach(() => rig.close())

const rows = (FormId: string, FieldKeys: string, FilterString: string) => rig.query(FormId, FieldKeys, { FilterString })
const byDate = (more: object) =>
  rig.query('GL_VOUCHER', 'FDate,FEntity_FEntryID', { OrderString: 'FDate desc, FEntity_FEntryID asc', ...more })
const closed = (FPERIOD: number, FYEAR = 2026) =>
  rows(
    'BD_ACCOUNTCALENDAR',
    'FISCLOSED,FENDDATE',
    `FAccountBookID.FNumber='001' and FYEAR=${FYEAR} and FPERIOD=${FPERIOD}`,
  )

test('read back what was saved, one row for each entry', async () => {
  const id = await rig.save(model({ F_HUB_SourceId: 'SN01' }, 1060.5))
  const keys =
    'FVOUCHERID,FDate,FVOUCHERGROUPID.FName,FVOUCHERGROUPNO,FDocumentStatus,FACCOUNTID.FNumber,FDetailID.FFLEX5.FNumber,FDEBIT,FCREDIT'
  expect(await rows('GL_VOUCHER', keys, "F_HUB_SourceId='SN01'")).toEqual([
    [id, '2026-11-20T00:00:00', '记', 2, 'A', '6602.03', 'D01', 1060.5, 0],
    [id, '2026-11-20T00:00:00', '记', 2, 'A', '1002.01', '', 0, 1060.5],
  ])
})

test('find by the business number of an entry', async () => {
  const FEntity = [line('1001', 'FDEBIT', 5, { FBUSNO: 'B1' }), line('1002.01', 'FCREDIT', 5, { FBUSNO: 'B1' })]
  const id = await rig.save(model({ FEntity }))
  expect(await rows('GL_VOUCHER', 'FVOUCHERID', "FBUSNO='B1'")).toEqual([[id], [id]])
})

test('are ordered, skipped and limited', async () => {
  for (const day of ['2026-11-03', '2026-11-02']) await rig.save(model({ FDate: day }))
  const all = await byDate({})
  expect(all).toEqual([
    ['2026-11-03T00:00:00', 200_002],
    ['2026-11-03T00:00:00', 200_003],
    ['2026-11-02T00:00:00', 200_004],
    ['2026-11-02T00:00:00', 200_005],
    ['2026-11-01T00:00:00', 200_000],
    ['2026-11-01T00:00:00', 200_001],
  ])
  const list = Array.isArray(all) ? all : []
  expect(await byDate({ StartRow: 1, Limit: 2 })).toEqual(list.slice(1, 3))
  expect(await byDate({ TopRowCount: 3, StartRow: 2 })).toEqual(list.slice(2, 3))
})

test('return 2000 rows at most', async () => {
  const FEntity = [...Array.from({ length: 2100 }, () => line('1001', 'FDEBIT', 1)), line('1002.01', 'FCREDIT', 2100)]
  await rig.save(model({ FEntity }))
  expect(await rig.query('GL_VOUCHER', 'FVOUCHERID', { Limit: 10_000 })).toHaveLength(2000)
})

test('as BillQuery are objects keyed by field', async () => {
  const data = { FormId: 'BD_Department', FieldKeys: 'FNumber,FName', FilterString: "FNumber='D01'" }
  expect(await rig.call('BillQuery', { data })).toEqual([{ FNumber: 'D01', FName: '市场部' }])
})

test('tell whether a period is closed', async () => {
  expect(await closed(12, 2025)).toEqual([[true, '2025-12-31T00:00:00']])
  expect(await closed(11)).toEqual([[false, '2026-11-30T00:00:00']])
  await rig.act('close-period', { period: '2026-11' })
  expect(await closed(11)).toEqual([[true, '2026-11-30T00:00:00']])
  await rig.act('open-period', { book: '001', period: '2025-12' })
  expect(await closed(12, 2025)).toEqual([[false, '2025-12-31T00:00:00']])
})

test('show master data with its organisation and what is disabled', async () => {
  await rig.act('lock-account', { account: '6602.03' })
  const odd = "FUseOrgId.FNumber<>'100' or FForbidStatus='B'"
  expect(await rows('BD_Department', 'FNumber', odd)).toEqual([['D06'], ['D09']])
  expect(await rows('BD_Supplier', 'FNumber,FUseOrgId.FNumber', odd)).toEqual([['S009', '400']])
  expect(await rows('BD_Account', 'FNumber', "FForbidStatus='B'")).toEqual([['6602.03']])
  expect(await rows('BD_AccountBook', 'FNumber', '')).toEqual([['001']])
  expect(await rows('BD_VOUCHERGROUP', 'FNumber,FName', "FNumber='PRE001'")).toEqual([['PRE001', '记']])
  expect(await rows('BD_Expense', 'FNumber', "FName='差旅费'")).toEqual([['FYXM01']])
  expect(await rows('BD_Account', 'FNumber', "FNumber like '1002%' and FIsDetail=1")).toEqual([
    ['1002.01'],
    ['1002.02'],
  ])
})

test.each([
  ['an empty field list', { FormId: 'BD_Account', FieldKeys: ' ' }, 8],
  ['an unknown field in the filter', { FormId: 'BD_Account', FieldKeys: 'FNumber', FilterString: 'FX=1' }, 9],
  ['a broken filter', { FormId: 'BD_Account', FieldKeys: 'FNumber', FilterString: "FNumber='" }, 4],
  ['a filter as a list', { FormId: 'BD_Account', FieldKeys: 'FNumber', FilterString: [] }, 4],
  ['an unknown form', { FormId: 'AP_PAYBILL', FieldKeys: 'FID' }, 4],
  ['no form', { FieldKeys: 'FID' }, 5],
])('hide the failure of %s in a one-cell table', async (_what, data, code) => {
  const answer = await rig.call('ExecuteBillQuery', { data })
  expect(answer).toMatchObject([[{ Result: { ResponseStatus: { IsSuccess: false, MsgCode: code } } }]])
})

test('QueryBusinessInfo describes the header and the entries of a form', async () => {
  const answer = await rig.call('QueryBusinessInfo', { data: { FormId: 'GL_VOUCHER' } })
  const text = JSON.stringify(answer)
  expect(text).toContain('"Key":"F_HUB_SourceId"')
  expect(text).toContain('"Key":"FEntity"')
})

test('without rights vouchers are invisible and base data is not', async () => {
  const body = { acctid: tenant.acctId, username: 'hub_blind', password: users[1]?.password, lcid: 2052 }
  const SID: string = JSON.parse((await rig.post('ValidateUser', body)).text).KDSVCSessionId
  const ask = async (FormId: string) =>
    (
      await rig.post(
        'ExecuteBillQuery',
        { data: { FormId, FieldKeys: FormId === 'GL_VOUCHER' ? 'FVOUCHERID' : 'FNumber' } },
        { SID },
      )
    ).body
  expect(await ask('GL_VOUCHER')).toEqual([])
  expect(await ask('BD_AccountBook')).toEqual([['001']])
})
