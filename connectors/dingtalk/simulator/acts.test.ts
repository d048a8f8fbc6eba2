import { describe, expect, test } from 'vitest'
import { drive } from './driver.ts'
import type { Driver } from './driver.ts'

interface Read {
  readonly title: string
  readonly status: string
  readonly result: string
  readonly originatorDeptName: string
  readonly businessId: string
  readonly createTime: string
  readonly bizAction: string
  readonly mainProcessInstanceId?: string
  readonly attachedProcessInstanceIds: string[]
  readonly formComponentValues: { name: string; value: string; extValue?: string; bizAlias?: string }[]
}

async function read(sim: Driver, id: string): Promise<Read> {
  const { body } = await sim.call('GET', `/v1.0/workflow/processInstances?processInstanceId=${id}`)
  return (body as { result: Read }).result
}
const value = ({ formComponentValues }: Read, name: string): string =>
  formComponentValues.find((one) => one.name === name)?.value ?? ''

/** The fields without the keys of table rows, which are never the same. */
const written = ({ formComponentValues }: Read): unknown =>
  formComponentValues.map(({ name, value: text }) => [name, text.replaceAll(/"rowNumber":"\w*"/g, '')])
const cents = (text = '0'): bigint => BigInt(text.replace('.', ''))

describe('an approved payment', () => {
  test('is what was wished for, agreed at the time given', async () => {
    await using sim = await drive()
    const lines = [
      { category: '差旅费', amount: '1200.50', memo: '机票' },
      { category: '广告费', amount: '99.50', memo: '海报' },
    ]
    const wish = { lines, department: '新业务部', payee: '深圳某公司', at: '2026-03-31T23:59:00+08:00' }
    const { id, number } = await sim.act('approved-payment', wish)
    const detail = await read(sim, id)
    expect(detail).toMatchObject({
      status: 'COMPLETED',
      result: 'agree',
      businessId: number,
      createTime: '2026-03-31T15:59Z',
      formComponentValues: expect.arrayContaining([
        expect.objectContaining({
          bizAlias: 'total_amount',
          value: '1300.00',
          extValue: '{"upper":"壹仟叁佰元整","componentName":"MoneyField"}',
        }),
        expect.objectContaining({ extValue: '[{"deptName":"新业务部","itemId":"587120349","name":"新业务部"}]' }),
      ]),
    })
    expect(number).toMatch(/^202603312359\d{9}$/)
    expect(value(detail, '收款方')).toBe('深圳某公司')
    expect(value(detail, '附件')).toBe('null')
    expect(JSON.parse(value(detail, '费用明细'))[1]).toMatchObject({
      rowValue: [
        { label: '费用类型', value: '广告费', extendValue: { label: '广告费', key: 'option_7' } },
        { label: '摘要', value: '海报' },
        { label: '金额（元）', value: '99.50' },
        { label: '发生日期', value: '2026-03-31' },
      ],
    })
  })

  test('drawn from one seed is the same payment with another id, and its lines sum up', async () => {
    await using sim = await drive()
    const [one, other] = [
      await sim.act('approved-payment', { seed: 7 }),
      await sim.act('approved-payment', { seed: 7 }),
    ]
    expect(one.id).not.toBe(other.id)
    expect(one.number).not.toBe(other.number)
    const [first, second] = [await read(sim, one.id), await read(sim, other.id)]
    expect(written(first)).toEqual(written(second))
    const rows: { rowValue: { value: string }[] }[] = JSON.parse(value(first, '费用明细'))
    const sum = rows.reduce((all, { rowValue }) => all + cents(rowValue[2]?.value), 0n)
    expect(sum).toBe(cents(value(first, '付款总额（元）')))
  })

  test('with only a total has lines that sum up to it; with both given they stay as given', async () => {
    await using sim = await drive()
    const total = await read(sim, (await sim.act('approved-payment', { amount: '100.01', seed: 3 })).id)
    const rows: { rowValue: { value: string }[] }[] = JSON.parse(value(total, '费用明细'))
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.reduce((all, { rowValue }) => all + BigInt(String(rowValue[2]?.value).replace('.', '')), 0n)).toBe(
      10_001n,
    )
    const wrong = await sim.act('approved-payment', { amount: '10.00', lines: [{ amount: '9.99' }] })
    expect(value(await read(sim, wrong.id), '付款总额（元）')).toBe('10.00')
  })
})

