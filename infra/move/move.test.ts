import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HubError } from '@shuniu/contracts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openEmbedded } from '../embedded/index.ts'
import { startCluster, type Cluster } from '../kafka/fixtures/cluster.ts'
import { missing, withoutBroker } from '../kafka/fixtures/jars.ts'
import { openKafka } from '../kafka/driver.ts'
import { ensureTopics } from '../kafka/topics.ts'
import { openKafkaLog } from '../log/kafka.ts'
import { onPostgres, startPostgres, type PostgresServer } from '../postgres/fixtures/server.ts'
import { openPostgres, openPostgresStore } from '../postgres/index.ts'
import { openEmbeddedStore, type EventRow, type Store } from '../store/index.ts'
import { realClock } from '../time/index.ts'
import { move, skipAll, type MoveGround } from './move.ts'
import { openSource } from './source.ts'
import { openTarget, refuseHalfMoved } from './target.ts'

const topic = 'finance.voucher.created.v1'
const { isMissing, suite } = onPostgres(`moving to PostgreSQL and Kafka${withoutBroker}`)

const event = (number: number): EventRow => ({
  eventId: Buffer.from(`0199${String(number).padStart(28, '0')}`, 'hex'),
  topic,
  key: `K${number % 7}`,
  time: number,
  attributes: JSON.stringify({ ce_id: String(number), ce_type: 'finance.voucher.created' }),
  data: Buffer.from([0, 1, number % 256]),
})

/** 500 events, of which the hub had taken in 480; a line of the audit log; an effect in doubt. */
async function fill(folder: string): Promise<void> {
  const embedded = await openEmbedded({ folder, flushOn: 'main' })
  const store = openEmbeddedStore(embedded)
  await store.commit(Array.from({ length: 500 }, (_, at) => ({ append: event(at + 1) })))
  await store.commit([
    { upsert: 'positions', row: { reader: 'orchestrator', topic: '*', position: 481 } },
    { count: 'deliveries.accepted', by: 480 },
    { insert: 'marks', row: { flow: 'pay', key: 'K1', key_hash: 4_503_599_627_370_000, up_to: 2 } },
    { insert: 'schemas', row: { number: 7, type: 'finance.voucher.created', text: '{"名":"凭证"}' } },
  ])
  await embedded.close()
}

describe.skipIf(isMissing || missing !== '')(suite, { timeout: 120_000 }, () => {
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

  let folder: string
  let turn = 0
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shuniu-move-'))
    turn++
    await fill(folder)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const options = () => ({ url: postgres.url, schema: `move_${turn}` })

  /** One attempt; `dies` is asked before everything that is written anywhere. */
  async function attempt(dies: () => void = () => undefined): Promise<Readonly<Record<string, number>>> {
    const source = openSource(folder, 'new')
    const target = await openTarget(options(), source)
    const database = await openPostgres(options())
    const store = openPostgresStore(database, source.epoch)
    const kafka = await openKafka({ brokers: cluster.addresses }, () => undefined)
    const prefix = `m${turn}.`
    await ensureTopics(kafka, [{ topic: prefix + topic, partitions: 3, replication: 1, config: {} }])
    const log = openKafkaLog({
      kafka,
      store,
      clock: realClock,
      prefix,
      report: () => undefined,
      found: () => undefined,
    })
    const ground: MoveGround = {
      source,
      target: {
        ...target,
        write: async (...given) => (dies(), target.write(...given)),
        note: async (...given) => (dies(), target.note(...given)),
        finish: async () => (dies(), target.finish()),
      },
      log: { append: async (events) => (dies(), log.append(events)) },
      skipTo: async (reader) => {
        dies()
        await skipAll(log, reader, [topic], async (moved) => void (await store.commit([moved])))
      },
      progress: () => undefined,
    }
    try {
      return await move(ground)
    } finally {
      await kafka.close()
      await target.close()
      await database.close()
      source.close()
    }
  }

  async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const database = await openPostgres(options())
    try {
      return await work(openPostgresStore(database, 1))
    } finally {
      await database.close()
    }
  }

  test('brings every row with its id, and only what was not taken in yet waits to be published', async () => {
    expect(await attempt()).toMatchObject({ events: 500, counters: 1, marks: 1, schemas: 1 })
    await withStore(async (store) => {
      const waiting = await store.select('outbox', { open: 'waiting' }, { order: { by: 'id' } })
      expect(waiting.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, at) => 481 + at))
      const places = await store.select('places', { reader: 'orchestrator' })
      expect(places.reduce((sum, { position }) => sum + (position % 2 ** 37), 0)).toBe(480)
      expect(await store.select('schemas', {})).toMatchObject([{ number: 7, text: '{"名":"凭证"}' }])
    })
  })

  test('no hub starts on the old folder any more', async () => {
    await attempt()
    await expect(openEmbedded({ folder })).rejects.toMatchObject({ code: 'store.moved' })
  })

  test('wherever it dies, it goes on from there, and until it is whole no hub may start on it', async () => {
    let survived = 0
    for (let turns = 0; ; turns++) {
      let left = survived + 1
      const done = await attempt(() => {
        if (left-- === 0) throw new Error('died')
      }).catch((error: Error) => error)
      if (!(done instanceof Error)) break
      expect(done.message).toBe('died')
      const database = await openPostgres(options())
      await expect(refuseHalfMoved(database)).rejects.toMatchObject({ code: 'store.moving' })
      await database.close()
      survived += turns % 3
    }
    expect(survived).toBeGreaterThan(0)
    await withStore(async (store) => expect(await store.tally('outbox', 'state')).toEqual({ waiting: 20 }))
  })

  test('a database that holds something else is not touched', async () => {
    await attempt()
    rmSync(folder, { recursive: true })
    await fill(folder)
    await expect(attempt()).rejects.toMatchObject({ code: 'store.not-empty' } satisfies Partial<HubError>)
  })
})
