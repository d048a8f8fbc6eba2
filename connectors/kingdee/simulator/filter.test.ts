import { expect, test } from 'vitest'
import { Refusal } from './answers.ts'
import type { Column } from './columns.ts'
import { compileFilter, matchesLike } from './filter.ts'

type Row = Readonly<Record<string, string | number | boolean | null>>
const columns: Record<string, Column<Row>> = Object.fromEntries(
  (
    [
      ['FNumber', 'text'],
      ['FYEAR', 'integer'],
      ['FDEBIT', 'amount'],
      ['FDate', 'day'],
      ['FIsDetail', 'flag'],
    ] as const
  ).map(([key, type]) => [key.toLowerCase(), { key, type, read: (row: Row) => row[key] ?? null }]),
)
const filter = (text: string) =>
  compileFilter<Row>(text, (key) => {
    const column = columns[key.toLowerCase()]
    if (!column) throw new Refusal(9, `unknown ${key}`)
    return column
  })
const row: Row = { FNumber: '6602.03', FYEAR: 2026, FDEBIT: '1060.5', FDate: '2026-11-18T00:00:00', FIsDetail: true }

test.each([
  '',
  '   ',
  "FNumber='6602.03'",
  "fnumber = '6602.03'",
  'FYEAR=2026',
  "FYEAR='2026'",
  'FDEBIT=1060.50',
  'FDEBIT>1060.4999 and FDEBIT<1060.51',
  'FDEBIT>=1060.5 AND FDEBIT<=1060.5',
  'FDEBIT>9.5',
  "FDate='2026-11-18'",
  "FDate>='2026-11-18' and FDate<'2026-11-19'",
  "FDate<='2026-11-18 00:00:00'",
  "FIsDetail=1 and FIsDetail='true'",
  "FNumber like '6602.%'",
  "FNumber like '%.__'",
  "FNumber in ('1002.01', '6602.03')",
  'FYEAR in (2025,2026)',
  "FNumber='1' or FYEAR=2026",
  "FNumber='1' and FYEAR=1 or FYEAR=2026",
  "(FNumber='1' or FYEAR=2026) and FDEBIT<>0",
  '((FYEAR=2026))',
  "FNumber<>'x''y'",
])('%s holds', (text) => {
  expect(filter(text).test(row)).toBe(true)
})

test.each([
  "FNumber='6602.3'",
  'FYEAR<>2026',
  'FDEBIT=1060.51',
  "FDate='2026-11-17'",
  'FIsDetail=0',
  "FNumber like '6602'",
  "FNumber in ('1')",
  "FYEAR=2026 and (FNumber='1' or FNumber='2')",
])('%s does not hold', (text) => {
  expect(filter(text).test(row)).toBe(false)
})

test('a doubled quote is one quote', () => {
  expect(filter("FNumber='O''Neil'").test({ FNumber: "O'Neil" })).toBe(true)
})

test('nothing holds for a value that is not there', () => {
  expect(filter("FNumber<>'x'").test({})).toBe(false)
})

test.each([
  'FYEAR',
  'FYEAR=',
  "FNumber='x",
  '(FYEAR=1',
  'FYEAR=1)',
  "FYEAR='abc'",
  'FYEAR==1',
  'FYEAR=1 FYEAR=2',
  'FYEAR in 1',
  '; drop',
])('%s is refused with MsgCode 4', (text) => {
  expect(() => filter(text)).toThrow(expect.objectContaining({ code: 4 }))
})

test('an unknown field is refused', () => {
  expect(() => filter('FOther=1')).toThrow(expect.objectContaining({ code: 9 }))
})

test('deep parentheses are refused and do not overflow', () => {
  expect(() => filter(`${'('.repeat(50_000)}FYEAR=1${')'.repeat(50_000)}`)).toThrow(
    expect.objectContaining({ code: 4 }),
  )
})

test('equality joined by and pins a field, equality joined by or does not', () => {
  expect([...filter("FNumber='1' and FYEAR=2026").pins]).toEqual([
    ['fnumber', '1'],
    ['fyear', '2026'],
  ])
  expect([...filter("FNumber='1' or FYEAR=2026").pins]).toEqual([])
})

test('like takes bounded time for a hostile pattern', () => {
  expect(matchesLike('a'.repeat(2000), `${'%a'.repeat(500)}b`)).toBe(false)
  expect(matchesLike('付款 20261122 张三', '%20261122%')).toBe(true)
})
