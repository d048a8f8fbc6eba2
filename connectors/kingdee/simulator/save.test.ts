import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { department, envelope, line, model, openRig, vouchersOf } from './testing.ts'
import type { Rig } from './testing.ts'

let rig: Rig
beforeEach(async () => {
  rig = await openRig({ 'open-from': '2026-01' }, () => Date.parse('2026-11-22T03:00:00Z'))
})
afterEach(() => rig.close())

const last = () => vouchersOf(rig).at(-1)
const entries = (...lines: object[]) => model({ FEntity: lines })
const bank = line('1002.01', 'FCREDIT', 100)
const office = line('6602.03', 'FDEBIT', 100, department('D01'))

describe('a new voucher', () => {
  test('is in the book with its reference, number, period and exact amounts', async () => {
    const id = await rig.save(model({ F_HUB_SourceId: 'SN01' }, 1060.5))
    expect(last()).toMatchObject({
      id: String(id),
      number: '记-2',
      kind: 'voucher',
      status: 'A',
      reference: 'SN01',
      date: '2026-11-20',
      year: 2026,
      period: 11,
      book: '001',
      body: {
        FAccountBookID: '001',
        FVOUCHERGROUPNO: 2,
        FEntity: [
          { FACCOUNTID: '6602.03', FDEBIT: '1060.50', FCREDIT: '0.00', FDetailID: { FFLEX5: 'D01' } },
          { FACCOUNTID: '1002.01', FDEBIT: '0.00', FCREDIT: '1060.50' },
        ],
      },
    })
  })

  test('without a reference has none', async () => {
    await rig.save(model())
    expect(last()).not.toHaveProperty('reference')
  })

  test('keeps amounts that binary floating point would change', async () => {
    const body = JSON.stringify({ formid: 'GL_VOUCHER', data: { Model: model({}, 1) } }).replaceAll(
      /"(FDEBIT|FCREDIT)":1\b/g,
      '"$1":90071992547409.93',
    )
    await rig.call('Save', body)
    expect(last()).toMatchObject({
      body: { FEntity: [{ FDEBIT: '90071992547409.93' }, { FCREDIT: '90071992547409.93' }] },
    })
    expect(await printed('FDEBIT')).toContain('[[36.5],[0],[90071992547409.93],[0]]')
  })

  test('may carry its amounts as text', async () => {
    expect(await rig.save(model({}, '1060.50'))).toBeTypeOf('number')
  })

  test('numbers run per book, period and word', async () => {
    await rig.save(model())
    await rig.save(model())
    await rig.save(model({ FDate: '2026-12-01' }))
    await rig.save(model({ FVOUCHERGROUPID: { FNumber: 'PRE003' } }))
    expect(vouchersOf(rig).map(({ number }) => number)).toEqual(['记-1', '记-2', '记-3', '记-1', '付-1'])
  })

  test('saved at the same time get numbers and ids of their own, in the order of the book', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => rig.save(model())))
    expect(new Set(ids).size).toBe(20)
    expect(new Set(vouchersOf(rig).map(({ number }) => number)).size).toBe(21)
  })

  test('the same reference twice makes two vouchers: the vendor enforces nothing', async () => {
    await rig.save(model({ F_HUB_SourceId: 'SN01' }))
    await rig.save(model({ F_HUB_SourceId: 'SN01' }))
    expect(vouchersOf(rig).filter(({ reference }) => reference === 'SN01')).toHaveLength(2)
  })

  test('returns the fields it was asked for, of the header and of the entries', async () => {
    const data = { NeedReturnFields: ['FVOUCHERGROUPNO', 'FEntity.FEntryID'], Model: model() }
    const { NeedReturnData } = envelope(await rig.call('Save', { formid: 'GL_VOUCHER', data })).Result
    expect(NeedReturnData).toEqual([{ FVOUCHERGROUPNO: '2', FEntity: [{ FEntryID: 200_002 }, { FEntryID: 200_003 }] }])
  })
})

const printed = async (FieldKeys: string) =>
  (await rig.ask('ExecuteBillQuery', { data: { FormId: 'GL_VOUCHER', FieldKeys } })).text

