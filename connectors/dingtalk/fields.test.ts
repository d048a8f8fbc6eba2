import { Day, Instant } from '@shuniu/contracts'
import type { FormField } from '@shuniu/sdk'
import { describe, expect, test } from 'vitest'
import { componentOf, fieldTypes, readFields, type Component } from './fields.ts'
import { fieldKey } from './labels.ts'
import { recordsOf } from './tolerant.ts'
import { sampleDetail } from './test-ground.ts'

const filled = (kind: string, value: string, more: object = {}): Component =>
  componentOf({ componentType: kind, id: `${kind}_1`, name: 'F', value, ...more })
const read = (one: Component) => readFields([one], []).values['F']
const field = (component: string, more: Partial<FormField> = {}): FormField => ({
  id: `${component}_1`,
  label: 'F',
  component,
  ...more,
})
const typeOf = (one: FormField) => fieldTypes([one])['F']?.type
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('the expense form of the sample is read with every component', () => {
  const components = recordsOf(sampleDetail('completed').formComponentValues).map(componentOf)
  const { values, doubled } = readFields(components, [])
  expect(doubled).toEqual([])
  expect(plain(values)).toEqual({
    报销事由: '深圳客户设备调试出差费用',
    报销类型: '差旅报销',
    费用承担部门: [{ id: '587120341', name: '市场部' }],
    同行人: [{ id: '17650938244120563', name: '孙雨桐' }],
    '开始时间~结束时间': ['2025-12-18', '2025-12-21'],
    费用标签: ['客户现场', '可转嫁客户'],
    费用明细: [
      { 费用类型: '差旅费', 摘要: '深圳客户现场设备调试往返机票', '金额（元）': '2460.00', 发生日期: '2025-12-18' },
      { 费用类型: '住宿费', 摘要: '深圳南山酒店三晚', '金额（元）': '1380.00', 发生日期: '2025-12-21' },
      { 费用类型: '业务招待费', 摘要: '客户工作餐', '金额（元）': '486.50', 发生日期: '2025-12-20' },
    ],
    '报销总额（元）': '4326.50',
    发票张数: '5',
    收款人开户行: '招商银行深圳科技园支行',
    收款账号: '6214830000000000018',
    发票附件: [
      { id: '187654320911', name: '深圳出差发票.pdf', size: '284613', type: 'pdf', spaceId: '24876130955' },
      { id: '187654320947', name: '酒店水单.jpg', size: '91877', type: 'jpg', spaceId: '24876130955' },
    ],
    现场照片: [],
    关联出差申请: [],
    备注: null,
  })
})

describe('one component', () => {
  test('money and numbers keep every digit as text', () => {
    expect(read(filled('MoneyField', '12345678901234567890.10'))).toBe('12345678901234567890.10')
    expect(read(filled('NumberField', '007'))).toBe('007')
  })

  test('a date is a day, with a time an instant in Asia/Shanghai, in another form its text', () => {
    expect(read(filled('DDDateField', '2025-12-31'))).toEqual(Day.parse('2025-12-31'))
    expect(read(filled('DDDateField', '2026-01-01 00:30'))).toEqual(Instant.parse('2025-12-31T16:30Z'))
    expect(read(filled('DDDateField', '2025-12-31 上午'))).toBe('2025-12-31 上午')
    expect(read(filled('DDDateField', '2025-02-30'))).toBe('2025-02-30')
  })

  test('a range keeps its two dates, whatever follows', () => {
    const range = filled('DDDateRangeField', '["2025-12-18","2025-12-21",4,"天"]')
    expect(read(range)).toEqual([Day.parse('2025-12-18'), Day.parse('2025-12-21')])
  })

  test.each(['TextField', 'MoneyField', 'DDDateField', 'DDSelectField'])('an empty %s is null', (kind) => {
    expect(read(filled(kind, 'null'))).toBeNull()
    expect(read(filled(kind, ''))).toBeNull()
  })

  test.each(['TableField', 'DDMultiSelectField', 'InnerContactField', 'DDAttachment'])(
    'an empty %s has no items',
    (kind) => {
      expect(read(filled(kind, 'null'))).toEqual([])
    },
  )

  test('a department may be a bare object, and people without details have a name only', () => {
    const department = filled('DepartmentField', '财务部', { extValue: '{"itemId":"7","name":"财务部"}' })
    expect(read(department)).toEqual([{ id: '7', name: '财务部' }])
    expect(read(filled('InnerContactField', '陈雪,赵强'))).toEqual([
      { id: null, name: '陈雪' },
      { id: null, name: '赵强' },
    ])
  })

  test('an untouched table that shows its column definitions has no rows', () => {
    const definitions = '[{"componentName":"TextField","componentType":"TextField","props":{"id":"TextField_1"}}]'
    expect(read(filled('TableField', definitions))).toEqual([])
  })

  test('a file size may be a number or a text', () => {
    const files = filled('DDAttachment', '[{"fileId":"1","fileSize":10},{"fileId":"2","fileSize":"10"}]')
    expect(read(files)).toMatchObject([{ size: '10' }, { size: '10' }])
  })

  test('place and time keep their parts as texts', () => {
    const place = filled('TimeAndLocationField', '["2026-01-05 09:00",113.94,22.53,"深圳",30]')
    expect(read(place)).toEqual(['2026-01-05 09:00', '113.94', '22.53', '深圳', '30'])
  })

  test.each(['AddressField', 'PhoneField', 'StarRatingField', 'CalculateField', 'DDBizSuite'])(
    '%s is its raw text',
    (kind) => {
      expect(read(filled(kind, '{"a":1}'))).toBe('{"a":1}')
    },
  )

  test.each(['constructor', 'toString', '__proto__', ''])('a component called %j is its raw text', (kind) => {
    expect(read(filled(kind, 'v'))).toBe('v')
  })

  test('components without ids stand beside one another', () => {
    const both = ['A', 'B'].map((name) => componentOf({ componentType: 'TextField', name, value: name }))
    expect(readFields(both, []).values).toMatchObject({ A: 'A', B: 'B' })
  })

  test.each(['[', '{"rowValue"', '[1,2'])('broken JSON %j in a list is no item that was not there', (value) => {
    expect(read(filled('TableField', value))).toEqual([])
    expect(read(filled('DDAttachment', value))).toEqual([])
    expect(read(filled('DDMultiSelectField', value))).toEqual([value])
  })

  test('a value nested without end is its raw text and stops nothing', () => {
    const deep = '['.repeat(100_000)
    expect(read(filled('DDMultiSelectField', deep))).toEqual([deep])
  })
})

