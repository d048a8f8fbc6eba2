import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectPostgres, type Database } from './driver.ts'
import { onPostgres, startPostgres, type PostgresServer } from './fixtures/server.ts'
import { checkVersion, migrate, thisRelease, type Release } from './migrate.ts'
import { ask, inTransaction } from './transaction.ts'
import { openPostgresStore } from '../store/postgres.ts'
import { takeOver } from './index.ts'

const { isMissing, suite } = onPostgres('tables in PostgreSQL')

const version = thisRelease.version + 1
/** The release after this one: it adds a column. */
const next: Release = {
  ...thisRelease,
  version,
  from: thisRelease.version,
  forward: new Map([[version, ['ALTER TABLE cursors ADD COLUMN owner text']]]),
}

const columns = `SELECT table_name, column_name, data_type, generation_expression FROM information_schema.columns
  WHERE table_schema = current_schema() ORDER BY 1, 2`

describe.skipIf(isMissing)(suite, () => {
  let server: PostgresServer
  let schemas = 0
  beforeAll(async () => void (server = await startPostgres()), 60_000)
  afterAll(() => server.stop())

  async function inSchema(work: (open: () => Database) => Promise<void>): Promise<void> {
    const opened: Database[] = []
    const options = { url: server.url, schema: `it's "number" ${++schemas}`, connections: 3 }
    try {
      await work(() => {
        const database = connectPostgres(options)
        opened.push(database)
        return database
      })
    } finally {
      await Promise.all(opened.map((one) => one.close()))
    }
  }

  test('are made once, however many start at the same time', () =>
    inSchema(async (open) => {
      await Promise.all([open(), open(), open()].map((database) => migrate(database)))
      await expect(checkVersion(open())).resolves.toBeUndefined()
    }))

  test('of the next release take the hubs of this one, which read and write meanwhile', () =>
    inSchema(async (open) => {
      const database = open()
      await migrate(database)
      const store = openPostgresStore(database, await takeOver(database))
      const cursor = (name: string) => store.commit([{ insert: 'cursors', row: { connection: 'c', name, value: '' } }])
      await cursor('before')
      expect(await store.select('cursors', {})).toHaveLength(1)
      await migrate(open(), next)
      await cursor('after')
      expect((await store.select('cursors', {})).map(Object.keys)).toEqual(
        Array.from({ length: 2 }, () => ['id', 'connection', 'name', 'value']),
      )
      await expect(checkVersion(open())).resolves.toBeUndefined()
      await expect(checkVersion(open(), next)).resolves.toBeUndefined()
    }))

  test('that are too old or too new are refused with what to do', () =>
    inSchema(async (open) => {
      await expect(checkVersion(open())).rejects.toMatchObject({ code: 'store.older', parameters: { version: 0 } })
      await migrate(open())
      await expect(checkVersion(open(), next)).rejects.toMatchObject({ code: 'store.older' })
      await migrate(open(), { ...next, from: version })
      await expect(checkVersion(open())).rejects.toMatchObject({ code: 'store.newer', parameters: { version } })
    }))

  test('of an older release get what they lack, and keep their rows', () =>
    inSchema(async (open) => {
      const database = open()
      await migrate(database)
      const shape = () => inTransaction(database, async (session) => (await ask(session, columns)).rows)
      const fresh = await shape()
      await inTransaction(database, async (session) => {
        await ask(session, 'DROP TABLE outbox')
        await ask(session, 'ALTER TABLE runs DROP COLUMN open')
        await ask(session, "INSERT INTO cursors (connection, name, value) VALUES ('c', 'n', 'v')")
        await ask(session, "UPDATE meta SET value = '1' WHERE name = 'schema'")
      })
      await migrate(database)
      expect(await shape()).toEqual(fresh)
      const { rows } = await inTransaction(database, (session) => ask(session, 'SELECT value FROM cursors'))
      expect(rows).toEqual([{ value: 'v' }])
    }))

  test('stay as they were when a step fails', () =>
    inSchema(async (open) => {
      const broken = [...(next.forward.get(version) ?? []), 'ALTER TABLE nowhere ADD COLUMN x text']
      await migrate(open())
      const failed = migrate(open(), { ...next, forward: new Map([[version, broken]]) })
      await expect(failed).rejects.toMatchObject({ code: '42P01' })
      await expect(inTransaction(open(), (session) => ask(session, 'SELECT owner FROM cursors'))).rejects.toThrow(
        'owner',
      )
      await expect(checkVersion(open())).resolves.toBeUndefined()
    }))
})
