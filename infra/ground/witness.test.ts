import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { ensureTopics, openKafka, wantedTopics } from '../kafka/index.ts'
import { startCluster, type Cluster } from '../kafka/fixtures/cluster.ts'
import { missing, withoutBroker } from '../kafka/fixtures/jars.ts'
import { onPostgres, startPostgres, type PostgresServer } from '../postgres/fixtures/server.ts'
import { connectPostgres, joinStore, migratePostgres, openPostgres, openPostgresStore } from '../postgres/index.ts'
import { ask, inTransaction } from '../postgres/transaction.ts'
import type { Past } from '../postgres/past.ts'
import { anEffect } from '../store/test-rows.ts'
import { realClock } from '../time/index.ts'
import { contradicts, Witness } from './witness.ts'

const { isMissing, suite } = onPostgres(`a witness of the store${withoutBroker}`)

describe('what contradicts what was seen', () => {
  const seen: Past = { system: 's', timeline: '00000001', ledger: 9, generation: 1 }
  test.each([
    ['the same again', {}, false],
    ['more of it', { ledger: 10 }, false],
    ['less of it', { ledger: 8 }, true],
    ['a standby that took over', { timeline: '00000002', ledger: 10 }, true],
    ['another cluster', { system: 'other' }, true],
    ['a roll-back that was told already', { ledger: 3, generation: 2 }, false],
    ['one from before a roll-back that was told', { ledger: 20, generation: 0 }, true],
  ])('%s', (_, now, expected) => {
    expect(contradicts({ ...seen, ...now }, [seen])).toBe(expected)
  })
})

describe.skipIf(isMissing || missing !== '')(suite, { timeout: 60_000 }, () => {
  let postgres: PostgresServer
  let cluster: Cluster
  beforeAll(async () => {
    postgres = await startPostgres()
    cluster = await startCluster(1)
  }, 120_000)
  afterAll(async () => {
    await postgres.stop()
    await cluster.close()
  })

  let turn = 0

  async function open({ onTestFinished }: TestContext) {
    const options = { url: postgres.url, schema: `witness_${++turn}` }
    const prefix = `w${turn}.`
    await migratePostgres(options)
    const kafka = await openKafka({ brokers: cluster.addresses }, () => undefined)
    onTestFinished(() => kafka.close())
    const terms = { partitions: 1, replication: 1, durability: 'single', retention: undefined } as const
    await ensureTopics(kafka, wantedTopics({ topics: [], prefix, reader: 'orchestrator', ...terms }))
    const process = async () => {
      const database = await openPostgres(options)
      onTestFinished(() => database.close())
      const store = openPostgresStore(database, await joinStore(database))
      const ground = {
        database,
        store,
        kafka,
        prefix,
        clock: realClock,
        report: () => undefined,
        lost: () => undefined,
      }
      const witness = await Witness.open(ground)
      await witness.close()
      return { store, isRolledBack: witness.isRolledBack }
    }
    const sql = async (text: string): Promise<void> => {
      const database = connectPostgres(options)
      await inTransaction(database, (session) => ask(session, text))
      await database.close()
    }
    return { process, sql }
  }

  test('says nothing of a store that only grows', async (context) => {
    const { process } = await open(context)
    const { store } = await process()
    for (const reference of ['R1', 'R2']) await store.commit([anEffect(reference)])
    expect((await process()).isRolledBack).toBe(false)
    expect((await process()).isRolledBack).toBe(false)
  })

  test('finds a store that knows less than it knew, once: from then on that is what it knows', async (context) => {
    const { process, sql } = await open(context)
    const { store } = await process()
    for (const reference of ['R1', 'R2', 'R3']) await store.commit([anEffect(reference)])
    await process()
    await sql("DELETE FROM effects WHERE reference IN ('R2', 'R3')")
    const found = await process()
    expect(found.isRolledBack).toBe(true)
    expect(await found.store.select('meta', { name: 'resync' })).toMatchObject([{ value: 'on' }])
    expect((await process()).isRolledBack).toBe(false)
  })

  test('a process whose store is exchanged under it writes nothing more', async (context) => {
    const { process, sql } = await open(context)
    const { store } = await process()
    const effect = (reference: string) => store.commit([anEffect(reference)])
    expect([(await effect('R1')).is, (await effect('R2')).is, (await effect('R3')).is]).toEqual([
      'done',
      'done',
      'done',
    ])
    await sql("DELETE FROM effects WHERE reference <> 'R1'")
    expect((await effect('R4')).is).toBe('stale')
  })

  test('a fail-over makes every process come anew, and finds what it cost', async (context) => {
    const { process, sql } = await open(context)
    const { store } = await process()
    expect((await store.commit([anEffect('R1')])).is).toBe('done')
    await sql("COPY (SELECT '') TO PROGRAM 'cat > recovery.signal'")
    await sql("COPY (SELECT 'restore_command = ''false''') TO PROGRAM 'cat >> postgresql.auto.conf'")
    await postgres.crash()
    await postgres.start()
    const after = async (): Promise<string> => {
      const outcome = await store.commit([anEffect('R2')])
      return outcome.is
    }
    await expect.poll(() => after().catch(() => 'away'), { timeout: 20_000 }).toBe('stale')
    expect((await process()).isRolledBack).toBe(true)
  })
})
