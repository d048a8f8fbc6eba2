import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectPostgres, type Answer, type Database } from '../postgres/driver.ts'
import { beforeCommit, hold } from '../postgres/fixtures/commits.ts'
import { installations, someoneWaits } from '../postgres/fixtures/installations.ts'
import { startProxy } from '../postgres/fixtures/proxy.ts'
import { onPostgres, startPostgres, type PostgresServer } from '../postgres/fixtures/server.ts'
import { openBell } from '../postgres/bell.ts'
import { openPostgres, takeOver } from '../postgres/index.ts'
import { ask, inTransaction } from '../postgres/transaction.ts'
import type { Change, Store } from './port.ts'
import { openPostgresStore } from './postgres.ts'
import { aRun, storeSuite } from './suite.ts'

const { isMissing, suite } = onPostgres('the store in PostgreSQL')

describe.skipIf(isMissing)(suite, () => {
  let server: PostgresServer
  const { installation, underTest, close } = installations(() => server.url)
  beforeAll(async () => void (server = await startPostgres()), 60_000)
  afterAll(() => server.stop())

  storeSuite(underTest)

  async function told(database: Database, sql: string): Promise<Answer['rows']> {
    return (await inTransaction(database, (session) => ask(session, sql))).rows
  }

  const runNames = async (store: Store): Promise<number[]> =>
    (await store.select('runs', {})).map((run) => run.key_hash)

  describe('on its way to the disk', () => {
    test('an answer to COMMIT that was lost is unknown, and the rows can be read back', async () => {
      const proxy = await startProxy(server)
      const { database, epoch } = await installation({ url: proxy.url })
      const lost = (when: 'early' | 'late'): Store =>
        openPostgresStore(
          beforeCommit(database, () => proxy.cutNext(when)),
          epoch,
        )
      await expect(lost('late').commit([aRun({ key_hash: 1 })])).rejects.toMatchObject({ code: 'store.unknown' })
      await expect(lost('early').commit([aRun({ key_hash: 2 })])).rejects.toMatchObject({ code: 'store.unknown' })
      const store = openPostgresStore(database, epoch)
      expect(await runNames(store)).toEqual([1])
      expect(await store.commit([aRun({ key_hash: 3 })])).toMatchObject({ is: 'done' })
      await close()
      await proxy.close()
    })

    test('a server that says nothing any more is given up, and asked anew', async () => {
      const proxy = await startProxy(server)
      const { database, epoch } = await installation({ url: proxy.url, patience: 1_000 })
      const silent = beforeCommit(database, () => proxy.cutNext('silent'))
      await expect(openPostgresStore(silent, epoch).commit([aRun()])).rejects.toMatchObject({ code: 'store.unknown' })
      const store = openPostgresStore(database, epoch)
      expect(await runNames(store)).toEqual([11])
      proxy.cutNext('silent')
      await expect(store.select('runs', {})).rejects.toMatchObject({ code: 'store.unreachable' })
      expect(await runNames(store)).toEqual([11])
      await close()
      await proxy.close()
    })

    test('while the server is away a commit certainly did nothing, and afterwards all goes on', async () => {
      const proxy = await startProxy(server)
      const { database, epoch } = await installation({ url: proxy.url })
      const store = openPostgresStore(database, epoch)
      proxy.cutNext('early')
      await expect(store.select('runs', {})).rejects.toMatchObject({ code: 'store.unreachable' })
      proxy.down(true)
      await expect(store.commit([aRun()])).rejects.toMatchObject({ code: 'store.unreachable' })
      await expect(store.select('runs', {})).rejects.toMatchObject({ code: 'store.unreachable' })
      proxy.down(false)
      expect(await store.commit([aRun({ key_hash: 5 })])).toMatchObject({ is: 'done' })
      expect(await runNames(store)).toEqual([5])
      await close()
      await proxy.close()
    })

    test('a commit that waits for a row of another holds up no other commit', async () => {
      const { open, database, epoch } = await installation()
      const store = openPostgresStore(database, epoch)
      await store.commit([aRun()])
      const slow = hold(await open())
      const change: Change = { update: 'runs', where: { id: 1 }, set: { attempts: 1 } }
      const held = openPostgresStore(slow.database, epoch).commit([change])
      await slow.arrived
      const waiting = store.commit([change])
      await someoneWaits(database)
      expect(await store.commit([aRun({ key_hash: 2 })])).toMatchObject({ is: 'done' })
      slow.letGo()
      expect(await Promise.all([held, waiting])).toMatchObject([{ is: 'done' }, { is: 'done' }])
      await close()
    })

    test('of two commits that wait for each other, one is repeated as a whole', async () => {
      const { open, database, epoch } = await installation()
      const store = openPostgresStore(database, epoch)
      await store.commit([aRun(), aRun({ key_hash: 2 })])
      const change = (id: number): string => `UPDATE runs SET attempts = attempts + 1 WHERE id = ${id}`
      const [crossed] = await inTransaction(await open(), async (session) => {
        await ask(session, change(2))
        // It leaves it to the other to find out.
        await ask(session, "SET LOCAL deadlock_timeout = '60s'")
        const commit = store.commit([
          { update: 'runs', where: { id: 1 }, set: { state: 'parked' } },
          { count: 'crossed', by: 1 },
          { update: 'runs', where: { id: 2 }, set: { state: 'parked' } },
        ])
        await someoneWaits(database)
        await ask(session, change(1))
        return [commit] as const
      })
      expect(await crossed).toMatchObject({ is: 'done' })
      expect(await store.select('counters', {})).toMatchObject([{ name: 'crossed', value: 1 }])
      expect((await store.select('runs', {})).map((run) => [run.state, run.attempts])).toEqual([
        ['parked', 1],
        ['parked', 1],
      ])
      await close()
    })

    test('a commit that gets in the way of others is repeated until it does not', async () => {
      const { database, epoch } = await installation()
      const meet = `CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('meetings') <= 5 THEN RAISE 'they met' USING ERRCODE = 'serialization_failure'; END IF; RETURN new; END $$`
      for (const sql of [
        'CREATE SEQUENCE meetings',
        meet,
        'CREATE TRIGGER meet BEFORE INSERT ON runs EXECUTE FUNCTION meet()',
      ])
        await told(database, sql)
      const store = openPostgresStore(database, epoch)
      expect(await store.commit([aRun(), { count: 'seen', by: 1 }])).toMatchObject({ is: 'done' })
      expect(await store.select('counters', {})).toMatchObject([{ value: 1 }])
      await close()
    })

    test('rows that stand together in a commit are taken in one order by all', async () => {
      const { open, database, epoch } = await installation()
      const store = openPostgresStore(database, epoch)
      await store.commit([aRun(), aRun({ key_hash: 2 })])
      const change = (id: number): Change => ({ update: 'runs', where: { id }, set: { state: 'parked' } })
      const both = await inTransaction(await open(), async (session) => {
        await ask(session, 'UPDATE runs SET attempts = 1 WHERE id = 1')
        const outcome = store.commit([change(2), change(1)])
        await someoneWaits(database)
        // It waits for row 1, and has not taken row 2 before.
        await ask(session, 'SELECT id FROM runs WHERE id = 2 FOR UPDATE NOWAIT')
        return [outcome]
      })
      expect(await both[0]).toMatchObject({ is: 'done' })
      await close()
    })

    test('rows are read in the order of their ids, whichever was written last', async () => {
      const { database, epoch } = await installation()
      const store = openPostgresStore(database, epoch)
      await store.commit([aRun(), aRun({ key_hash: 2 })])
      await store.commit([{ update: 'runs', where: { id: 1 }, set: { attempts: 1 } }])
      expect(await runNames(store)).toEqual([11, 2])
      await close()
    })

    test('a take-over waits for what is under way, and nothing older is committed behind it', async () => {
      const { open, database, epoch } = await installation()
      const held = hold(await open())
      const last = openPostgresStore(held.database, epoch).commit([aRun()])
      await held.arrived
      const next = takeOver(await open())
      await someoneWaits(database)
      const late = openPostgresStore(await open(), epoch).commit([aRun({ key_hash: 2 })])
      held.letGo()
      expect(await Promise.all([last, next, late])).toMatchObject([{ is: 'done' }, epoch + 1, { is: 'stale' }])
      await close()
    })

    test('events of one key get their ids in the order of their commits, and those of others pass by', async () => {
      const { open, database, epoch } = await installation()
      const event = (id: number, key: string): Change => ({
        append: { eventId: Uint8Array.of(id), topic: 't', key, time: 0, attributes: '{}', data: Uint8Array.of(id) },
      })
      const held = hold(await open())
      const first = openPostgresStore(held.database, epoch).commit([event(1, 'k')])
      await held.arrived
      const store = openPostgresStore(await open(), epoch)
      const second = store.commit([event(2, 'k')])
      await someoneWaits(database)
      expect(await openPostgresStore(await open(), epoch).commit([event(3, 'other')])).toMatchObject({ is: 'done' })
      held.letGo()
      await Promise.all([first, second])
      const rows = await store.select('outbox', { aggregateid: 'k' }, { order: { by: 'id' } })
      expect(rows.map(({ event_id }) => event_id[0])).toEqual([1, 2])
      await close()
    })

    test('a ring is heard by others on the same tables, and again when their connection was lost', async () => {
      const { open, database } = await installation()
      let heard = 0
      const bell = openBell(await open(), 'outbox', () => void heard++)
      await expect.poll(() => heard).toBe(1)
      const ringer = openBell(database, 'outbox', () => undefined)
      ringer.ring()
      await expect.poll(() => heard).toBe(2)
      await told(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
      await expect.poll(() => heard, { timeout: 10_000 }).toBe(3)
      await Promise.all([bell.close(), ringer.close()])
      await close()
    })

    test('what waits in the outbox is found by its small index', async () => {
      const { database } = await installation()
      const wanted = "SELECT id FROM outbox WHERE aggregatetype = 't' AND open = 'waiting' ORDER BY id LIMIT 400"
      const rows = `INSERT INTO outbox (event_id, aggregatetype, aggregateid, type, payload, attributes, time, state)
        SELECT decode(to_hex(n), 'escape'), 't', 'k', '', '', '{}', 0, CASE WHEN n % 500 = 0 THEN 'waiting' ELSE 'sent' END
        FROM generate_series(1, 3000) n`
      const session = await database.session()
      for (const sql of ['BEGIN READ WRITE', rows, 'COMMIT', 'ANALYZE outbox']) await session.send(sql)
      session.release()
      expect(JSON.stringify(await told(database, `EXPLAIN ${wanted}`))).toContain('outbox_0')
      await close()
    })

    test('what is open is found by its small index, whatever the state', async () => {
      const { database, epoch } = await installation()
      const many = Array.from({ length: 2_000 }, (_, at) =>
        aRun({ key_hash: at, state: at % 500 === 0 ? 'queued' : 'done' }),
      )
      await openPostgresStore(database, epoch).commit(many)
      await told(database, 'ANALYZE runs')
      const plan = await told(database, `EXPLAIN SELECT id FROM runs WHERE open = ANY('{queued,parked}') ORDER BY id`)
      expect(JSON.stringify(plan)).toContain('runs_0')
      await close()
    })
  })

  describe('opening it', () => {
    test.each([
      ['fsync', 'off'],
      ['full_page_writes', 'off'],
    ])('refuses a server with %s = %s', async (setting, value) => {
      const { open, database } = await installation()
      const tell = async (sql: string): Promise<void> => {
        const session = await database.session()
        await ask(session, sql)
        await ask(session, 'SELECT pg_reload_conf()')
        session.release()
        const [now, wanted] = [`SHOW ${setting}`, sql.includes('RESET') ? 'on' : value]
        await expect.poll(async () => (await told(database, now))[0]?.[setting]).toBe(wanted)
      }
      await tell(`ALTER SYSTEM SET ${setting} = ${value}`)
      await expect(open()).rejects.toMatchObject({ code: 'store.setting', parameters: { setting, value } })
      await tell(`ALTER SYSTEM RESET ${setting}`)
      await open()
      await close()
    })

    test('every connection waits for the disk and frees its locks in time, whatever is the habit of the server', async () => {
      const { open, database } = await installation()
      await told(database, 'ALTER ROLE postgres SET synchronous_commit = off')
      await told(database, 'ALTER ROLE postgres SET idle_in_transaction_session_timeout = 0')
      const names = `name IN ('synchronous_commit', 'idle_in_transaction_session_timeout')`
      const settings = await told(await open(), `SELECT setting FROM pg_settings WHERE ${names} ORDER BY name`)
      expect(settings).toEqual([{ setting: '10000' }, { setting: 'on' }])
      await told(database, 'ALTER ROLE postgres RESET ALL')
      await close()
    })

    test('nothing is written outside of a transaction', async () => {
      const { database } = await installation()
      const session = await database.session()
      const reply = await session.send("INSERT INTO cursors (connection, name, value) VALUES ('c', 'n', 'v')")
      session.release()
      expect(reply).toMatchObject({ error: { code: '25006' } })
      await close()
    })

    test('says where nothing is', async () => {
      const url = 'postgres://hub:secret@127.0.0.1:1/shuniu'
      const error = await openPostgres({ url }).catch((refused: unknown) => refused)
      expect(error).toMatchObject({ code: 'store.unreachable' })
      expect(String(error)).not.toContain('secret')
    })

    test('says that there are no tables yet', async () => {
      const database = connectPostgres({ url: server.url, schema: 'empty' })
      await expect(openPostgres({ url: server.url, schema: 'empty' })).rejects.toMatchObject({ code: 'store.older' })
      await database.close()
    })
  })
})
