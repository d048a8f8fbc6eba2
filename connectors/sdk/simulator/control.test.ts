import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
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

async function ask(method: string, path: string, body?: string) {
  const answer = await fetch(running.url + path, { method, ...(body === undefined ? {} : { body }) })
  return { status: answer.status, body: JSON.parse(await answer.text()) }
}

test('GET /_sim tells name, description, acts and faults with their schemas', async () => {
  const { body } = await ask('GET', '/_sim')
  expect(body).toMatchObject({
    name: 'notebook',
    owner: 'somebody',
    acts: { erase: { title: 'Erase a note', input: { properties: { id: { type: 'string' } }, required: ['id'] } } },
    fault: { properties: { fault: { enum: expect.arrayContaining(['late', 'hang']) } } },
  })
  expect(body.operations).toContain('note.keep')
})

test('GET /_sim/book shows the latest state of each document, by kind if asked', async () => {
  await ask('POST', '/notes', 'one')
  await ask('POST', '/_sim/acts/erase', '{"id":"1"}')
  const one = { id: '1', number: 'N-1', kind: 'note', status: 'erased', body: 'one' }
  expect((await ask('GET', '/_sim/book')).body).toEqual([one])
  expect((await ask('GET', '/_sim/book?kind=other')).body).toEqual([])
})

test('an act with wrong input is 400, one that cannot be done 409, an unknown one 404', async () => {
  expect((await ask('POST', '/_sim/acts/erase', '{"id":1}')).status).toBe(400)
  expect((await ask('POST', '/_sim/acts/erase', '{"id"')).status).toBe(400)
  expect(await ask('POST', '/_sim/acts/erase', '{"id":"9"}')).toEqual({
    status: 409,
    body: { error: 'there is no note 9' },
  })
  expect((await ask('POST', '/_sim/acts/toString', '{}')).status).toBe(404)
})

test('faults are listed with how often they fired, and removed', async () => {
  await ask(
    'POST',
    '/_sim/faults',
    '[{"on":"note.keep","fault":"refuse","times":1},{"on":"*","fault":"hang","after":9}]',
  )
  await fetch(`${running.url}/notes`, { method: 'POST', body: 'one' })
  expect((await ask('GET', '/_sim/faults')).body).toMatchObject([
    { id: 1, fired: 1 },
    { id: 2, fired: 0 },
  ])
  expect((await ask('DELETE', '/_sim/faults?id=1')).body).toEqual({ removed: 1 })
  expect((await ask('DELETE', '/_sim/faults')).body).toEqual({ removed: 1 })
})

test('a fault on an operation that does not exist is refused with the names there are', async () => {
  const { status, body } = await ask('POST', '/_sim/faults', '{"on":"note.keeep","fault":"hang"}')
  expect(status).toBe(400)
  expect(body.error).toContain('note.keep, note.list')
})

test('control is never subject to a fault', async () => {
  await ask('POST', '/_sim/faults', '{"on":"*","fault":"hang"}')
  expect((await ask('GET', '/_sim/book')).status).toBe(200)
})

test('requests are shown from a position on, with counts and without secrets', async () => {
  await ask('POST', '/notes?key=open%20sesame', 'open sesame!')
  await ask('GET', '/notes')
  const { body } = await ask('GET', '/_sim/requests')
  expect(body).toMatchObject({ last: 2, counts: { 'note.keep': 1, 'note.list': 1 } })
  expect(body.requests[0]).toMatchObject({ n: 1, method: 'POST', path: '/notes', operation: 'note.keep', status: 200 })
  expect(body.requests[0].body).toBe('•••!')
  expect(body.requests[0].answeredMs).toBeGreaterThanOrEqual(body.requests[0].arrivedMs)
  expect(JSON.stringify(body)).not.toContain('sesame')
  expect((await ask('GET', '/_sim/requests?after=1')).body.requests).toMatchObject([{ n: 2 }])
})

test('a request that got a fault and no answer says so', async () => {
  await ask('POST', '/_sim/faults', '{"on":"*","fault":"reset-before","times":1}')
  await expect(ask('GET', '/notes')).rejects.toThrow()
  const [request] = (await ask('GET', '/_sim/requests')).body.requests
  expect(request).toMatchObject({ operation: 'note.list', fault: 'reset-before' })
  expect(request).not.toHaveProperty('status')
})

test('with control off nothing is under /_sim', async () => {
  const closed = await startSimulator(notebook, { data: join(folder, 'closed'), control: false })
  await fetch(`${closed.url}/_sim/faults`, { method: 'POST', body: 'just a note' })
  expect(closed.book.list().map(({ body }) => body)).toEqual(['just a note'])
  await closed.close()
})
