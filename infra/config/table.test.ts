import { Day } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { findRow, parseTable, readDay, resultOf, type Table } from './table.ts'

function table(text: string): Table {
  const { table: read, problems } = parseTable('accounts', 'tables/accounts.csv', text)
  expect(problems.map((one) => one.error.message)).toEqual([])
  if (!read) throw new Error('no table')
  return read
}

/** `code line` of each problem. */
function wrongWith(text: string): string[] {
  const { table: read, problems } = parseTable('accounts', 'tables/accounts.csv', text)
  const grave = problems.some(({ severity }) => severity === 'error')
  expect(read === undefined).toBe(grave)
  return problems.map(({ error }) => `${error.code} ${error.place?.line}`)
}

const day = (text: string): Day => {
  const read = Day.parse(text)
  if (!read) throw new Error(text)
  return read
}

/** Version of the row of A on one day. */
const versionOf = (text: string): string | undefined => findRow(table(text), ['A'], day('2026-01-01'))?.version

describe('a table', () => {
  it('has its first column as key when none is marked', () => {
    const read = table('category,account\n差旅费,6602.01\n"办公费, 其他",6602.02\n')
    expect(read.shape).toEqual({ name: 'accounts', keys: ['category'], values: ['account'], dated: false })
    expect(findRow(read, ['办公费, 其他'])).toMatchObject({ values: { account: '6602.02' }, line: 3 })
    expect(findRow(read, ['办公费'])).toBeUndefined()
  })

  it('has the columns headed `key:` as keys, wherever they stand', () => {
    const read = table('account,key:category,note,key:company\n6602,差旅费,x,A\n6603,差旅费,y,B')
    expect(read.shape).toMatchObject({ keys: ['category', 'company'], values: ['account', 'note'] })
    expect(findRow(read, ['差旅费', 'B'])?.values).toEqual({ account: '6603', note: 'y' })
    expect(findRow(read, ['B', '差旅费'])).toBeUndefined()
  })

  it('gives a text when it has one value column, else a record', () => {
    const one = table('a,b\nk,v')
    const two = table('a,b,c\nk,v,w')
    const [first, second] = [findRow(one, ['k']), findRow(two, ['k'])]
    expect(first && resultOf(one.shape, first)).toBe('v')
    expect(second && resultOf(two.shape, second)).toEqual({ b: 'v', c: 'w' })
  })

  it('counts a row from its first day up to, and without, its last', () => {
    const read = table('k,v,from,to\nA,old,,2026-07-01\nA,new,2026-07-01,2026-08-01\nB,always,,')
    expect(findRow(read, ['A'], day('2026-06-30'))?.values).toEqual({ v: 'old' })
    expect(findRow(read, ['A'], day('2026-07-01'))?.values).toEqual({ v: 'new' })
    expect(findRow(read, ['A'], day('2026-08-01'))).toBeUndefined()
    expect(findRow(read, ['A'])).toBeUndefined()
    expect(findRow(read, ['B'])?.values).toEqual({ v: 'always' })
    expect(read.shape.dated).toBe(true)
  })

  it('reads days as spreadsheets write them', () => {
    expect(['2026-01-05', '2026/1/5', '2026-1-5'].map((text) => readDay(text)?.text)).toEqual(
      Array(3).fill('2026-01-05'),
    )
    expect(['2026-02-30', '5.1.2026', '26-1-5', ''].map(readDay)).toEqual(Array(4).fill(undefined))
  })

  it('takes no notice of spaces, empty lines, a missing last line end, or CRLF', () => {
    const read = table('k , v\r\n\r\n A ,1 \r\n,,\r\n"B ",2')
    expect(findRow(read, ['A'])).toMatchObject({ values: { v: '1' }, line: 3 })
    expect(findRow(read, [' A '])?.line).toBe(3)
    expect(read.rows.size).toBe(2)
  })

  it('counts the lines inside quotes', () => {
    const read = table('k,v\nA,"two\nlines, ""quoted"""\nB,3')
    expect(findRow(read, ['A'])?.values).toEqual({ v: 'two\nlines, "quoted"' })
    expect(findRow(read, ['B'])?.line).toBe(4)
  })

  it('gives a row another version exactly when what it says is another', () => {
    const version = versionOf('k,v\nA,1')
    expect(version).toMatch(/^[0-9a-f]{16}$/)
    expect(versionOf('k,v\nX,9\nA, 1 ')).toBe(version)
    expect(versionOf('k,v\nA,2')).not.toBe(version)
    expect(versionOf('k,w\nA,1')).not.toBe(version)
    expect(versionOf('k,v,from,to\nA,1,2026-01-01,')).not.toBe(version)
  })

  it('leaves out rows that are not filled in yet, with a warning', () => {
    const { table: read, problems } = parseTable('a', 'tables/a.csv', 'k,v\nA,\nB,1')
    expect(problems.map(({ severity, error }) => [severity, error.code, error.place?.line])).toEqual([
      ['warning', 'table.empty-row', 2],
    ])
    expect(read && findRow(read, ['A'])).toBeUndefined()
  })

  it.each([
    ['nothing', '', ['config.empty 1']],
    ['only a key column', 'k\nA', ['table.bad-header 1']],
    ['semicolons', 'k;v\nA;1', ['table.bad-header 1']],
    ['a column twice', 'k,v,v\nA,1,2', ['table.bad-header 1']],
    ['a nameless column', 'k,,v\nA,1,2', ['table.bad-header 1']],
    ['a column of the prototype', 'k,__proto__\nA,1', ['table.bad-header 1']],
    ['`from` without `to`', 'k,v,from\nA,1,', ['table.bad-header 1']],
    ['only keys', 'key:a,key:b\nA,1', ['table.bad-header 1']],
    ['a cell too many', 'k,v\nA,1,2\nB', ['table.columns 2', 'table.columns 3']],
    ['an empty key', 'k,v\n,1\n', ['table.empty-key 2']],
    ['a day that does not exist', 'k,v,from,to\nA,1,2026-02-30,x', ['table.bad-date 2', 'table.bad-date 2']],
    ['days in the wrong order', 'k,v,from,to\nA,1,2026-02-01,2026-02-01', ['table.bad-span 2']],
    ['an open quote', 'k,v\nA,"1\nB,2', ['table.bad-csv 3']],
    ['a quote inside a cell', 'k,v\nA,1"2\n', ['table.bad-csv 2']],
    ['one key twice', 'k,v\nA,1\nB,1\nA,1', ['table.overlap 4']],
    ['days that meet', 'k,v,from,to\nA,1,2026-01-01,\nA,2,,2026-01-02', ['table.overlap 3']],
    [
      'a span inside another',
      'k,v,from,to\nA,1,2026-01-01,2026-12-31\nA,2,2026-02-01,2026-03-01\nA,3,2026-05-01,2026-06-01',
      ['table.overlap 3', 'table.overlap 4'],
    ],
    [
      'several mistakes',
      'k,v,from,to\n,1,x,\nA,1,,\nA,2,,',
      ['table.empty-key 2', 'table.bad-date 2', 'table.overlap 4'],
    ],
  ])('is refused with %s', (_, text, expected) => {
    expect(wrongWith(text)).toEqual(expected)
  })

  it('names both lines of an overlap', () => {
    const { problems } = parseTable('a', 'tables/a.csv', 'k,v\nA,1\nA,2')
    expect(problems[0]?.error.message).toBe(
      'This row and the one in line 2 count for the same key (A) on the same day.',
    )
    expect(problems[0]?.error.place).toEqual({ file: 'tables/a.csv', line: 3, column: 1 })
  })

  it('finds a row among a hundred thousand without looking at each', () => {
    const rows = Array.from({ length: 100_000 }, (_, at) => `k${at},${at}`)
    const read = table(`k,v\n${rows.join('\n')}`)
    const start = performance.now()
    for (let at = 0; at < 1000; at++) expect(findRow(read, [`k${at * 90}`])?.line).toBe(at * 90 + 2)
    expect(performance.now() - start).toBeLessThan(500)
  })
})
