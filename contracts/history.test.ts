import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contracts } from './contracts.ts'
import { checkContracts, loadContracts } from './history.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'contracts-'))))
afterEach(() => rm(folder, { recursive: true }))

const optional = { name: 'note', type: ['null', 'string'], default: null, doc: 'x' }
const required = { name: 'note', type: 'string', doc: 'x' }

function schema(topic: string, ...more: object[]): string {
  const shuniu = { owner: 'x', key: 'id', topic, compatibility: 'FULL_TRANSITIVE', visibility: 'public' }
  return JSON.stringify({
    type: 'record',
    name: 'R',
    fields: [{ name: 'id', type: 'string', doc: 'x' }, ...more],
    shuniu,
  })
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true })
  await writeFile(join(folder, path), text)
}

async function verdict(): Promise<string[]> {
  return (await checkContracts(folder)).map(({ severity, error }) =>
    `${severity} ${error.code} ${error.parameters['path'] ?? ''}`.trim(),
  )
}

test('the contracts of the hub understand every version that was ever released', async () => {
  expect(await checkContracts(fileURLToPath(new URL('./events', import.meta.url)))).toEqual([])
})

test('a project has contracts of its own beside those of the hub', async () => {
  await put('project.task.done.avsc', schema('project.task.done.v1'))
  const loaded = await loadContracts(folder)
  expect(loaded.problems).toEqual([])
  expect(loaded.contracts.map((one) => one.topic)).toEqual(['project.task.done.v1'])
})

test('a folder that is not there holds nothing', async () => {
  expect(await loadContracts(join(folder, 'none'))).toEqual({ contracts: [], problems: [] })
})

test('every file that is wrong is reported with its name', async () => {
  await put('a.b.c.avsc', '{')
  await put('a.b.d.avsc', schema('a.b.e.v1'))
  await put('finance.voucher.created.avsc', schema('finance.voucher.created.v1'))
  const { problems } = await loadContracts(folder, contracts)
  expect(problems.map(({ error }) => [error.code, error.place?.file])).toEqual([
    ['schema.not-json', join(folder, 'a.b.c.avsc')],
    ['contract.file-name', join(folder, 'a.b.d.avsc')],
    ['contract.twice', join(folder, 'finance.voucher.created.avsc')],
  ])
})

test('an optional field may be added', async () => {
  await put('a.b.c.avsc', schema('a.b.c.v1', optional))
  await put('released/a.b.c.v1/1.avsc', schema('a.b.c.v1'))
  expect(await verdict()).toEqual([])
})

test('a required field may not be added, and the error names file and versions', async () => {
  await put('a.b.c.avsc', schema('a.b.c.v1', required))
  await put('released/a.b.c.v1/1.avsc', schema('a.b.c.v1'))
  const [only] = await checkContracts(folder)
  expect(only?.error.code).toBe('contract.break-field')
  expect(only?.error.parameters).toMatchObject({ path: 'note', reader: 2, writer: 1 })
  expect(only?.error.place?.file).toBe(join(folder, 'a.b.c.avsc'))
})

test('the tenth version is compared with the second and with all others', async () => {
  await put('a.b.c.avsc', schema('a.b.c.v1', { ...optional, type: ['null', 'int'] }))
  await put('released/a.b.c.v1/1.avsc', schema('a.b.c.v1'))
  await put('released/a.b.c.v1/2.avsc', schema('a.b.c.v1', optional))
  await put('released/a.b.c.v1/10.avsc', schema('a.b.c.v1'))
  const problems = await checkContracts(folder)
  expect(problems.map(({ error }) => [error.code, error.parameters['reader'], error.parameters['writer']])).toEqual([
    ['contract.break-branch', 4, 2],
    ['contract.break-branch', 2, 4],
    ['contract.hurts', undefined, undefined],
  ])
})

test('the next major version starts anew', async () => {
  await put('a.b.c.avsc', schema('a.b.c.v2', required))
  await put('released/a.b.c.v1/1.avsc', schema('a.b.c.v1'))
  expect(await verdict()).toEqual(['warning contract.unreleased'])
})

test('a released contract that vanished is an error', async () => {
  await put('released/a.b.c.v1/1.avsc', schema('a.b.c.v1'))
  expect(await verdict()).toEqual(['error contract.vanished'])
})
