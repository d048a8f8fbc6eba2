import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbedded, type Embedded } from '../embedded/index.ts'
import { ownEverything } from '../leases/index.ts'
import { openEmbeddedStore, type EventRow, type Store } from '../store/index.ts'
import { realClock } from '../time/index.ts'
import { Relay, type RelayGround } from './relay.ts'

let folder: string
let embedded: Embedded
let store: Store
let relay: Relay | undefined
let published: string[]
let broken: Set<string>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shuniu-relay-'))
  embedded = await openEmbedded({ folder, flushOn: 'main' })
  store = openEmbeddedStore(embedded)
  published = []
  broken = new Set()
})
afterEach(async () => {
  await relay?.close()
  await embedded.close()
  rmSync(folder, { recursive: true })
})

const nameOf = ({ topic, key }: EventRow): string => `${topic} ${key}`

function start(more: Partial<RelayGround> = {}): Relay {
  return (relay = new Relay({
    store,
    ownership: ownEverything(),
    clock: realClock,
    report: () => undefined,
    lost: () => undefined,
    publish: async (events) =>
      events.map((event) => {
        if (broken.has(event.key)) return new Error('no leader')
        published.push(nameOf(event))
        return undefined
      }),
    ...more,
  }))
}

let ids = 0
async function append(topic: string, key: string, more: { id?: number; sent_at?: number } = {}): Promise<void> {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(++ids)
  const row = { event_id: bytes, aggregatetype: topic, aggregateid: key, type: '', payload: bytes, attributes: '{}' }
  const state = more.sent_at === undefined ? 'waiting' : 'sent'
  await store.commit([{ insert: 'outbox', row: { ...row, time: 0, state, sent_at: more.sent_at ?? null } }])
}

const states = (): Promise<Record<string, number>> => store.tally('outbox', 'state')

test('what waits at a start is published in the order of its ids, and noted as sent', async () => {
  for (const key of ['a', 'b', 'c']) await append('t', key)
  start()
  await expect.poll(states).toEqual({ sent: 3 })
  expect(published).toEqual(['t a', 't b', 't c'])
})

test('what is woken for is published at once', async () => {
  start()
  await append('t', 'a')
  relay?.wake(['t'])
  await expect.poll(() => published, { timeout: 1_000 }).toEqual(['t a'])
})

test('a row with a lower id that came later is published too', async () => {
  await append('t', 'a')
  await append('t', 'b')
  await store.commit([{ remove: 'outbox', where: { aggregateid: 'a' } }])
  start()
  await expect.poll(states).toEqual({ sent: 1 })
  lower(embedded.reader.name)
  await expect.poll(() => published, { timeout: 5_000 }).toEqual(['t b', 't a'])
})

/** A commit that drew its id before another, and came behind it. */
function lower(file: string): void {
  const database = new Sqlite(file)
  const columns = 'id, event_id, aggregatetype, aggregateid, type, payload, attributes, time, state'
  database.prepare(`INSERT INTO outbox (${columns}) VALUES (1, x'00', 't', 'a', '', x'00', '{}', 0, 'waiting')`).run()
  database.close()
}

test('what fails stays and is tried again, without what was published beside it', async () => {
  for (const key of ['a', 'b', 'c']) await append('t', key)
  broken.add('b')
  start()
  await expect.poll(states).toEqual({ sent: 2, waiting: 1 })
  broken.clear()
  await expect.poll(states).toEqual({ sent: 3 })
  expect(published).toEqual(['t a', 't c', 't b'])
})

test('a topic that cannot be published holds up no other', async () => {
  await append('t', 'a')
  await append('u', 'b')
  broken.add('a')
  start()
  await expect.poll(() => published).toEqual(['u b'])
})

test('what was published and not noted is published again under the same id', async () => {
  await append('t', 'a')
  let failures = 1
  const seen: string[] = []
  start({
    store: {
      ...store,
      commit: (changes) => (failures-- > 0 ? Promise.reject(new Error('the database is away')) : store.commit(changes)),
    },
    publish: async (events) => {
      seen.push(...events.map(({ eventId }) => Buffer.from(eventId).toString('hex')))
      return events.map(() => undefined)
    },
  })
  await expect.poll(states).toEqual({ sent: 1 })
  expect(seen).toHaveLength(2)
  expect(new Set(seen).size).toBe(1)
})

test('sent rows go after two years and some, and not before', async () => {
  const day = 86_400_000
  await append('t', 'old', { sent_at: Date.now() - 801 * day })
  await append('t', 'young', { sent_at: Date.now() - 799 * day })
  start()
  await expect.poll(states).toEqual({ sent: 1 })
  expect((await store.select('outbox', {})).map(({ aggregateid }) => aggregateid)).toEqual(['young'])
})

test('nothing is begun when it is closed', async () => {
  await start().close()
  await append('t', 'a')
  relay?.wake(['t'])
  expect([published, await states()]).toEqual([[], { waiting: 1 }])
})