describe('refused is', () => {
  test.each([
    ['an unbalanced voucher', entries(office, line('1002.01', 'FCREDIT', 99.99)), '11: 凭证借贷不平衡'],
    ['a parent account', entries(office, line('1002', 'FCREDIT', 100)), '11: 请输入凭证数据，凭证分录不合法！'],
    ['an unknown account', entries(office, line('9999', 'FCREDIT', 100)), '11: 请输入凭证数据，凭证分录不合法！'],
    ['a voucher of one line', entries(office), '11: 请输入凭证数据，凭证分录不合法！'],
    [
      'a missing department',
      entries(line('6602.03', 'FDEBIT', 100), bank),
      /^11: 第1行分录：科目（6602.03-办公费）.*不可用：部门$/,
    ],
    [
      'a bare slot',
      entries(line('6602.03', 'FDEBIT', 100, { FDetailID: { FFLEX5: { FNumber: 'D01' } } }), bank),
      /部门$/,
    ],
    ['an unknown department', entries(line('6602.03', 'FDEBIT', 100, department('D99')), bank), /部门$/],
    ['a disabled department', entries(line('6602.03', 'FDEBIT', 100, department('D06')), bank), /部门$/],
    ['a department of another organisation', entries(line('6602.03', 'FDEBIT', 100, department('D09')), bank), /部门$/],
    ['a missing supplier', entries(line('2202', 'FDEBIT', 100), bank), /供应商$/],
    ['two missing dimensions', entries(line('6601.04', 'FDEBIT', 100), bank), /部门、费用项目$/],
    [
      'a list of dimensions',
      entries(line('6602.03', 'FDEBIT', 100, { FDetailID: [] }), bank),
      /^4: 无法将类型为“JSONArray”/,
    ],
    ['an empty summary', entries({ ...office, FEXPLANATION: ' ' }, bank), '11: 字段[摘要]是必录字段'],
    ['a line with two zeros', entries(office, bank, line('1001', 'FDEBIT', 0)), /^11: 第3行分录/],
    ['a line with both sides', entries({ ...office, FCREDIT: 100 }, bank), /^11: 第1行分录/],
    ['a tenth of a fen', model({}, 0.001), /^11: 金额/],
    ['an amount that is none', model({}, 'viel'), /^11: 金额/],
    ['an unknown book', model({ FAccountBookID: { FNumber: '002' } }), '11: 字段[账簿]是必录字段'],
    ['an unknown word', model({ FVOUCHERGROUPID: { FNumber: 'PRE009' } }), '11: 字段[凭证字]是必录字段'],
    ['an unknown currency', entries({ ...office, FCURRENCYID: { FNumber: 'X' } }, bank), '11: 字段[币别]是必录字段'],
    ['a day that does not exist', model({ FDate: '2026-02-30' }), '11: 字段[日期]是必录字段'],
    ['a period that is not that of the date', model({ FYEAR: 2026, FPERIOD: 10 }), /^11: 期间/],
    ['a closed period', model({ FDate: '2025-12-31' }), '11: 凭证日期所在期间已结账'],
  ])('%s', async (_what, refused, says) => {
    expect(await rig.save(refused)).toEqual(says instanceof RegExp ? expect.stringMatching(says) : says)
    expect(vouchersOf(rig)).toHaveLength(1)
  })

  test('base data that does not exist, when it is to be verified', async () => {
    const odd = entries(office, { ...bank, FDetailID: { FDETAILID__FFLEX4: { FNumber: 'S999' } } })
    expect(await rig.save(odd, { IsVerifyBaseDataField: 'true' })).toBe('11: 字段[供应商]的值[S999]不存在')
    expect(await rig.save(odd)).toBeTypeOf('number')
  })
})

describe('tolerated is', () => {
  test.each([
    ['a date with a time', { FDate: '2026-11-20 00:00:00', FBUSDATE: '' }],
    ['a period that agrees', { FYEAR: '2026', FPERIOD: 11, FVOUCHERGROUPNO: '' }],
    ['a key the form does not have', { F_SOMETHING: 'x', FSourceBillKey: { FNumber: '' } }],
    ['base data keys in capitals', { FAccountBookID: { FNUMBER: '001' } }],
  ])('%s', async (_what, more) => {
    expect(await rig.save(model(more))).toBeTypeOf('number')
  })

  test('an unused dimension with an empty number', async () => {
    const detail = { FDETAILID__FFLEX5: { FNumber: 'D02' }, FDETAILID__FFLEX4: { FNumber: '' } }
    await rig.save(entries(line('6602.03', 'FDEBIT', 100, { FDetailID: detail }), bank))
    expect(last()).toMatchObject({ body: { FEntity: [{ FDetailID: { FFLEX5: 'D02' } }, {}] } })
  })

  test('negative amounts on the same sides, a reversal', async () => {
    expect(await rig.save(model({ F_HUB_SourceId: 'R' }, -1060.5))).toBeTypeOf('number')
    expect(last()).toMatchObject({ body: { FEntity: [{ FDEBIT: '-1060.50' }, { FCREDIT: '-1060.50' }] } })
  })
})

