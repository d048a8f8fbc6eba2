import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Day, type Problem } from '@shuniu/contracts'
import { SimulatedClock } from '../time/index.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TableChange } from './table-changes.ts'
import { openTables, type Tables } from './tables.ts'

let dir: string
let tables: Tables
let changes: TableChange[][]
let problems: Map<string, readonly Problem[]>
let clock: SimulatedClock

const write = (name: string, text: string | Uint8Array): void => writeFileSync(join(dir, `${name}.csv`), text)
const read = (name: string): string => readFileSync(join(dir, `${name}.csv`), 'utf8')
const codes = (name: string): string[] => (problems.get(`tables/${name}.csv`) ?? []).map(({ error }) => error.code)

async function open(): Promise<void> {
  tables = await openTables(dir, {
    clock,
    onChange: (found) => changes.push([...found]),
    onProblem: (file, found) => problems.set(file, found),
  })
}

beforeEach(async () => {
  dir = join(mkdtempSync(join(tmpdir(), 'shuniu-tables-')), 'tables')
  mkdirSync(dir)
  changes = []
  problems = new Map()
  clock = new SimulatedClock(0)
  write('accounts', 'k,v\nA,1\nB,2\n')
  await open()
})

afterEach(() => {
  tables.close()
  rmSync(join(dir, '..'), { recursive: true })
})

describe('open tables', () => {
  it('answer by table, key and day', () => {
    expect(tables.find('accounts', ['A'])).toMatchObject({ values: { v: '1' }, line: 2 })
    expect(tables.find('accounts', ['C'], Day.parse('2026-01-01'))).toBeUndefined()
    expect(tables.shapes).toEqual([{ name: 'accounts', keys: ['k'], values: ['v'], dated: false }])
    expect(tables.shape('accounts')?.values).toEqual(['v'])
    expect(tables.shape('nothing')).toBeUndefined()
  })

  it('refuse an unknown table, with the nearest name, and a wrong number of keys', () => {
    expect(() => tables.find('acounts', ['A'])).toThrow('There is no table "acounts"; the nearest is "accounts".')
    expect(() => tables.find('accounts', ['A', 'B'])).toThrow('has 1 key columns; 2 keys were given')
  })

  it('say exactly which keys appeared, changed or went', async () => {
    write('accounts', 'k,v\nB,2\nA,9\nC,3\n')
    write('more', 'k,v\nX,1\n')
    await tables.reload()
    write('accounts', 'k,v\nB,2\n')
    await tables.reload()
    expect(changes).toEqual([
      [
        { table: 'accounts', keys: ['A'], change: 'changed' },
        { table: 'accounts', keys: ['C'], change: 'appeared' },
        { table: 'more', keys: ['X'], change: 'appeared' },
      ],
      [
        { table: 'accounts', keys: ['A'], change: 'gone' },
        { table: 'accounts', keys: ['C'], change: 'gone' },
      ],
    ])
  })

  it('say nothing of what is there at the start, nor of an edit that changes no row', async () => {
    write('accounts', 'k,v\n\nA , 1\nB,2')
    await tables.reload()
    expect(changes).toEqual([])
  })

  it('stay with the last good reading of a file that has become bad, and report it once', async () => {
    write('accounts', 'k,v\nA,7\nA,8\n')
    await tables.reload()
    expect(codes('accounts')).toEqual(['table.overlap'])
    expect(tables.find('accounts', ['A'])?.values).toEqual({ v: '1' })
    problems.clear()
    await tables.reload()
    expect(problems.size).toBe(0)
    expect(changes).toEqual([])
  })

  it('take a mended file into use and report that all is well', async () => {
    write('accounts', 'nonsense')
    await tables.reload()
    write('accounts', 'k,v\nA,7\nB,2\n')
    await tables.reload()
    expect(problems.get('tables/accounts.csv')).toEqual([])
    expect(changes).toEqual([[{ table: 'accounts', keys: ['A'], change: 'changed' }]])
  })

  it('are well again when the text from before comes back', async () => {
    const before = read('accounts')
    write('accounts', 'nonsense')
    await tables.reload()
    write('accounts', before)
    await tables.reload()
    expect(problems.get('tables/accounts.csv')).toEqual([])
    expect(changes).toEqual([])
  })

  it.each([
    ['GBK from a spreadsheet', Buffer.from([0x6b, 0x2c, 0x76, 0x0a, 0xb8, 0xb6, 0x2c, 0x31]), 'config.not-utf8'],
    ['half a file', 'k,v\nA,"1', 'table.bad-csv'],
    ['nothing', '', 'config.empty'],
  ])('keep their rows through %s', async (_, text, code) => {
    write('accounts', text)
    await tables.reload()
    expect(codes('accounts')).toEqual([code])
    expect(tables.find('accounts', ['B'])?.values).toEqual({ v: '2' })
  })

  it('keep their rows when a file goes, and take it back when it returns', async () => {
    const before = read('accounts')
    rmSync(join(dir, 'accounts.csv'))
    await tables.reload()
    expect(codes('accounts')).toEqual(['table.gone'])
    expect(tables.find('accounts', ['A'])?.values).toEqual({ v: '1' })
    write('accounts', before)
    await tables.reload()
    expect(codes('accounts')).toEqual([])
    expect(changes).toEqual([])
  })

  it('name the trouble of a table that was never good', async () => {
    write('bad', 'k\n')
    await tables.reload()
    expect(() => tables.find('bad', ['A'])).toThrow('The file of the table "bad" has errors')
  })

  it('notice an edit by themselves, after the folder has settled', async () => {
    write('accounts', 'k,v\nA,1\nB,5\n')
    const deadline = Date.now() + 10_000
    while (changes.length === 0 && Date.now() < deadline) await clock.advance(50)
    expect(changes).toEqual([[{ table: 'accounts', keys: ['B'], change: 'changed' }]])
  })

  it('work without a folder', async () => {
    tables.close()
    rmSync(dir, { recursive: true })
    await open()
    expect(tables.shapes).toEqual([])
    expect(() => tables.find('accounts', ['A'])).toThrow('There is no table "accounts"')
    mkdirSync(dir)
  })
})