describe('after agreement', () => {
  test('a change is a new agreed instance with the changed fields, listed by the first one', async () => {
    await using sim = await drive()
    const root = await sim.act('approved-payment', { payee: '甲公司', amount: '100.00' })
    const first = await sim.act('modify', { id: root.id, fields: { total_amount: '120.00' } })
    const second = await sim.act('modify', { id: first.id, fields: { 收款方: '乙公司' } })
    expect((await read(sim, root.id)).attachedProcessInstanceIds).toEqual([first.id, second.id])
    const detail = await read(sim, second.id)
    expect(detail).toMatchObject({
      bizAction: 'MODIFY',
      mainProcessInstanceId: root.id,
      status: 'COMPLETED',
      result: 'agree',
    })
    expect([value(detail, '付款总额（元）'), value(detail, '收款方')]).toEqual(['120.00', '乙公司'])
  })

  test('a withdrawal is a new revoking instance, after which nothing can be changed', async () => {
    await using sim = await drive()
    const root = await sim.act('approved-payment')
    const pending = await sim.act('withdraw', { id: root.id, ending: 'running' })
    expect(await read(sim, pending.id)).toMatchObject({ bizAction: 'REVOKE', status: 'RUNNING', result: '' })
    await sim.act('refuse', { id: pending.id })
    const revoked = await sim.act('withdraw', { id: root.id })
    expect(await read(sim, revoked.id)).toMatchObject({
      bizAction: 'REVOKE',
      mainProcessInstanceId: root.id,
      result: 'agree',
    })
    expect((await read(sim, root.id)).attachedProcessInstanceIds).toEqual([pending.id, revoked.id])
    expect(await sim.control('POST', '/_sim/acts/modify', { id: root.id, fields: {} })).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining('has been revoked') },
    })
  })
})

test('an amount is text or a number, of which no digit is lost', async () => {
  await using sim = await drive()
  const body = '{"amount": 1234567890123.10, "lines": [{"amount": 1234567890123.1}], "seed": 1}'
  const made = await fetch(`${sim.url}/_sim/acts/approved-payment`, { method: 'POST', body })
  const { id } = (await made.json()) as { id: string }
  expect(JSON.stringify(await read(sim, id))).toContain('"1234567890123.10"')
  const refused = await sim.control('POST', '/_sim/acts/approved-payment', { amount: '1,5', lines: [{ amount: true }] })
  const sentence = 'an amount is a decimal such as 4326.50'
  expect(refused).toMatchObject({ status: 400, body: { error: `lines.0.amount: ${sentence}; amount: ${sentence}` } })
})

describe('acts that cannot be done are refused with their reason', () => {
  test.each([
    ['agree', { id: 'none' }, 'there is no instance none'],
    ['submit', { form: 'none', fields: {} }, 'there is no form none'],
    ['submit', { form: '付款申请', fields: { 金额: '1' } }, '付款申请 has no field 金额'],
    ['submit', { form: '付款申请', fields: { 付款方式: '比特币' } }, '付款方式 cannot be 比特币'],
    ['submit', { form: '付款申请', fields: { total_amount: '1,5' } }, 'an amount is a decimal such as 4326.50'],
    ['submit', { form: '付款申请', fields: {}, originator: '谁' }, 'there is no user 谁'],
    ['approved-payment', { department: '火星部' }, 'there is no department 火星部'],
  ])('%s %j', async (name, input, reason) => {
    await using sim = await drive()
    expect(await sim.control('POST', `/_sim/acts/${name}`, input)).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining(reason) },
    })
    expect(sim.running.book.list('instance')).toEqual([])
  })

  test('a finished instance is not decided again', async () => {
    await using sim = await drive()
    const { id } = await sim.act('submit', { form: '付款申请', fields: {}, originator: '周浩' })
    expect(await read(sim, id)).toMatchObject({ title: '周浩提交的付款申请', originatorDeptName: '销售部' })
    await sim.act('refuse', { id, remark: '预算不足' })
    expect(await read(sim, id)).toMatchObject({ status: 'COMPLETED', result: 'refuse' })
    for (const name of ['agree', 'withdraw', 'modify']) {
      const body = name === 'modify' ? { id, fields: {} } : { id }
      expect((await sim.control('POST', `/_sim/acts/${name}`, body)).status).toBe(409)
    }
  })
})

test('the book shows every instance as the new API answers it, and numbers go on after a restart', async () => {
  const first = await drive()
  const { id, number } = await first.act('approved-payment', { push: false })
  const entry = first.running.book.get(id)
  expect(entry).toMatchObject({ id, number, kind: 'instance', status: 'COMPLETED', body: { events: [] } })
  expect(entry?.body).toMatchObject({
    ...(await read(first, id)),
    processCode: expect.stringContaining('PROC-0F8B2A77'),
  })
  expect(first.running.book.history(id).map(({ status }) => status)).toEqual(['RUNNING', 'COMPLETED'])
  await using sim = await first.restart()
  expect((await read(sim, id)).businessId).toBe(number)
  const next = await sim.act('approved-payment')
  expect(Number(next.number.slice(12))).toBe(Number(number.slice(12)) + 1)
})

test('GET /_sim says what there is', async () => {
  await using sim = await drive()
  const { body } = await sim.control('GET', '/_sim')
  expect(body).toMatchObject({
    name: 'dingtalk',
    application: { clientId: 'dinga1b2c3d4e5f6g7h8', clientSecret: expect.any(String), corpId: expect.any(String) },
    callbackDefaults: { token: 'Hub2024TokenAbc' },
    forms: [{ name: '付款申请', items: expect.any(Array) }, { name: '费用报销单' }],
    departments: expect.arrayContaining([expect.objectContaining({ name: '新业务部' })]),
    operations: expect.arrayContaining([
      'token',
      'instance.get',
      'instance.list',
      'approval.comment',
      'stream.open',
      'push',
    ]),
  })
})
