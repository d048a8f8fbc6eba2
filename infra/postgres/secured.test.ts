import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lacksOpenssl, makeAuthority, type Authority } from '../fixtures/certificates.ts'
import { storeSuite } from '../store/suite.ts'
import { connectPostgres, type Database } from './driver.ts'
import { installations } from './fixtures/installations.ts'
import { onPostgres, startPostgres, type PostgresServer } from './fixtures/server.ts'
import { ask, inTransaction } from './transaction.ts'

const { isMissing, suite } = onPostgres('PostgreSQL behind TLS and passwords')

if (lacksOpenssl) process.stderr.write(`\n${suite}: SKIPPED, openssl not found\n`)

describe.skipIf(isMissing || lacksOpenssl)(suite, () => {
  let server: PostgresServer
  let authority: Authority
  let stranger: Authority
  beforeAll(async () => {
    authority = makeAuthority('databases')
    stranger = makeAuthority('stranger')
    server = await startPostgres(authority.sign('database', ['IP:127.0.0.1']))
    await asSuperuser(`CREATE USER hub PASSWORD 'hubs-secret'`, 'GRANT CREATE ON DATABASE postgres TO hub')
  }, 60_000)
  afterAll(async () => {
    await server.stop()
    authority.remove()
    stranger.remove()
  })

  async function asSuperuser(...statements: string[]): Promise<void> {
    const database = connectPostgres({ url: server.url })
    await inTransaction(database, async (session) => {
      for (const sql of statements) await ask(session, sql)
    })
    await database.close()
  }

  const address = (password = 'hubs-secret', host = '127.0.0.1', ca = authority.certFile): string =>
    `postgres://hub:${password}@${host}:${server.port}/postgres?sslmode=verify-full&sslrootcert=${encodeURIComponent(ca)}`

  const { underTest, close } = installations(() => address())

  storeSuite(underTest)

  const encrypted = async (database: Database): Promise<unknown> => {
    const sql = 'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
    return (await inTransaction(database, (session) => ask(session, sql))).rows[0]
  }

  test('the way is encrypted', async () => {
    const database = connectPostgres({ url: address() })
    expect(await encrypted(database)).toEqual({ ssl: true, version: 'TLSv1.3' })
    await database.close()
    await close()
  })

  test.each([
    ['a CA that did not sign', 'store.untrusted', () => address(undefined, undefined, stranger.certFile)],
    ['a name that is not in the certificate', 'store.untrusted', () => address(undefined, 'localhost')],
    ['a CA file that is not there', 'store.untrusted', () => address(undefined, undefined, '/nowhere/ca.pem')],
    ['a wrong password', 'store.login', () => address('wrong-secret')],
    ['no encryption', 'store.login', () => address().replace(/sslmode.*/, 'sslmode=disable')],
  ])('%s: %s, at once and without secrets', async (_, code, url) => {
    const database = connectPostgres({ url: url() })
    const error: unknown = await database.session().catch((one: unknown) => one)
    await database.close()
    expect(error).toMatchObject({ code })
    expect(`${String(error)} ${JSON.stringify(Object(error).parameters)}`).not.toMatch(/hubs-secret|wrong-secret/)
  })

  test('a password and a CA that are changed count from the next connection on, without a restart', async () => {
    const [secret, ca] = [`${authority.certFile}.secret`, `${authority.certFile}.ca`]
    writeFileSync(secret, 'hubs-secret')
    writeFileSync(ca, authority.cert)
    const urlNow = (): string => address(readFileSync(secret, 'utf8'), undefined, ca)
    const database = connectPostgres({ url: urlNow(), urlNow, connections: 1 })
    expect(await encrypted(database)).toMatchObject({ ssl: true })

    await asSuperuser(`ALTER USER hub PASSWORD 'another-secret'`)
    const dropped = (): Promise<void> =>
      asSuperuser(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'hub'`)
    await dropped()
    const refused = async (): Promise<string> =>
      encrypted(database).then(
        () => '',
        (error: unknown) => Object(error).code,
      )
    await expect.poll(refused).toBe('store.login')
    writeFileSync(secret, 'another-secret')
    expect(await encrypted(database)).toMatchObject({ ssl: true })

    rmSync(ca)
    await dropped()
    await expect.poll(refused).toBe('store.untrusted')
    writeFileSync(ca, authority.cert)
    expect(await encrypted(database)).toMatchObject({ ssl: true })
    await database.close()
    await asSuperuser(`ALTER USER hub PASSWORD 'hubs-secret'`)
  })
})
