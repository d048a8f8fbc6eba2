import { contracts } from '@shuniu/contracts'
import { openLeasedOwnership, ownNothing, type Ownership } from '@shuniu/infra/leases'
import { openOutbound } from '@shuniu/infra/outbound'
import { joinStore, migratePostgres, openPostgres, openPostgresStore, type Database } from '@shuniu/infra/postgres'
import type { Store } from '@shuniu/infra/store'
import { seededRandom, SimulatedClock } from '@shuniu/infra/time'
import { openConnection } from '@shuniu/sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { onPostgres, startPostgres, type PostgresServer } from '@shuniu/infra/postgres/fixtures'
import { openIngress, type Ingress } from './ingress.ts'
import { declare, payments, start } from './test-house.ts'
import { officeConnector, openOffice, push, type Office } from './test-office.ts'

const { isMissing, suite } = onPostgres('several ingresses on one PostgreSQL')

interface Member {
  readonly ingress: Ingress
  readonly ownership: Ownership & { readonly name?: string }
  readonly clock: SimulatedClock
  close(): Promise<void>
}

describe.skipIf(isMissing)(suite, () => {
  let server: PostgresServer
  let schemas = 0
  let options: { url: string; schema: string; connections: number }
  let databases: Database[] = []
  let members: Member[] = []
  let office: Office
  let store: Store
  beforeAll(async () => void (server = await startPostgres()), 60_000)
  afterAll(() => server.stop())

  beforeEach(async () => {
    options = { url: server.url, schema: `in_${++schemas}`, connections: 4 }
    await migratePostgres(options)
    office = openOffice('main')
    const database = await openDatabase()
    store = openPostgresStore(database, await joinStore(database))
  })

  afterEach(async () => {
    await Promise.all(members.splice(0).map((member) => member.close()))
    await Promise.all(databases.splice(0).map((database) => database.close()))
  })

  const openDatabase = async (): Promise<Database> => {
    const database = await openPostgres(options)
    databases.push(database)
    return database
  }

  /** A process that works, or one that only takes in. */
  const open = async (role: 'worker' | 'door', waiting = 100): Promise<Member> => {
    const database = await openDatabase()
    const clock = new SimulatedClock(start)
    const report = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const ownership =
      role === 'worker' ? openLeasedOwnership({ database, clock, report: () => undefined }) : ownNothing(database)
    const outbound = openOutbound({ allow: [], limits: { concurrency: 4, perSecond: 0, perMonth: 0 }, clock })
    const random = seededRandom(1)
    const configuration = { name: 'office-main', settings: 'main', operations: {} }
    const ground = { connection: 'office-main', outbound, clock, random, log: report }
    const ingress = await openIngress({
      store: openPostgresStore(database, await joinStore(database)),
      ownership,
      clock,
      random,
      report,
      connections: [
        { connection: openConnection(officeConnector, configuration, ground), declared: declare(payments) },
      ],
      contracts,
      schemaId: () => 7,
      limits: { waiting, concurrency: 64 },
      lost: () => undefined,
    })
    const member: Member = {
      ingress,
      ownership,
      clock,
      close: async () => {
        members = members.filter((one) => one !== member)
        await ingress.close()
        await ownership.close()
      },
    }
    members.push(member)
    return member
  }

  const receive = ({ ingress }: Member, id: string): Promise<void> => {
    office.agree(id, start - 1_000)
    return ingress.receive('office-main', 'push', [push(id)])
  }
  const states = (): Promise<Record<string, number>> => store.tally('receipts', 'state')
  const published = async (): Promise<number> => (await store.select('outbox', {})).length

  test('what one takes in, those who work understand, each the documents of its partitions', async () => {
    const [door, one, two] = [await open('door'), await open('worker'), await open('worker')]
    await expect.poll(() => [one.ownership.held().length, two.ownership.held().length]).toEqual([32, 32])
    for (let at = 0; at < 12; at++) await receive(door, `A-${at}`)
    await expect.poll(states).toEqual({ published: 12 })
    expect([await published(), office.reads.length]).toEqual([12, 12])
  })

  test('what a worker was reading when it lost its lease is taken up by the next, and published once', async () => {
    const one = await open('worker')
    const answer = office.close()
    await receive(one, 'A')
    await expect.poll(async () => (await store.select('members', {})).length).toBe(1)
    // As the next one would find it after a term of silence; the first is still waiting for its answer.
    await store.commit([{ remove: 'members', where: {} }])
    const two = await open('worker')
    answer()
    await expect.poll(states).toEqual({ published: 1 })
    await expect.poll(() => [one.ownership.held().length, two.ownership.held().length]).toEqual([32, 32])
    expect(await published()).toBe(1)
    expect(await store.select('counters', { name: 'receipts.published' })).toMatchObject([{ value: 1 }])
  })

  test('a source is swept by one of them, and by another when that one ends', async () => {
    const one = await open('worker')
    await one.ingress.start()
    await expect.poll(() => office.pages.length).toBeGreaterThan(0)
    const two = await open('worker')
    await two.ingress.start()
    await expect.poll(() => [one.ownership.held().length, two.ownership.held().length]).toEqual([32, 32])
    const before = office.pages.length
    for (const { clock } of members) await clock.advance(60_000)
    expect(office.pages.length - before).toBeLessThanOrEqual(before)
    await one.close()
    await expect.poll(() => two.ownership.held().length).toBe(64)
    office.agree('lost', two.clock.now() - 1_000)
    two.ingress.catchUp('office-main', true)
    await expect.poll(states).toEqual({ published: 1 })
  })

  test('the door counts what waits in other processes', async () => {
    const door = await open('door', 2)
    await receive(door, 'A')
    await receive(door, 'B')
    await door.clock.advance(1_000)
    await receive(door, 'C')
    await expect.poll(() => receive(door, 'D').catch(({ code }: { code: string }) => code)).toBe('ingress.busy')
  })
})
