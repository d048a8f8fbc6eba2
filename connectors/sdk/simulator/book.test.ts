import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBook } from './book.ts'
import type { BookEntry } from './book.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'book-'))
})
afterEach(() => rm(folder, { recursive: true }))

const entry = (id: string, status = 'A'): BookEntry => ({
  id,
  number: `N-${id}`,
  kind: 'voucher',
  status,
  body: { id },
})

test('a later entry with the same id replaces the state and keeps the place', async () => {
  const book = await openBook(folder)
  await book.append(entry('1'))
  await book.append(entry('2'))
  await book.append(entry('1', 'B'))
  expect(book.list().map(({ id, status }) => id + status)).toEqual(['1B', '2A'])
  expect(book.history('1').map(({ status }) => status)).toEqual(['A', 'B'])
  expect(book.get('3')).toBeUndefined()
  await book.close()
})

test('concurrent appends are all kept, in the order of the calls', async () => {
  const book = await openBook(folder)
  const ids = Array.from({ length: 200 }, (_, index) => String(index))
  await Promise.all(ids.map((id) => book.append(entry(id))))
  await book.close()
  const again = await openBook(folder)
  expect(again.list().map(({ id }) => id)).toEqual(ids)
  await again.close()
})

test('an entry is not shown before its append has resolved', async () => {
  const book = await openBook(folder)
  const appending = book.append(entry('1'))
  expect(book.list()).toEqual([])
  await appending
  expect(book.list()).toHaveLength(1)
  await book.close()
})

test('only documents of the asked kind are listed', async () => {
  const book = await openBook(folder)
  await book.append(entry('1'))
  await book.append({ ...entry('2'), kind: 'bill' })
  expect(book.list('bill').map(({ id }) => id)).toEqual(['2'])
  await book.close()
})

test('notes survive a restart beside the documents', async () => {
  const book = await openBook(folder)
  await book.note({ period: '2026-01', closed: true })
  await book.close()
  const again = await openBook(folder)
  expect(again.notes()).toEqual([{ period: '2026-01', closed: true }])
  expect(again.list()).toEqual([])
  await again.close()
})

test('a torn last line is cut off and the book goes on behind the last whole one', async () => {
  const book = await openBook(folder)
  await book.append(entry('1'))
  await book.close()
  await appendFile(join(folder, 'book.jsonl'), '{"entry":{"id":"2","num')
  const again = await openBook(folder)
  await again.append(entry('3'))
  await again.close()
  const lines = (await readFile(join(folder, 'book.jsonl'), 'utf8')).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).entry.id)).toEqual(['1', '3'])
})

test('a damaged line in the middle is an error and not a shorter book', async () => {
  await writeFile(join(folder, 'book.jsonl'), '{"entry":{"id"\n{"note":{}}\n')
  await expect(openBook(folder)).rejects.toThrow('damaged at line 1')
})

test('a closed book takes no entry and shows none', async () => {
  const book = await openBook(folder)
  await book.close()
  await expect(book.append(entry('1'))).rejects.toThrow()
  expect(book.list()).toEqual([])
})