describe('setting a row', () => {
  it('writes the file and takes the row into use before it returns', async () => {
    await tables.set('accounts', { keys: ['C'], values: { v: '6602.01' } })
    expect(read('accounts')).toBe('k,v\nA,1\nB,2\nC,6602.01\n')
    expect(tables.find('accounts', ['C'])?.values).toEqual({ v: '6602.01' })
    expect(changes).toEqual([[{ table: 'accounts', keys: ['C'], change: 'appeared' }]])
  })

  it('builds on what a person has just saved', async () => {
    write('accounts', 'k,v\nA,1\nB,2\nP,9\n')
    await tables.set('accounts', { keys: ['C'], values: { v: '3' } })
    expect(read('accounts')).toBe('k,v\nA,1\nB,2\nP,9\nC,3\n')
  })

  it('keeps byte order mark, permissions and the folder tidy', async () => {
    writeFileSync(join(dir, 'marked.csv'), '\ufeffk,v\r\nA,1\r\n', { mode: 0o640 })
    await tables.set('marked', { keys: ['A'], values: { v: '2' } })
    expect(read('marked')).toBe('\ufeffk,v\r\nA,2\r\n')
    expect(statSync(join(dir, 'marked.csv')).mode & 0o777).toBe(0o640)
    expect(readdirSync(dir)).toEqual(['accounts.csv', 'marked.csv'])
  })

  it('many at once end up in the file, each of them', async () => {
    const keys = Array.from({ length: 20 }, (_, at) => `K${at}`)
    await Promise.all(keys.map((key) => tables.set('accounts', { keys: [key], values: { v: key } })))
    for (const key of keys) expect(tables.find('accounts', [key])?.values).toEqual({ v: key })
    expect(changes.flat().map((change) => change.keys[0])).toEqual(keys)
  })

  it('refuses to touch a file that has errors, or one that is not there', async () => {
    write('accounts', 'k,v\nA,1\nA,2\n')
    await expect(tables.set('accounts', { keys: ['C'], values: { v: '3' } })).rejects.toMatchObject({
      code: 'table.damaged',
    })
    await expect(tables.set('nothing', { keys: ['C'], values: { v: '3' } })).rejects.toMatchObject({
      code: 'table.unknown',
    })
    expect(read('accounts')).toBe('k,v\nA,1\nA,2\n')
    expect(existsSync(join(dir, 'nothing.csv'))).toBe(false)
  })

  it('leaves file and rows alone when the edit is refused, and goes on working', async () => {
    await expect(tables.set('accounts', { keys: ['C'], values: { w: '3' } })).rejects.toMatchObject({
      code: 'table.unknown-column',
    })
    expect(read('accounts')).toBe('k,v\nA,1\nB,2\n')
    await tables.set('accounts', { keys: ['C'], values: { v: '3' } })
    expect(changes).toHaveLength(1)
  })
})
