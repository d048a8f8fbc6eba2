import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { FaultRule } from './faults.ts'
import { notebook } from './notebook.ts'
import { startSimulator } from './server.ts'
import type { RunningSimulator } from './simulator.ts'

let folder: string
let running: RunningSimulator
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notebook-'))
  running = await startSimulator(notebook, { data: folder })
})
afterEach(async () => {
  await running.close()
  await rm(folder, { recursive: true })
})

const post = (path: string, body: unknown, timeout = 5000) =>
  fetch(running.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(timeout),
  })
const get = async (path: string) => (await fetch(running.url + path)).json()
const put = async (rule: FaultRule) => expect((await post('/_sim/faults', rule)).status).toBe(200)
const kept = () => running.book.list().map(({ body }) => body)

test('without a fault the work is done and answered', async () => {
  expect(await (await post('/notes', 'one')).json()).toEqual({ kept: 1 })
  expect(kept()).toEqual(['one'])
})

test("refuse, throttle and token-expired are the vendor's own answers and do nothing", async () => {
  for (const [fault, status] of [
    ['refuse', 400],
    ['throttle', 429],
    ['token-expired', 400],
  ] as const) {
    await put({ on: 'note.keep', fault, times: 1 })
    const answer = await post('/notes', 'one')
    expect([answer.status, await answer.text()]).toEqual([status, fault])
  }
  expect(kept()).toEqual([])
})

test('slow answers after its time and the work is done', async () => {
  await put({ on: 'note.keep', fault: 'slow', ms: 60, times: 1 })
  const before = performance.now()
  expect(await (await post('/notes', 'one')).json()).toEqual({ kept: 1 })
  expect(performance.now() - before).toBeGreaterThan(55)
  expect(kept()).toEqual(['one'])
})

test('hang leaves the client waiting and does nothing', async () => {
  await put({ on: 'note.keep', fault: 'hang', times: 1 })
  await expect(post('/notes', 'one', 80)).rejects.toThrow(/timeout/i)
  expect(kept()).toEqual([])
})

test('execute-then-timeout leaves the document in the book while the client times out', async () => {
  await put({ on: 'note.keep', fault: 'execute-then-timeout', times: 1 })
  await expect(post('/notes', 'one', 80)).rejects.toThrow(/timeout/i)
  expect(kept()).toEqual(['one'])
})

test('late executes after the client has gone', async () => {
  await put({ on: 'note.keep', fault: 'late', ms: 150, times: 1 })
  await expect(post('/notes', 'one', 50)).rejects.toThrow(/timeout/i)
  expect(kept()).toEqual([])
  await vi.waitFor(() => expect(kept()).toEqual(['one']))
})

test('reset-before does nothing, reset-after has done it; the client sees the same', async () => {
  const codes: unknown[] = []
  for (const fault of ['reset-before', 'reset-after'] as const) {
    await put({ on: 'note.keep', fault, times: 1 })
    const failure: unknown = await post('/notes', fault).catch((error: Error) => error.cause)
    codes.push(failure instanceof Error && 'code' in failure ? failure.code : failure)
  }
  expect(codes).toEqual(['ECONNRESET', 'ECONNRESET'])
  expect(kept()).toEqual(['reset-after'])
})

test('html-502 is a page instead of an answer and does nothing', async () => {
  await put({ on: 'note.keep', fault: 'html-502', times: 1 })
  const answer = await post('/notes', 'one')
  expect(answer.status).toBe(502)
  expect(answer.headers.get('content-type')).toBe('text/html')
  expect(kept()).toEqual([])
})

test('empty-query hides what is there and waits for a query', async () => {
  await put({ on: '*', fault: 'empty-query', times: 1 })
  await post('/notes', 'one')
  expect(await get('/notes')).toEqual([])
  expect(await get('/notes')).toEqual(['one'])
})

test('partial-batch is honoured by the simulator itself', async () => {
  await put({ on: '*', fault: 'partial-batch', times: 1 })
  expect(await (await post('/batch', 'one\ntwo')).json()).toEqual({ kept: 1 })
})

test('a push fault is there for whoever pushes and leaves requests alone', async () => {
  await put({ on: '*', fault: 'lost-push', times: 1 })
  await post('/notes', 'one')
  expect(await (await post('/_sim/acts/ring', {})).json()).toEqual({ fault: 'lost-push' })
})

test('a late execution never happens after the simulator has closed', async () => {
  await put({ on: 'note.keep', fault: 'late', ms: 20, times: 1 })
  await expect(post('/notes', 'one', 10)).rejects.toThrow(/timeout/i)
  await running.close()
  running = await startSimulator(notebook, { data: folder })
  expect(kept()).toEqual([])
})

test('a body beyond 10 MB is refused', async () => {
  const answer = await post('/notes', 'x'.repeat(10 * 1024 * 1024 + 1)).catch(() => ({ status: 413 }))
  expect(answer.status).toBe(413)
  expect(kept()).toEqual([])
})

test('a request that breaks off in the middle does nothing and is shown as incomplete', async () => {
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1')
  socket.write('POST /notes HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', () => socket.destroy())
  await vi.waitFor(async () => expect(await get('/_sim/requests')).toMatchObject({ counts: { incomplete: 1 } }))
  expect(kept()).toEqual([])
})
