import { assert, constantFrom, pre, property, string } from 'fast-check'
import { Day, HubError } from '@shuniu/contracts'
import { describe, expect, it } from 'vitest'
import { editTable, type TableEdit } from './table-edit.ts'
import { findRow, parseTable, type Table } from './table.ts'

function table(text: string): Table {
  const { table: read } = parseTable('accounts', 'tables/accounts.csv', text)
  if (!read) throw new Error('no table')
  return read
}

function refusal(text: string, edit: TableEdit): string {
  try {
    return editTable(table(text), edit)
  } catch (error) {
    if (error instanceof HubError) return error.code
    throw error
  }
}

describe('an edit of a table', () => {
  it.each([
    ['appends a row', 'k,v\nA,1\n', 'k,v\nA,1\nB,2\n'],
    ['appends after a last line without an end', 'k,v\nA,1', 'k,v\nA,1\nB,2\n'],
    ['keeps the line ends of the file', 'k,v\r\nA,1\r\n', 'k,v\r\nA,1\r\nB,2\r\n'],
    ['changes a row where it stands', 'k,v\nB,1\nA , "x"\n', 'k,v\nB,2\nA , "x"\n'],
    ['keeps the line end of the changed row', 'k,v\r\nB,1\r\nA,1\n', 'k,v\r\nB,2\r\nA,1\n'],
    ['leaves other lines as they are, byte for byte', 'k,v\n\n"A" , 1\n,,\nB,"1"', 'k,v\n\n"A" , 1\n,,\nB,2'],
    ['fills a row that had no value yet', 'k,v\nB,\nA,1\n', 'k,v\nB,2\nA,1\n'],
    ['writes the columns in the order of the file', 'v,key:k\n1,A\n', 'v,key:k\n1,A\n2,B\n'],
    ['keeps cells it says nothing of', 'k,v,note\nB,1,"a, b"\n', 'k,v,note\nB,2,"a, b"\n'],
  ])('%s', (_, before, after) => {
    expect(editTable(table(before), { keys: ['B'], values: { v: '2' } })).toBe(after)
  })

  it('tells rows of one key apart by their first day', () => {
    const before = 'k,v,from,to\nA,1,,2026/7/1\nA,2,2026-07-01,\n'
    const [july, august] = [Day.parse('2026-07-01'), Day.parse('2026-08-01')]
    expect(editTable(table(before), { keys: ['A'], values: { v: '9' }, from: july, to: august })).toBe(
      'k,v,from,to\nA,1,,2026/7/1\nA,9,2026-07-01,2026-08-01\n',
    )
    expect(editTable(table(before), { keys: ['A'], values: { v: '9' } })).toBe(
      'k,v,from,to\nA,9,,2026/7/1\nA,2,2026-07-01,\n',
    )
  })

  it.each<[string, string, TableEdit, string]>([
    ['too few keys', 'key:a,key:b,v\n1,2,3', { keys: ['1'], values: { v: '2' } }, 'table.key-count'],
    ['an unknown column', 'k,v\nA,1', { keys: ['A'], values: { w: '2' } }, 'table.unknown-column'],
    [
      'days in a table without days',
      'k,v\nA,1',
      { keys: ['A'], values: { v: '2' }, from: Day.parse('2026-01-01') },
      'table.not-dated',
    ],
    ['an empty key', 'k,v\nA,1', { keys: [''], values: { v: '2' } }, 'table.empty-key'],
    [
      'a day at which another row counts',
      'k,v,from,to\nA,1,,',
      { keys: ['A'], values: { v: '2' }, from: Day.parse('2026-01-01') },
      'table.overlap',
    ],
    ['a NUL', 'k,v\nA,1', { keys: ['A'], values: { v: 'a\0b' } }, 'config.control-character'],
  ])('is refused with %s', (_, text, edit, code) => {
    expect(refusal(text, edit)).toBe(code)
  })

  it('is read back as it was written, whatever the cells hold', () => {
    const cell = string({ unit: constantFrom('a', '费', ',', '"', '\n', '\r\n', ' ', ';', '=', '😀') })
    assert(
      property(cell, cell, (key, value) => {
        pre(key.trim() !== '' && value !== '')
        const before = table('k,v\nfirst,1\n')
        const edit = { keys: [key], values: { v: value } }
        const after = table(editTable(before, edit))
        expect(findRow(after, ['first'])?.values).toEqual({ v: '1' })
        expect(findRow(after, [key])?.values).toEqual({ v: value })
        expect(editTable(after, edit)).toBe(after.text)
      }),
      { numRuns: 300 },
    )
  })
})
