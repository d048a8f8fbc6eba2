import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBook } from './book.ts'

const program = fileURLToPath(new URL('notebook.ts', import.meta.url))
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notebook-'))
})
afterEach(() => rm(folder, { recursive: true }))

function run(...flags: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function ready(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout ?? []) {
    const url = /^ready (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(String(chunk))?.[1]
    if (url !== undefined) return url
  }
  throw new Error('it never became ready')
}

test('what was answered is in the book after kill -9', async () => {
  const child = run('--data', folder)
  const url = await ready(child)
  const answered: string[] = []
  const keep = async (text: string) => {
    const answer = await fetch(`${url}/notes`, { method: 'POST', body: text })
    if (answer.ok) answered.push(text)
    if (answered.length === 40) child.kill('SIGKILL')
  }
  await Promise.allSettled(Array.from({ length: 200 }, (_, index) => keep(`note ${index}`)))
  const book = await openBook(folder)
  const kept = new Set(book.list().map(({ body }) => body))
  await book.close()
  expect(answered.length).toBeGreaterThanOrEqual(40)
  expect(answered.filter((text) => !kept.has(text))).toEqual([])
})

test('SIGTERM ends it with exit code 0 although a client still waits', async () => {
  const child = run('--data', folder, '--owner', 'Li')
  const url = await ready(child)
  expect(await (await fetch(`${url}/_sim`)).json()).toMatchObject({ owner: 'Li' })
  await fetch(`${url}/_sim/faults`, { method: 'POST', body: '{"on":"*","fault":"hang"}' })
  const waiting = fetch(`${url}/notes`).catch(() => 'cut')
  await expect.poll(async () => (await fetch(`${url}/_sim/requests`)).json()).toMatchObject({ last: 1 })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await waiting).toBe('cut')
})

test.each([
  { flags: [], says: '--data is missing' },
  { flags: ['--data', 'x', '--port', 'many'], says: '--port many is not a port' },
  { flags: ['--data', 'x', '--colour', 'red'], says: '--colour' },
])('wrong flags $flags end with 64 and the help', async ({ flags, says }) => {
  const child = run(...flags)
  const said: string[] = []
  child.stderr?.on('data', (chunk) => said.push(String(chunk)))
  expect(await once(child, 'close')).toEqual([64, null])
  expect(said.join('')).toContain(says)
  expect(said.join('')).toContain('--owner             whose notes these are; default somebody')
})
