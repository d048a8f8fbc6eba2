import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { partOf } from './parts.ts'
import type { Change } from './port.ts'
import { raceCases, type StoreUnderTest } from './test-races.ts'
import { aRun } from './test-rows.ts'

export type { StoreUnderTest } from './test-races.ts'
export { anEffect, aRun } from './test-rows.ts'

const done = { is: 'done' } as const

const anEvent = (id: number): Change => ({
  append: {
    eventId: Uint8Array.of(0, id),
    topic: 't.v1',
    key: 'k',
    time: id,
    attributes: '{}',
    data: Uint8Array.of(id),
  },
})

/** What every store must do; each adapter's test calls it with a factory. */
export function storeSuite(open: () => Promise<StoreUnderTest>): void {
  describe('a store', () => {
    let under: StoreUnderTest
    beforeEach(async () => void (under = await open()))
    afterEach(() => under.close())

    test('gives rows integer keys in order of arrival and reads them back', async () => {
      const first = await under.store.commit([aRun()])
      const second = await under.store.commit([aRun({ key_hash: 12 })])
      expect([first, second]).toEqual([
        { is: 'done', ids: [1] },
        { is: 'done', ids: [2] },
      ])
      expect(await under.store.get('runs', 2)).toMatchObject({ id: 2, key_hash: 12, reason: null })
    })

    test('a commit whose insert meets an equal identity changes nothing at all', async () => {
      await under.store.commit([aRun()])
      const again = await under.store.commit([
        { count: 'runs.accepted', by: 1 },
        aRun({ key_hash: 99 }),
        { ...aRun(), ifAbsent: true },
      ])
      expect(again).toEqual({ is: 'refused', at: 2, why: 'exists' })
      expect(await under.store.select('runs', {})).toHaveLength(1)
      expect(await under.store.select('counters', {})).toEqual([])
    })

    test('an insert that may be skipped leaves the rest of its commit standing', async () => {
      await under.store.commit([aRun()])
      const again = await under.store.commit([
        { ...aRun(), orSkip: true },
        { count: 'seen', by: 1 },
      ])
      expect(again).toEqual({ is: 'done', ids: [undefined, undefined] })
    })

    test('a guarded update of a row in another state is refused with its whole commit', async () => {
      await under.store.commit([aRun({ state: 'parked' })])
      const outcome = await under.store.commit([
        { count: 'x', by: 1 },
        { update: 'runs', where: { id: 1, state: ['queued', 'running'] }, set: { state: 'done' } },
      ])
      expect(outcome).toEqual({ is: 'refused', at: 1, why: 'guard' })
      expect((await under.store.get('runs', 1))?.state).toBe('parked')
    })

    test('an expectation is looked at in the same commit', async () => {
      const mark: Change = { insert: 'marks', row: { flow: 'f', key: 'A-1', key_hash: 11, up_to: 1 } }
      const send: Change[] = [{ expect: 'marks', where: { key_hash: 11, up_to: { atLeast: 1 } }, none: true }, aRun()]
      const [marked, sent] = await Promise.all([under.store.commit([mark]), under.store.commit(send)])
      expect(marked.is).toBe('done')
      expect(sent).toEqual({ is: 'refused', at: 0, why: 'guard' })
    })

    test('a commit for a partition that is somebody else’s changes nothing, and touches no other of its group', async () => {
      const { store } = under
      await store.commit([{ insert: 'leases', row: { part: 3, owner: 'one', epoch: 2 } }])
      const outcomes = await Promise.all([
        store.commit([aRun({ key_hash: 1 }), { count: 'runs', by: 1 }, { fence: 3, epoch: 2 }]),
        store.commit([aRun({ key_hash: 2 }), { count: 'runs', by: 1 }, { fence: 3, epoch: 1 }]),
        store.commit([aRun({ key_hash: 3 }), { fence: 4, epoch: 1 }]),
        store.commit([aRun({ key_hash: 4 })]),
      ])
      expect(outcomes).toMatchObject([
        { is: 'done' },
        { is: 'stale', part: 3 },
        { is: 'stale', part: 4 },
        { is: 'done' },
      ])
      expect((await store.select('runs', {})).map((run) => run.key_hash)).toEqual([1, 4])
      expect(await store.select('counters', {})).toMatchObject([{ name: 'runs', value: 1 }])
    })

    test('finds the rows of partitions by their hash', async () => {
      const hashes = [0, 63, 64, 2 ** 52 - 1, 2 ** 40 + 5]
      await under.store.commit(hashes.map((key_hash) => aRun({ key_hash })))
      const found = await under.store.select('runs', { key_hash: { part: [0, 5] } })
      expect(found.map((run) => run.key_hash)).toEqual([0, 64, 2 ** 40 + 5])
      expect(hashes.map(partOf)).toEqual([0, 63, 0, 63, 5])
      expect(await under.store.select('runs', { key_hash: { part: [] } })).toEqual([])
    })

    test('one refused commit of a group does not touch the others', async () => {
      const outcomes = await Promise.all([
        under.store.commit([aRun({ key_hash: 1 })]),
        under.store.commit([aRun({ key_hash: 2 }), { ...aRun({ key_hash: 1 }), ifAbsent: true }]),
        under.store.commit([aRun({ key_hash: 3 })]),
      ])
      expect(outcomes.map((one) => one.is)).toEqual(['done', 'refused', 'done'])
      expect((await under.store.select('runs', {})).map((row) => row.key_hash)).toEqual([1, 3])
    })

    test('later changes of a commit may use the key of an earlier one', async () => {
      const outcome = await under.store.commit([
        aRun(),
        { insert: 'journal', row: { run: { idOf: 0 }, first: 0, entries: '[]' } },
      ])
      expect(outcome).toEqual({ is: 'done', ids: [1, 1] })
      expect(await under.store.select('journal', { run: 1 })).toHaveLength(1)
    })

    test('commits of one turn are applied in their order, also behind one that uses its own keys', async () => {
      const cursor = (value: string): Change => ({ upsert: 'cursors', row: { connection: 'c', name: 'n', value } })
      const learned: Change = { insert: 'journal', row: { run: { idOf: 0 }, first: 0, entries: '[]' } }
      await Promise.all([under.store.commit([aRun(), learned, cursor('1')]), under.store.commit([cursor('2')])])
      expect(await under.store.select('cursors', {})).toMatchObject([{ value: '2' }])
    })

    test('totals add up over commits', async () => {
      await Promise.all([1, 2, 3].map((by) => under.store.commit([{ count: 'receipts.accepted', by }])))
      expect(await under.store.select('counters', { name: 'receipts.accepted' })).toMatchObject([{ value: 6 }])
    })

    test('an event whose id is in the log already is not appended again', async () => {
      await under.store.commit([anEvent(1)])
      expect(await under.store.commit([anEvent(1), anEvent(2)])).toMatchObject({ is: 'done' })
      expect(await under.appended()).toHaveLength(2)
    })

    test('selects by lists, ranges and order, with a limit', async () => {
      for (const hash of [1, 2, 3, 4]) await under.store.commit([aRun({ key_hash: hash, event: hash })])
      const rows = await under.store.select(
        'runs',
        { state: ['queued', 'running'], event: { above: 1, atMost: 4 }, reason: null },
        { order: { by: 'id', down: true }, limit: 2 },
      )
      expect(rows.map((row) => row.id)).toEqual([4, 3])
    })

    test('recounts from rows', async () => {
      await under.store.commit([aRun(), aRun({ key_hash: 2, state: 'done' }), aRun({ key_hash: 3 })])
      expect(await under.store.tally('runs', 'state')).toEqual({ queued: 2, done: 1 })
    })

    test('tells the oldest row of each group', async () => {
      for (const [key_hash, flow] of ['a', 'a', 'b', 'b'].entries())
        await under.store.commit([aRun({ key_hash, flow })])
      const [first, , third, fourth] = await under.store.select('runs', {}, { order: { by: 'id' } })
      expect(await under.store.oldest('runs', 'flow')).toEqual({ a: first?.id, b: third?.id })
      expect(await under.store.oldest('runs', 'flow', { id: { above: third?.id ?? 0 } })).toEqual({ b: fourth?.id })
      expect(await under.store.oldest('runs', 'flow', { open: 'parked' })).toEqual({})
    })

    test('a newer start makes every write of the older one stale', async () => {
      const before = under.store
      await before.commit([aRun()])
      const after = await under.reopen()
      expect(after.epoch).toBeGreaterThan(before.epoch)
      expect(await before.commit([aRun({ key_hash: 2 })])).toEqual({ is: 'stale' })
      expect(await after.commit([aRun({ key_hash: 3 })])).toMatchObject({ is: 'done' })
    })

    test('of two starts at once one is the later, and only that one may write', async () => {
      const both = await Promise.all([under.reopen(), under.reopen()])
      const [older, newer] = both.toSorted((a, b) => a.epoch - b.epoch)
      expect(older?.epoch).toBeLessThan(newer?.epoch ?? 0)
      expect(await older?.commit([aRun()])).toEqual({ is: 'stale' })
      expect(await newer?.commit([aRun()])).toMatchObject(done)
    })

    test('keeps any text and any bytes, and finds rows by them', async () => {
      const text = 'a\u0000b\u0001\u0002 枢纽 \u{1F600} "{}\\'
      const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
      const attributes = JSON.stringify({ ce_type: text })
      const event = { eventId: bytes, topic: text, key: text, time: 2 ** 52 - 1, attributes, data: bytes }
      await under.store.commit([{ append: event }, { append: { ...event, eventId: Uint8Array.of(1), topic: 'a' } }])
      expect(await under.appended()).toEqual([event, { ...event, eventId: Uint8Array.of(1), topic: 'a' }])
      const cursor = { connection: text, name: text, value: text }
      await under.store.commit([{ insert: 'cursors', row: cursor }])
      expect(await under.store.select('cursors', { connection: ['x', text], name: text })).toMatchObject([cursor])
      expect(await under.store.tally('cursors', 'value')).toEqual({ [text]: 1 })
    })

    test('texts are ordered and compared by their bytes', async () => {
      const keys = ['B', 'a', 'ä', 'Z', '']
      for (const [at, key] of keys.entries()) await under.store.commit([aRun({ key, key_hash: at })])
      const rows = await under.store.select('runs', { key: { above: 'B' } }, { order: { by: 'key' } })
      expect(rows.map((row) => row.key)).toEqual(['Z', 'a', 'ä'])
    })

    test('an empty list matches nothing, and a comparison with not excludes', async () => {
      await under.store.commit([aRun(), aRun({ key_hash: 2, number: 'N-2' }), aRun({ key_hash: 3, number: 'N-3' })])
      expect(await under.store.select('runs', { id: [] })).toEqual([])
      const numbered = await under.store.select('runs', { number: { not: null }, id: { not: 3 } })
      expect(numbered.map(({ id }) => id)).toEqual([2])
    })

    test('what is open is told by the state, without anybody writing it', async () => {
      await under.store.commit([aRun(), aRun({ key_hash: 2, state: 'parked' })])
      await under.store.commit([{ update: 'runs', where: { id: 1 }, set: { state: 'done' } }])
      const rows = await under.store.select('runs', {}, { order: { by: 'id' } })
      expect(rows.map((row) => row.open)).toEqual([null, 'parked'])
    })

    test('an update of many rows, of none that may be missing, and a removal are done', async () => {
      await under.store.commit([aRun(), aRun({ key_hash: 2 }), aRun({ key_hash: 3, state: 'done' })])
      const outcome = await under.store.commit([
        { update: 'runs', where: { state: 'queued' }, set: { state: 'parked' }, many: true },
        { update: 'runs', where: { id: 99 }, set: { state: 'parked' }, orSkip: true },
        { remove: 'runs', where: { state: 'done' } },
      ])
      expect(outcome).toMatchObject(done)
      expect(await under.store.tally('runs', 'state')).toEqual({ parked: 2 })
    })

    test('an update that would change two rows is refused, and changes none', async () => {
      await under.store.commit([aRun(), aRun({ key_hash: 2 })])
      const outcome = await under.store.commit([{ update: 'runs', where: { state: 'queued' }, set: { state: 'done' } }])
      expect(outcome).toEqual({ is: 'refused', at: 0, why: 'guard' })
      expect(await under.store.tally('runs', 'state')).toEqual({ queued: 2 })
    })

    test('an upsert adds a row, then sets the columns that it names', async () => {
      const cursor = (value: string): Change => ({ upsert: 'cursors', row: { connection: 'c', name: 'n', value } })
      await under.store.commit([
        cursor('1'),
        cursor('2'),
        { upsert: 'cursors', row: { connection: 'b', name: 'n', value: 'x' } },
      ])
      await under.store.commit([cursor('3')])
      expect(await under.store.tally('cursors', 'value')).toEqual({ 3: 1, x: 1 })
    })

    test('an insert that fails undoes its own commit, and says so to nobody else', async () => {
      await under.store.commit([aRun()])
      const [fine, failed] = await Promise.allSettled([
        under.store.commit([aRun({ key_hash: 2 })]),
        under.store.commit([{ count: 'seen', by: 1 }, aRun()]),
      ])
      expect([fine.status, failed.status]).toEqual(['fulfilled', 'rejected'])
      expect(await under.store.select('counters', {})).toEqual([])
      expect(await under.store.select('runs', {})).toHaveLength(2)
    })

    raceCases(() => under)
  })
}
