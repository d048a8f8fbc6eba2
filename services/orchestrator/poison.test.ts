import { eventIdBytes, HubError } from '@shuniu/contracts'
import { placeOf } from '@shuniu/infra/log'
import type { EventRow, Row } from '@shuniu/infra/store'
import { afterEach, expect, test } from 'vitest'
import { keep, recordOf } from './poison.ts'
import type { TestHub } from './test-hub.ts'
import { openPayments, payment } from './test-payments.ts'

let hub: TestHub
afterEach(() => hub.close())

const topic = 'approval.payment.approved.v1'

/** Of no frame we know; it tells a mobile number. */
function odd(number: number): EventRow {
  const eventId = Buffer.alloc(16)
  eventId.writeUInt32BE(number, 12)
  const attributes = JSON.stringify({ ce_type: 'approval.payment.approved', ce_time: 'on 13812345678', odd: number })
  return { eventId, topic, key: 'A', time: number, attributes, data: Uint8Array.of(9, number % 256) }
}

const deadLetter = async ({ attributes, key, data, time, position, run }: Row<'poisoned'>): Promise<EventRow> => {
  const eventId = Buffer.alloc(16, 1)
  eventId.writeUInt32BE(position, 12)
  return { eventId, topic: 'copies', key, time, data, attributes: JSON.stringify({ ...JSON.parse(attributes), run }) }
}

const copies = async (): Promise<unknown[]> =>
  (await hub.log.read({ topics: ['copies'], from: 0, limit: 1_000 })).map(({ attributes, data }) => [
    JSON.parse(attributes),
    [...data],
  ])

test('what nobody can read is parked with its bytes and headers, copied once, and the rest goes on', async () => {
  hub = await openPayments({ strangers: { deadLetter } })
  await hub.log.append([odd(1)])
  await hub.append(payment('B'))
  await hub.pass(1)
  expect(await hub.runs()).toEqual(['flow done'])
  const { id, reason, event } = await hub.parked()
  const [kept] = await hub.rows('poisoned')
  expect(reason).toBe('poison')
  expect(kept).toMatchObject({ run: id, position: event, topic, key: 'A', code: 'event.attribute', state: 'sent' })
  expect([...(kept?.data ?? [])]).toEqual([9, 1])
  expect(await copies()).toEqual([[{ ...JSON.parse(odd(1).attributes), run: id }, [9, 1]]])
  await hub.restart()
  await hub.world.quiet()
  expect(await copies()).toHaveLength(1)
})

test('the log may forget it: it is read as it was kept', async () => {
  hub = await openPayments({ strangers: { deadLetter } })
  await hub.log.append([odd(1)])
  await hub.world.quiet()
  const { event } = await hub.parked()
  const forgetful = { ...hub.log, read: async () => [] }
  const found = await recordOf({ log: forgetful, store: hub.store }, { event, event_id: null })
  expect(found).toMatchObject({ position: event, topic, key: 'A', attributes: odd(1).attributes, time: 1 })
  expect([...(found?.data ?? [])]).toEqual([9, 1])
})

test('the log may forget what left by the outbox: it is read from there, by its id; nobody has what strangers wrote', async () => {
  hub = await openPayments()
  const id = '019a9000-0000-8000-8000-000000000007'
  const event_id = eventIdBytes(id) ?? new Uint8Array()
  const its = {
    aggregatetype: topic,
    aggregateid: 'A',
    type: 't',
    payload: Uint8Array.of(7),
    attributes: '{}',
    time: 5,
  }
  await hub.store.commit([{ insert: 'outbox', row: { event_id, ...its, state: 'sent', sent_at: 6 } }])
  const ground = { log: { ...hub.log, read: async () => [] }, store: hub.store }
  const found = await recordOf(ground, { event: placeOf(3, 9), event_id: id })
  expect(found).toMatchObject({ position: placeOf(3, 9), topic, key: 'A', time: 5, attributes: '{}' })
  expect([...(found?.data ?? [])]).toEqual([7])
  expect(await recordOf(ground, { event: placeOf(3, 9), event_id: 'theirs' })).toBeUndefined()
})

test('people in the text of the error are masked', async () => {
  hub = await openPayments()
  const error = new HubError('internal.bug', { what: 'call 13812345678' })
  const { message } = Object(Object(keep({ ...odd(1), position: 1 }, error, { idOf: 0 })).row)
  expect(message).toContain('138****5678')
})

test('a copy that could not be made is made by the next life', async () => {
  const made: number[] = []
  const broken = async (row: Row<'poisoned'>): Promise<EventRow> => {
    if (made.push(row.id) === 1) throw new Error('no cluster')
    return deadLetter(row)
  }
  hub = await openPayments({ strangers: { deadLetter: broken } })
  await hub.log.append([odd(1)])
  await hub.world.quiet()
  expect(await copies()).toEqual([])
  await hub.restart()
  await hub.world.quiet()
  expect(await copies()).toHaveLength(1)
})

test('one that came back from there too often is parked, and not copied again', async () => {
  hub = await openPayments({ strangers: { deadLetter: async () => undefined } })
  await hub.log.append([odd(1)])
  await hub.world.quiet()
  expect((await hub.rows('poisoned')).map(({ state }) => state)).toEqual(['held'])
  expect(await copies()).toEqual([])
})

test('more than a hundred in a minute: the partition rests until the minute is over', async () => {
  hub = await openPayments({ strangers: { deadLetter } })
  await hub.log.append(Array.from({ length: 200 }, (_, at) => odd(at + 1)))
  await hub.append(payment('B'))
  await hub.pass(30_000)
  const during = (await hub.rows('poisoned')).length
  expect(during).toBeGreaterThan(100)
  expect(during).toBeLessThan(200)
  expect(hub.reported.join()).toContain('could not be read within a minute')
  expect(await hub.runs()).toEqual([])
  await hub.pass(90_000)
  expect(await hub.rows('poisoned')).toHaveLength(200)
  expect(await hub.runs()).toEqual(['flow done'])
})

test('while the registry cannot be asked, nothing is parked; when it knows no such number, the record is', async () => {
  let answers = false
  const asked: number[][] = []
  const learnSchemas = async (ids: readonly number[]): Promise<void> => {
    asked.push([...ids])
    if (!answers) throw new Error('the registry does not answer')
  }
  hub = await openPayments({ strangers: { deadLetter, learnSchemas } })
  const unknown = { ...odd(1), attributes: '{"ce_specversion":"1.0"}', data: Uint8Array.of(0, 0, 0, 0, 99, 1) }
  await hub.log.append([unknown])
  await hub.pass(15_000)
  expect(await hub.rows('runs')).toEqual([])
  answers = true
  await hub.pass(15_000)
  expect(await hub.parked()).toMatchObject({ reason: 'poison', message: expect.stringContaining('99') })
  expect(asked[0]).toEqual([99])
})
