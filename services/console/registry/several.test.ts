import { schemaNumber } from '@shuniu/contracts'
import { joinStore, migratePostgres, openPostgres, openPostgresStore } from '@shuniu/infra/postgres'
import { onPostgres, startPostgres, type PostgresServer } from '@shuniu/infra/postgres/fixtures'
import { SimulatedClock } from '@shuniu/infra/time'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Registry } from './registry.ts'
import { readSchema } from './subjects.ts'

const { isMissing, suite } = onPostgres('the registry of several processes on one PostgreSQL')
const deploy = { mayRegister: true, actor: 'deploy' }
const record = (name: string): string =>
  `{"type":"record","name":"R","fields":[{"name":"${name}","type":["null","string"],"default":null}]}`

describe.skipIf(isMissing)(suite, () => {
  let server: PostgresServer
  beforeAll(async () => void (server = await startPostgres()), 120_000)
  afterAll(() => server.stop())

  async function process(): Promise<Registry> {
    const options = { url: server.url, schema: 'registry', connections: 4 }
    await migratePostgres(options)
    const database = await openPostgres(options)
    const store = openPostgresStore(database, await joinStore(database))
    onTestFinished(() => store.close())
    return new Registry({ store, clock: new SimulatedClock(0), readersOf: () => [] })
  }

  test('each schema becomes one version, its id the same from both, however they come together', async () => {
    const both = [await process(), await process()]
    const schemas = ['a', 'b', 'c', 'd', 'e'].map(record)
    const asked = both.flatMap((one) => schemas.map((schema) => one.register('s-value', schema, deploy, false)))
    const answers = await Promise.all(asked)
    expect(answers.map(({ id }) => id)).toEqual([...schemas, ...schemas].map(schemaNumber))
    for (const one of both) {
      const versions = await one.subjects.versions('s-value')
      expect(versions.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5])
      expect(new Set(versions.map(({ schema }) => schema))).toEqual(new Set(schemas))
    }
  }, 60_000)

  test('a version that was compared with older ones is not added behind one that came since', async () => {
    const [one, other] = [await process(), await process()]
    const next = await one.subjects.next('t-value')
    await other.register('t-value', record('a'), deploy, false)
    expect(await one.subjects.add('t-value', next, readSchema(record('a')), 'deploy')).toBeUndefined()
    expect(await one.register('t-value', record('a'), deploy, false)).toMatchObject({ version: 1 })
  }, 60_000)
})
