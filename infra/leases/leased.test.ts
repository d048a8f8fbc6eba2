import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freezable, type Freezer } from '../postgres/fixtures/commits.ts'
import { onPostgres, startPostgres, type PostgresServer } from '../postgres/fixtures/server.ts'
import { joinStore, migratePostgres, openPostgres, type Database } from '../postgres/index.ts'
import { ask, inTransaction } from '../postgres/transaction.ts'
import { openPostgresStore } from '../store/postgres.ts'
import type { Store } from '../store/port.ts'
import { partCount } from '../store/parts.ts'
import { SimulatedClock } from '../time/index.ts'
import { fairShare, openLeasedOwnership } from './leased.ts'
import type { Ownership } from './port.ts'
import { commitAs, Notebook, ownershipSuite } from './suite.ts'

const { isMissing, suite } = onPostgres('ownership by leases in PostgreSQL')

/** One process: its ownership, its worker, and a clock that moves when it is told to. */
interface Member {
  readonly ownership: Ownership & { readonly name: string }
  readonly clock: SimulatedClock
  readonly book: Notebook
  readonly freezer: Freezer
}

describe.skipIf(isMissing)(suite, () => {
  let server: PostgresServer
  let schemas = 0
  let options: { url: string; schema: string; connections: number }
  let opened: Database[] = []
  let members: Member[] = []
  const reported: string[] = []
  let store: Store
  beforeAll(async () => void (server = await startPostgres()), 60_000)
  afterAll(() => server.stop())

  const installation = async (): Promise<void> => {
    options = { url: server.url, schema: `hub_${++schemas}`, connections: 4 }
    await migratePostgres(options)
    const database = await openDatabase()
    store = openPostgresStore(database, await joinStore(database))
  }

  const openDatabase = async (): Promise<Database> => {
    const database = await openPostgres(options)
    opened.push(database)
    return database
  }

  const member = async (): Promise<Member> => {
    const clock = new SimulatedClock(0)
    const report = (message: string): void => void reported.push(message)
    const freezer = freezable(await openDatabase())
    const ownership = openLeasedOwnership({ database: freezer.database, clock, report })
    const one = { ownership, clock, book: new Notebook(), freezer }
    members.push(one)
    return one
  }

  const joined = async (): Promise<Member> => {
    const one = await member()
    await one.ownership.join(one.book)
    return one
  }

  const close = async (): Promise<void> => {
    for (const { freezer } of members) freezer.thaw()
    await Promise.all(members.splice(0).map(({ ownership }) => ownership.close()))
    await Promise.all(opened.splice(0).map((database) => database.close()))
  }

  /** It stands still, and the database's clock goes past the end of its lease. */
  const expire = async ({ ownership, freezer }: Member): Promise<void> => {
    freezer.freeze()
    const [database] = opened
    if (!database) throw new Error('no database')
    await inTransaction(database, (session) =>
      ask(session, 'UPDATE members SET expires_at = 0 WHERE name = $1', [ownership.name]),
    )
  }

  const sizes = (...of: readonly Member[]): number[] => of.map(({ book }) => book.holds.size)

  ownershipSuite(async () => {
    await installation()
    return { store, open: async () => (await member()).ownership, close }
  })

  describe('among several', () => {
    beforeEach(installation)
    afterEach(close)

    test('each that joins gets its share, and each that leaves gives it back', async () => {
      const one = await joined()
      const two = await joined()
      await expect.poll(() => sizes(one, two)).toEqual([32, 32])
      const three = await joined()
      await expect.poll(() => sizes(one, two, three).toSorted()).toEqual([21, 21, 22])
      const all = [one, two, three].flatMap(({ ownership }) => ownership.held())
      expect(new Set(all).size).toBe(partCount)
      await two.ownership.close()
      await expect.poll(() => sizes(one, three)).toEqual([32, 32])
    })

    test('shares add up to all partitions', () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
      expect(names.reduce((sum, name) => sum + fairShare(names, name), 0)).toBe(partCount)
      expect(fairShare(names, 'gone')).toBe(0)
    })

    test('what one lost by being silent, another has with a higher epoch, and the first is refused', async () => {
      const one = await joined()
      const before = one.book.holds.get(9)
      await expire(one)
      const two = await joined()
      expect(await commitAs(store, before)).toEqual({ is: 'stale', part: 9 })
      one.freezer.thaw()
      one.ownership.doubt()
      // It comes back as somebody new, and gets its share.
      await expect.poll(() => sizes(one, two)).toEqual([32, 32])
      const now = one.book.holds.get(9) ?? two.book.holds.get(9)
      expect(await commitAs(store, now)).toMatchObject({ is: 'done' })
      expect([before?.mayStart(), before?.ending.aborted]).toEqual([false, true])
    })

    test('of several that take over at once each partition has one owner', async () => {
      const silent = await joined()
      await expire(silent)
      const others = await Promise.all([member(), member(), member()])
      await Promise.all(others.map(({ ownership, book }) => ownership.join(book)))
      await expect.poll(() => others.reduce((sum, { book }) => sum + book.holds.size, 0)).toBeGreaterThan(40)
      const owners = new Map<number, number>()
      for (const { book } of others)
        for (const hold of book.holds.values())
          if ((await commitAs(store, hold)).is === 'done') owners.set(hold.part, (owners.get(hold.part) ?? 0) + 1)
      expect([...owners.values()].every((count) => count === 1)).toBe(true)
    })

    test('nothing is begun in the second half of a lease, by the holder’s own clock from before its heartbeat', async () => {
      const { book, clock, ownership } = await joined()
      const hold = book.holds.get(1)
      // Frozen: its clock goes on, its timers do not fire.
      const uptime = clock.uptime.bind(clock)
      clock.uptime = () => uptime() + 3_999
      expect(hold?.mayStart()).toBe(true)
      clock.uptime = () => uptime() + 4_000
      expect(hold?.mayStart()).toBe(false)
      ownership.doubt()
      await expect.poll(() => hold?.mayStart()).toBe(true)
    })

    test('heartbeats keep it, by its own clock', async () => {
      const { book, clock } = await joined()
      for (let beat = 0; beat < 3; beat++) {
        await clock.advance(2_000)
        await expect.poll(() => book.holds.get(1)?.mayStart()).toBe(true)
      }
      expect(book.calls).toBe(1)
    })

    test('a hand-over waits for what is under way, and nothing is begun meanwhile', async () => {
      const one = await joined()
      const { promise, resolve } = Promise.withResolvers<void>()
      one.book.ending = promise
      const hold = one.book.holds.get(63)
      const two = await joined()
      await expect.poll(() => hold?.ending.aborted).toBe(true)
      expect(hold?.mayStart()).toBe(false)
      // Its last commit is still good.
      expect(await commitAs(store, hold)).toMatchObject({ is: 'done' })
      expect(two.book.holds.size).toBe(0)
      resolve()
      await expect.poll(() => sizes(one, two)).toEqual([32, 32])
    })

    test('a partition that is busy holds up no other', async () => {
      const one = await joined()
      const { promise, resolve } = Promise.withResolvers<void>()
      one.book.ending = promise
      one.book.isBusy = (part) => part === 40
      const two = await joined()
      await expect.poll(() => one.ownership.held().length).toBe(32)
      await expect.poll(async () => (await one.clock.advance(100), two.book.holds.size)).toBe(31)
      resolve()
      await expect.poll(async () => (await one.clock.advance(100), two.book.holds.size)).toBe(32)
      expect(two.book.holds.has(40)).toBe(true)
    })

    test('a hand-over does not wait for ever', async () => {
      const one = await joined()
      one.book.ending = new Promise(() => undefined)
      const two = await joined()
      await expect.poll(() => one.ownership.held().length).toBe(32)
      expect(two.book.holds.size).toBe(0)
      for (let beat = 0; beat < 11; beat++) await one.clock.advance(2_000)
      await expect.poll(() => two.book.holds.size).toBe(32)
      one.book.ending = Promise.resolve()
    })

    test('what cannot be taken up is given back and taken again', async () => {
      const one = await member()
      one.book.refuse = 1
      await one.ownership.join(one.book)
      await one.clock.advance(2_000)
      await expect.poll(() => sizes(one)).toEqual([partCount])
      expect(reported).toContain('leases.not-taken-up')
      expect(await commitAs(store, one.book.holds.get(3))).toMatchObject({ is: 'done' })
    })

    test('a row is told to the owner of its partition, and to nobody else', async () => {
      const one = await joined()
      const two = await joined()
      await expect.poll(() => sizes(one, two)).toEqual([32, 32])
      // Both listen.
      await expect.poll(() => [one.book.told_, two.book.told_].every((told) => told.includes(undefined))).toBe(true)
      const part = two.ownership.held()[0] ?? 0
      one.ownership.tell('run', part + 640, 17)
      one.ownership.tell('receipt', part, 18)
      await expect.poll(() => two.book.told_).toContainEqual([17])
      expect([...one.book.told_, ...two.book.told_].flat()).not.toContain(18)
      expect(one.book.told_).not.toContainEqual([17])
    })

    test('now and then all are told to look, because a word may be lost', async () => {
      const { book, clock } = await joined()
      await clock.advance(0)
      const before = book.told_.filter((ids) => ids === undefined).length
      await clock.advance(5_000)
      expect(book.told_.filter((ids) => ids === undefined).length).toBeGreaterThan(before)
    })
  })
})
