import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyOfExample, shuniu, type Ran } from '../testing.ts'

let project: { path: string; remove(): void }
beforeEach(() => void (project = copyOfExample()))
afterEach(() => project.remove())

const tables = (...argv: string[]): Promise<Ran> => shuniu(['tables', ...argv, '--project', project.path])
const csv = (): string => readFileSync(join(project.path, 'tables/department.csv'), 'utf8')

test('without a hub a row is written into the file, and no other line changes', async () => {
  const before = csv()
  const { code, out } = await tables('set', 'department', '999', 'D09')
  expect([code, out]).toEqual([0, 'department: 999 → D09\n'])
  expect(csv()).toBe(`${before.trimEnd()}\n999,D09\n`)
})

test('a row that is there gets the new value', async () => {
  await tables('set', 'department', '587120341', 'D07')
  expect(csv()).toContain('587120341,D07\n')
  expect(csv()).not.toContain('D01')
})

test('list and show are data', async () => {
  expect(JSON.parse((await tables('list', '--json')).out)).toMatchObject({
    items: [{ name: 'department', rows: 5 }, { name: 'expense-account' }],
  })
  expect(JSON.parse((await tables('show', 'department', '--json')).out)).toMatchObject({
    keys: ['dingtalk'],
    rows: [{ keys: ['587120341'], values: { kingdee: 'D01' } }, {}, {}, {}, {}],
  })
})

test('a cell too few says which ones there are', async () => {
  const { code, err } = await tables('set', 'department', '999')
  expect(code).toBe(64)
  expect(err).toContain('<dingtalk> <kingdee>')
})

test('a day in a table without days is refused, and so is one that is no day', async () => {
  const before = csv()
  expect((await tables('set', 'department', '1', 'D', '--from', '2026-11-01')).err).toContain('table.not-dated')
  expect((await tables('set', 'department', '1', 'D', '--from', '2026-02-30')).code).toBe(64)
  expect(csv()).toBe(before)
})

test('an unknown table has its nearest name', async () => {
  const { code, err } = await tables('show', 'departement')
  expect([code, err]).toEqual([1, expect.stringContaining('department')])
})

test('where neither a hub nor a project is, it ends with 69', async () => {
  const { code } = await shuniu(['tables', 'list'])
  expect(code).toBe(69)
})
