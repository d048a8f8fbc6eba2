import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change, Insert, Store } from './port.ts'

/** One installation of a store under test; `reopen` is a new start of the same installation. */
export interface StoreUnderTest {
  readonly store: Store
  /** A second handle that still believes in an older epoch. */
  reopen(): Promise<Store>
  close(): Promise<void>
}

export function aRun(overrides: Partial<Insert<'runs'>['row']> = {}): Insert<'runs'> {
  const row = {
    flow: 'payment-to-voucher',
    version: 'v1',
    kind: 'flow',
    key: 'A-1',
    key_hash: 11,
    event: 1,
    revision: 1,
    source: 'dingtalk-main',
    correlation: 'A-1',
    state: 'queued',
    attempts: 0,
    created_at: 1_000,
  }
  return { insert: 'runs', row: { ...row, ...overrides } }
}

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

    test('totals add up over commits', async () => {
      await Promise.all([1, 2, 3].map((by) => under.store.commit([{ count: 'receipts.accepted', by }])))
      expect(await under.store.select('counters', { name: 'receipts.accepted' })).toMatchObject([{ value: 6 }])
    })

    test('an event whose id is in the log already is not appended again', async () => {
      await under.store.commit([anEvent(1)])
      expect(await under.store.commit([anEvent(1), anEvent(2)])).toMatchObject({ is: 'done' })
      expect(await under.store.select('events', {})).toHaveLength(2)
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

    test('a newer start makes every write of the older one stale', async () => {
      const before = under.store
      await before.commit([aRun()])
      const after = await under.reopen()
      expect(after.epoch).toBeGreaterThan(before.epoch)
      expect(await before.commit([aRun({ key_hash: 2 })])).toEqual({ is: 'stale' })
      expect(await after.commit([aRun({ key_hash: 3 })])).toMatchObject({ is: 'done' })
    })
  })
}
