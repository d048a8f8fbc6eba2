import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventIdText, Instant } from '@shuniu/contracts'
import type { EventRow, Store } from '../store/index.ts'
import { isAfter } from './place.ts'
import type { Batch, EventLog } from './port.ts'

export interface LogUnderTest {
  readonly log: EventLog
  readonly store: Store
  close(): Promise<void>
}

/** All with one key unless told: order is promised per key only. */
export function anEvent(number: number, topic = 'approval.payment.approved.v1', key = 'key'): EventRow {
  const eventId = new Uint8Array(16)
  new DataView(eventId.buffer).setUint32(0, number)
  const attributes = { ce_specversion: '1.0', ce_id: eventIdText(eventId), ce_time: new Instant(number).toString() }
  return {
    eventId,
    topic,
    key,
    time: number,
    attributes: JSON.stringify(attributes),
    data: Uint8Array.of(number % 256),
  }
}

const times = (batches: readonly Batch[]): number[] => batches.flatMap((batch) => batch.records.map((one) => one.time))

/** What every event log must do; each adapter's test calls it with a factory. */
export function eventLogSuite(open: () => Promise<LogUnderTest>): void {
  describe('an event log', () => {
    let under: LogUnderTest
    beforeEach(async () => void (under = await open()))
    afterEach(() => under.close())

    const topic = 'approval.payment.approved.v1'
    async function collect(
      reader: string,
      count: number,
      keep = true,
    ): Promise<{ batches: Batch[]; close(): Promise<void> }> {
      const batches: Batch[] = []
      let enough: () => void = () => undefined
      const reached = new Promise<void>((resolve) => (enough = resolve))
      const subscription = await under.log.subscribe(reader, [topic], async (batch) => {
        batches.push(batch)
        if (keep) await under.store.commit([batch.moved])
        if (times(batches).length >= count) enough()
      })
      await reached
      return { batches, close: () => subscription.close() }
    }

    test('hands out what was appended, in order, with bytes and attributes untouched', async () => {
      await under.log.append([anEvent(1), anEvent(2), anEvent(3)])
      const { batches, close } = await collect('intake', 3)
      await close()
      expect(times(batches)).toEqual([1, 2, 3])
      const { position, ...read } = batches[0]?.records[0] ?? { ...anEvent(0), position: -1 }
      const bytes = { eventId: Uint8Array.from(read.eventId), data: Uint8Array.from(read.data) }
      expect({ ...read, ...bytes }).toEqual(anEvent(1))
      expect(position).toBeGreaterThanOrEqual(0)
    })

    test('an event with an id that is there already is not appended again', async () => {
      await under.log.append([anEvent(1)])
      await under.log.append([anEvent(1), anEvent(2)])
      const { batches, close } = await collect('intake', 2)
      await close()
      expect(times(batches)).toEqual([1, 2])
    })

    test('a reader goes on where its position was moved to, another reads from the start', async () => {
      await under.log.append([anEvent(1)])
      await (await collect('intake', 1)).close()
      await under.log.append([anEvent(2)])
      const again = await collect('intake', 1)
      const other = await collect('audit', 2)
      await Promise.all([again.close(), other.close()])
      expect([times(again.batches), times(other.batches)]).toEqual([[2], [1, 2]])
    })

    test('a batch whose position was not moved is handed out again', async () => {
      await under.log.append([anEvent(1)])
      const { batches, close } = await collect('intake', 2, false)
      await close()
      expect(times(batches).slice(0, 2)).toEqual([1, 1])
    })

    test('a waiting reader is woken by an append, and reads only its topics', async () => {
      const reading = collect('intake', 1)
      await under.log.append([anEvent(7, 'other.v1'), anEvent(8)])
      const { batches, close } = await reading
      await close()
      expect(times(batches)).toEqual([8])
    })

    test('a paused reader is handed nothing until it is resumed', async () => {
      const seen: number[] = []
      const subscription = await under.log.subscribe('intake', [topic], async (batch) => {
        seen.push(...times([batch]))
        await under.store.commit([batch.moved])
      })
      subscription.pause()
      await under.log.append([anEvent(1)])
      await new Promise((resolve) => setImmediate(resolve))
      expect(seen).toEqual([])
      subscription.resume()
      await expect.poll(() => seen, { timeout: 10_000 }).toEqual([1])
      await subscription.close()
    })

    test('reads again from any position, for replay', async () => {
      await under.log.append([1, 2, 3].map((number) => anEvent(number)))
      const all = await under.log.read({ topics: [topic], from: 0, limit: 10 })
      const later = await under.log.read({ from: all[1]?.position ?? 0, limit: 1 })
      expect([all.map((one) => one.time), later.map((one) => one.time)]).toEqual([[1, 2, 3], [2]])
      expect((await under.log.find(anEvent(2).eventId))?.time).toBe(2)
      expect(await under.log.find(anEvent(4).eventId)).toBeUndefined()
    })

    test('knows what came after an end', async () => {
      await under.log.append([anEvent(1), anEvent(2)])
      const ends = await under.log.ends([topic])
      await under.log.append([anEvent(3)])
      const records = await under.log.read({ topics: [topic], from: 0, limit: 10 })
      expect(records.map((one) => isAfter(one.position, ends))).toEqual([false, false, true])
    })

    test('keeps the order of each key', async () => {
      const events = Array.from({ length: 60 }, (_, at) => anEvent(at + 1, topic, `key-${at % 7}`))
      await Promise.all(events.map((event) => under.log.append([event])))
      const { batches, close } = await collect('intake', 60)
      await close()
      const byKey = Map.groupBy(
        batches.flatMap((batch) => batch.records),
        ({ key }) => key,
      )
      expect([...byKey.values()].map((records) => records.map(({ time }) => time))).toEqual(
        [...byKey.values()].map((records) => records.map(({ time }) => time).toSorted((a, b) => a - b)),
      )
      expect(byKey.size).toBe(7)
    })

    test('a batch that is rejected comes again, and what follows comes after it', async () => {
      await under.log.append([anEvent(1), anEvent(2)])
      const seen: number[] = []
      let refused = 0
      const subscription = await under.log.subscribe('intake', [topic], async (batch) => {
        if (refused++ === 0) throw new Error('the store is away')
        seen.push(...times([batch]))
        await under.store.commit([batch.moved])
      })
      await expect.poll(() => seen, { timeout: 10_000 }).toEqual([1, 2])
      await subscription.close()
    })

    test('readers of different names get everything, each for itself', async () => {
      await under.log.append([anEvent(1), anEvent(2)])
      const [one, other] = await Promise.all([collect('intake', 2), collect('audit', 2)])
      await Promise.all([one.close(), other.close()])
      expect([times(one.batches).toSorted(), times(other.batches).toSorted()]).toEqual([
        [1, 2],
        [1, 2],
      ])
    })
  })
}