const change = (id: unknown, Model: object, parameters: object = {}) =>
  rig.save({ ...Model, FVOUCHERID: id }, parameters)
const entryIds = async (id: unknown) => {
  const rows = await rig.query('GL_VOUCHER', 'FEntity_FEntryID', { FilterString: `FVOUCHERID=${id}` })
  return Array.isArray(rows) ? rows.flat() : []
}

describe('an update', () => {
  test('overwrites the voucher whose key it carries and keeps its number', async () => {
    const id = await rig.save(model())
    expect(await change(id, model({}, 7))).toBe(id)
    expect(last()).toMatchObject({ id: String(id), number: '记-2', body: { FEntity: [{ FDEBIT: '7.00' }, {}] } })
  })

  test('deletes the entries it does not send, unless told otherwise', async () => {
    const id = await rig.save(entries(office, line('1001', 'FDEBIT', 5), line('1002.01', 'FCREDIT', 105)))
    const [first, second, third] = await entryIds(id)
    const FEntity = [{ FEntryID: second, FEXPLANATION: '改' }]
    expect(await change(id, { FEntity }, { IsDeleteEntry: 'false' })).toBe(id)
    expect((await entryIds(id)).toSorted()).toEqual([first, second, third])
    expect(await change(id, { FEntity })).toBe('11: 请输入凭证数据，凭证分录不合法！')
  })

  test('changes only the fields that are named, when some are', async () => {
    const id = await rig.save(model({ F_HUB_SourceId: 'old' }))
    await change(id, { F_HUB_SourceId: 'new', FATTACHMENTS: 9 }, { NeedUpDateFields: ['FATTACHMENTS'] })
    expect(last()).toMatchObject({ reference: 'old', body: { FATTACHMENTS: '9' } })
  })

  test('finds the voucher by its new reference and no longer by the old one', async () => {
    const id = await rig.save(model({ F_HUB_SourceId: 'old' }))
    await change(id, { F_HUB_SourceId: 'new' })
    const found = (text: string) => rig.query('GL_VOUCHER', 'FVOUCHERID', { FilterString: `F_HUB_SourceId='${text}'` })
    expect(await found('old')).toEqual([])
    expect(await found('new')).toEqual([[id], [id]])
  })

  test('is refused once the voucher is submitted, and for one that does not exist', async () => {
    const id = await rig.save(model())
    await rig.call('Submit', { formid: 'GL_VOUCHER', data: { Ids: String(id) } })
    expect(await change(id, model())).toMatch(/^12: /)
    expect(await change(424242, model())).toBe('10: 单据（424242）不存在')
  })
})

test('a draft skips the checks and becomes a saved voucher by Save', async () => {
  const Model = entries(line('6602.03', 'FDEBIT', 100))
  const answer = await rig.call('Draft', { formid: 'GL_VOUCHER', data: { Model } })
  const id = envelope(answer).Result.ResponseStatus.SuccessEntitys[0]?.Id
  expect(last()).toMatchObject({ status: 'Z' })
  await rig.save({ FVOUCHERID: id, FEntity: [office, bank] })
  expect(last()).toMatchObject({ id: String(id), status: 'A' })
})

test('IsAutoSubmitAndAudit ends with an audited voucher', async () => {
  const id = await rig.save(model(), { IsAutoSubmitAndAudit: 'true' })
  expect(rig.running.book.history(String(id)).map(({ status }) => status)).toEqual(['A', 'B', 'C'])
})

test('a batch stores what it can and says which was refused', async () => {
  const Model = [model(), entries(office), model()]
  const { Result } = envelope(await rig.call('BatchSave', { formid: 'GL_VOUCHER', data: { Model } }))
  expect(Result.ResponseStatus.SuccessEntitys.map(({ DIndex }) => DIndex)).toEqual([0, 2])
  expect(Result.ResponseStatus.Errors.map(({ DIndex }) => DIndex)).toEqual([1])
  expect(vouchersOf(rig)).toHaveLength(3)
})

test('a partial batch stores its first half', async () => {
  await rig.fault('BatchSave', 'partial-batch')
  const Model = [model(), model()]
  const { ResponseStatus } = envelope(await rig.call('BatchSave', { formid: 'GL_VOUCHER', data: { Model } })).Result
  expect([ResponseStatus.SuccessEntitys.length, ResponseStatus.MsgCode]).toEqual([1, 6])
  expect(vouchersOf(rig)).toHaveLength(2)
})