describe('keys', () => {
  const form: FormField[] = [
    { id: 'MoneyField_1', label: '总额', alias: 'total', component: 'MoneyField', required: true },
    { id: 'TextField_1', label: '备注', component: 'TextField' },
    { id: 'TextField_2', label: '备注', component: 'TextField' },
    {
      id: 'TableField_1',
      label: '明细',
      component: 'TableField',
      columns: [{ id: 'MoneyField_2', label: '金额', component: 'MoneyField' }],
    },
  ]

  test('label, id and alias lead to the same key; of two equal labels the second has its id', () => {
    expect(['总额', 'MoneyField_1', 'total'].map((written) => fieldKey(form, written))).toEqual([
      '总额',
      '总额',
      '总额',
    ])
    expect([fieldKey(form, '备注'), fieldKey(form, 'TextField_2')]).toEqual(['备注', 'TextField_2'])
    expect(fieldKey(form, '没有')).toBeUndefined()
  })

  test('a label changed in DingTalk since the form was saved does not change the key', () => {
    const renamed = componentOf({ componentType: 'MoneyField', id: 'MoneyField_1', name: '付款总额', value: '1.00' })
    expect(readFields([renamed], form).values).toMatchObject({ 总额: '1.00' })
  })

  test('fields that the detail leaves out are empty, columns as well', () => {
    const rows = JSON.stringify([{ rowValue: [], rowNumber: '1' }])
    const table = componentOf({ componentType: 'TableField', id: 'TableField_1', name: '明细', value: rows })
    expect(plain(readFields([table], form).values)).toEqual({
      总额: null,
      备注: null,
      TextField_2: null,
      明细: [{ 金额: null }],
    })
  })

  test('equal labels are told', () => {
    expect(readFields([], form).doubled).toEqual(['备注'])
  })

  test('a label that objects know by birth is an own key', () => {
    const trap = componentOf({ componentType: 'TextField', id: 'x', name: '__proto__', value: 'v' })
    const { values } = readFields([trap], [])
    expect(Object.keys(values)).toEqual(['__proto__'])
    expect('constructor' in values).toBe(false)
  })
})

describe('types for checks', () => {
  test('money is text, and may be null unless the form requires it', () => {
    expect(typeOf(field('MoneyField', { required: true }))).toEqual({ kind: 'string' })
    expect(typeOf(field('MoneyField'))).toEqual({ kind: 'nullable', of: { kind: 'string' } })
  })

  test('the format of a date decides between day and instant; without it nobody knows', () => {
    const required = { required: true }
    expect(typeOf(field('DDDateField', { ...required, format: 'yyyy-MM-dd' }))).toEqual({ kind: 'date' })
    expect(typeOf(field('DDDateField', { ...required, format: 'yyyy-MM-dd HH:mm' }))).toEqual({ kind: 'instant' })
    expect(typeOf(field('DDDateField', required))).toEqual({ kind: 'dyn' })
  })

  test('a table is a list of records by column labels', () => {
    const columns = [{ id: 'c', label: '金额', component: 'MoneyField', required: true }]
    expect(typeOf(field('TableField', { columns }))).toEqual({
      kind: 'list',
      of: { kind: 'record', fields: { 金额: { type: { kind: 'string' }, doc: 'MoneyField c' } } },
    })
  })

  test('a closed list of options is known', () => {
    expect(fieldTypes([field('DDSelectField', { options: ['a', 'b'] })])['F']?.values).toEqual(['a', 'b'])
  })
})
