import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changesTo, hashOf, packSnapshot, readSnapshot, unpackSnapshot, writeSnapshot } from './snapshot.ts'

let dir: string
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'shuniu-snapshot-'))))
afterEach(() => rmSync(dir, { recursive: true }))

const files = { 'flows/pay.yaml': 'flow: pay', 'tables/account.csv': 'a,b\n', 'contracts/x.y.avsc': '{}' }
const write = (path: string, text: string): void => {
  mkdirSync(join(dir, path, '..'), { recursive: true })
  writeFileSync(join(dir, path), text)
}

test('holds what processes share, and nothing that is one machine’s own', async () => {
  for (const [path, text] of Object.entries(files)) write(path, text)
  for (const path of ['hub.yaml', 'secrets/key', 'tests/pay.test.yaml', 'flows/.pay.yaml.swp', 'flows/notes.md'])
    write(path, 'x')
  expect(Object.fromEntries(await readSnapshot(dir))).toEqual(files)
})

test('has one hash for the same files in any order, and another when one letter differs', () => {
  const entries = Object.entries(files)
  const same = hashOf(new Map(entries.toReversed()))
  expect(hashOf(new Map(entries))).toBe(same)
  expect(hashOf(new Map([...entries, ['flows/pay.yaml', 'flow: pay ']]))).not.toBe(same)
})

test('written into a folder, it is read back the same, and what it does not hold is gone', async () => {
  write('flows/old.yaml', 'flow: old')
  write('hub.yaml', 'name: mine')
  await writeSnapshot(dir, new Map(Object.entries(files)))
  expect(Object.fromEntries(await readSnapshot(dir))).toEqual(files)
  expect(readFileSync(join(dir, 'hub.yaml'), 'utf8')).toBe('name: mine')
})

test('says what would change', () => {
  const to = new Map([...Object.entries(files).slice(1), ['tables/account.csv', 'a,c\n'], ['flows/new.yaml', 'x']])
  expect(changesTo(new Map(Object.entries(files)), to)).toEqual([
    { path: 'flows/new.yaml', change: 'added' },
    { path: 'flows/pay.yaml', change: 'removed' },
    { path: 'tables/account.csv', change: 'changed' },
  ])
})

test('a row that names a path outside of the project is refused', () => {
  const snapshot = new Map(Object.entries(files))
  expect([...unpackSnapshot(packSnapshot(snapshot))]).toEqual([...snapshot])
  expect(() => unpackSnapshot('{"flows/../../etc/passwd.yaml":"x"}')).toThrow('flows/../../etc')
})
