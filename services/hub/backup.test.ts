import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backUp } from './backup.ts'
import { temporaryFolder } from './cli/testing.ts'

let folder: ReturnType<typeof temporaryFolder>
let embedded: Embedded
beforeEach(async () => {
  folder = temporaryFolder()
  embedded = await openEmbedded({ folder: join(folder.path, 'data') })
})
afterEach(async () => {
  await embedded.close()
  folder.remove()
})

test('a copy is a new file that only its owner reads', async () => {
  const file = join(folder.path, 'copy.db')
  const { bytes } = await backUp(embedded, file)
  expect(bytes).toBe(statSync(file).size)
  expect(bytes).toBeGreaterThan(4096)
  expect(statSync(file).mode & 0o077).toBe(0)
})

test('a file that exists is refused and stays as it is', async () => {
  const file = join(folder.path, 'copy.db')
  writeFileSync(file, 'last month')
  await expect(backUp(embedded, file)).rejects.toMatchObject({ code: 'backup.exists', parameters: { file } })
  expect(readFileSync(file, 'utf8')).toBe('last month')
})

test('the data of the hub itself is refused', async () => {
  await expect(backUp(embedded, join(folder.path, 'data', 'shuniu.db'))).rejects.toMatchObject({
    code: 'backup.exists',
  })
})

test('a folder that does not exist is refused', async () => {
  const file = join(folder.path, 'nowhere', 'copy.db')
  const parameters = { file, because: 'ENOENT' }
  await expect(backUp(embedded, file)).rejects.toMatchObject({ code: 'backup.not-written', parameters })
})

test('nothing is left of a copy that failed', async () => {
  const file = join(folder.path, 'copy.db')
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  const failing = backUp({ backup: () => Promise.reject(full) }, file)
  await expect(failing).rejects.toMatchObject({ code: 'backup.not-written', parameters: { because: 'SQLITE_FULL' } })
  expect(existsSync(file)).toBe(false)
})
