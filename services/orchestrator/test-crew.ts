import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contracts, type HubEvent } from '@shuniu/contracts'
import { findRow, parseTable, type Tables } from '@shuniu/infra/config'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { openLeasedOwnership, type Ownership } from '@shuniu/infra/leases'
import { openEmbeddedLog, type EventLog } from '@shuniu/infra/log'
import { openOutbound } from '@shuniu/infra/outbound'
import { joinStore, migratePostgres, openPostgres, openPostgresStore, type Database } from '@shuniu/infra/postgres'
import { openEmbeddedStore, type Change, type Row, type Store } from '@shuniu/infra/store'
import { seededRandom, type Clock } from '@shuniu/infra/time'
import { openConnection, type Connection } from '@shuniu/sdk'
import { eventRow } from './events.ts'
import { checkLookUp } from './flow/check-look-ups.ts'
import { compileFlow } from './flow/compile.ts'
import type { FlowGround } from './flow/ground.ts'
import { lookUps } from './flow/lookups.ts'
import type { FlowPlan } from './flow/plan.ts'
import { Orchestrator } from './orchestrator.ts'
import { booksConnector } from './test-connector.ts'
import { flowOf } from './test-hub.ts'
import { accounts, payments } from './test-payments.ts'
import { Target } from './test-target.ts'
import { World } from './test-world.ts'

const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const schemaId = (): number => 7
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** What a process asks of the world comes only while it is awake, and never when it is dead. */
class Breath {
  readonly waiting: (() => void)[] = []
  private gate = Promise.withResolvers<void>()
  isDead = false
  isFrozen = false
  /** It is frozen as soon as such a commit is on disk, before it hears of it. */
  freezeAfter: (changes: readonly Change[]) => boolean = () => false

  constructor(private readonly world: World) {
    this.gate.resolve()
  }

  freeze(): void {
    this.isFrozen = true
    this.gate = Promise.withResolvers()
  }

  thaw(): void {
    this.isFrozen = false
    this.gate.resolve()
    for (const call of this.waiting.splice(0)) call()
  }

  die(): void {
    this.isDead = true
    this.gate = Promise.withResolvers()
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    await this.gate.promise
    const answer = await this.world.during(work)
    await this.gate.promise
    return answer
  }

  /** Timers that fall due meanwhile come late. */
  clockOf(clock: Clock, bootId: string): Clock {
    return {
      now: () => clock.now(),
      uptime: () => clock.uptime(),
      bootId,
      after: (ms, call) =>
        clock.after(ms, () => {
          if (this.isFrozen) this.waiting.push(call)
          else if (!this.isDead) call()
        }),
    }
  }
}

/** One process of several on one database, with a boot id of its own. */
export interface Member {
  readonly breath: Breath
  readonly database: Database
  readonly store: Store
  readonly ownership: Ownership & { readonly name: string }
  readonly orchestrator: Orchestrator
  /** As on SIGTERM. */
  leave(): Promise<void>
}

/** Several orchestrators on one PostgreSQL, one log and one pair of targets. Time moves for all at once. */
export class Crew {
  readonly world = new World()
  readonly books = new Target(this.world.clock)
  readonly office = new Target(this.world.clock)
  readonly reported: string[] = []
  private readonly members: Member[] = []
  private readonly folder = mkdtempSync(join(place, 'shuniu-crew-'))
  private readonly databases: Database[] = []

  private constructor(
    private readonly options: { readonly url: string; readonly schema: string; readonly connections: number },
    private readonly embedded: Embedded,
    private readonly log: EventLog,
    folder: string,
  ) {
    this.folder = folder
  }

  static async open(url: string, schema: string): Promise<Crew> {
    const options = { url, schema, connections: 6 }
    await migratePostgres(options)
    const folder = mkdtempSync(join(place, 'shuniu-crew-log-'))
    const embedded = await openEmbedded({ folder, flushOn: 'main' })
    const world = { now: () => Date.parse('2026-03-10T08:00:00Z') }
    const clock = { ...world, uptime: () => 0, bootId: 'log', after: () => ({ cancel: () => undefined }) }
    return new Crew(options, embedded, openEmbeddedLog(embedded, clock), folder)
  }

  async join(bootId: string): Promise<Member> {
    const breath = new Breath(this.world)
    const database = this.breathing(await openPostgres(this.options), breath)
    const clock = breath.clockOf(this.world.clock, bootId)
    const store = this.storeOn(openPostgresStore(database, await joinStore(database)), breath)
    const report = (message: string, detail: unknown): void =>
      void this.reported.push(`${bootId} ${message} ${JSON.stringify(detail)}`)
    const ownership = openLeasedOwnership({ database, clock, report })
    const connections = this.connect(clock)
    const ground = this.ground(store, connections)
    const orchestrator = await Orchestrator.start({
      store,
      ownership,
      log: this.logOf(breath),
      clock,
      random: seededRandom(1),
      connections,
      contracts,
      schemaId,
      schemaOf: () => undefined,
      plans: [planOf(ground)],
      compile: () => planOf(ground),
      zone: 'UTC',
      resync: () => false,
      openResync: async () => undefined,
      concurrency: 8,
      report: { ...quiet, error: report },
      observe: () => undefined,
      finished: () => undefined,
      lost: (error) => report('lost', String(error)),
    })
    const member: Member = {
      breath,
      database,
      store,
      ownership,
      orchestrator,
      leave: async () => {
        await this.untilDone(orchestrator.close().then(() => ownership.close()))
      },
    }
    this.members.push(member)
    return member
  }

  /** The database takes it for dead. */
  async expire({ ownership: { name } }: Member): Promise<void> {
    await this.sql('UPDATE members SET expires_at = 0 WHERE name = $1', [name])
  }

  /** As by kill -9. */
  async kill(member: Member): Promise<void> {
    member.breath.die()
    await this.expire(member)
  }

  async append(...events: readonly HubEvent[]): Promise<void> {
    await this.log.append(events.map((event) => eventRow(event, { contracts, idOf: schemaId })))
  }

  /** Lets time pass in small steps, with real time between them for what comes from the database by itself. */
  async until(what: () => boolean | Promise<boolean>, atMost = 600_000, step = 250): Promise<void> {
    for (let passed = 0; !(await what()); passed += step) {
      if (passed > atMost) throw new Error(`it did not come about: ${await this.story()}`)
      await this.world.pass(step)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  async untilDone(work: Promise<unknown>): Promise<void> {
    let isDone = false
    void work.then(() => (isDone = true))
    await this.until(() => isDone)
    await work
  }

  async runs(): Promise<string[]> {
    const rows = (await this.rows('runs')) as Row<'runs'>[]
    return rows.flatMap(({ flow, kind, state, reason }) =>
      flow === '' ? [] : [[kind, state, reason].filter(Boolean).join(' ')],
    )
  }

  async rows(table: 'runs' | 'effects' | 'traces'): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.sql(`SELECT * FROM ${table} ORDER BY id`)
  }

  async close(): Promise<void> {
    for (const { breath } of this.members) breath.die()
    await Promise.all(this.databases.map((database) => database.close()))
    await this.embedded.close()
    rmSync(this.folder, { recursive: true })
  }

  private async story(): Promise<string> {
    return [...(await this.runs()), ...this.reported.slice(-20)].join('\n')
  }

  private async sql(
    text: string,
    values: readonly string[] = [],
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const database = await openPostgres(this.options)
    const session = await database.session()
    await session.send('BEGIN READ WRITE')
    const reply = await session.send(text, values)
    await session.send('COMMIT')
    session.release()
    await database.close()
    if ('error' in reply) throw reply.error
    return reply.rows
  }

  /** The log keeps its positions itself: they are moved when the rows are on disk. */
  private logOf(breath: Breath): EventLog {
    const positions = openEmbeddedStore(this.embedded)
    return {
      ...this.log,
      read: (range) => breath.take(() => this.log.read(range)),
      subscribe: (name, topics, handle) =>
        this.log.subscribe(name, topics, async (batch) => {
          await handle(batch)
          await positions.commit([batch.moved])
        }),
    }
  }

  private breathing(database: Database, breath: Breath): Database {
    this.databases.push(database)
    return {
      ...database,
      async session() {
        const session = await breath.take(() => database.session())
        return { ...session, send: (text, values) => breath.take(() => session.send(text, values)) }
      },
      listen: (channel, heard) => database.listen(channel, (said) => !breath.isDead && !breath.isFrozen && heard(said)),
    }
  }

  private storeOn(store: Store, breath: Breath): Store {
    return {
      epoch: store.epoch,
      commit: (changes) =>
        breath.take(async () => {
          const outcome = await store.commit(changes)
          if (breath.freezeAfter(changes)) {
            breath.freezeAfter = () => false
            breath.freeze()
          }
          return outcome
        }),
      get: (table, id) => breath.take(() => store.get(table, id)),
      select: (table, where, options) => breath.take(() => store.select(table, where, options)),
      tally: (table, by, where) => breath.take(() => store.tally(table, by, where)),
      oldest: (table, by, where) => breath.take(() => store.oldest(table, by, where)),
    }
  }

  private ground(store: Store, connections: ReadonlyMap<string, Connection>): FlowGround {
    const { table } = parseTable('account', 'tables/account.csv', accounts)
    if (!table) throw new Error('no table')
    const tables: Pick<Tables, 'shapes' | 'shape' | 'find'> = {
      shapes: [table.shape],
      shape: (name) => (name === 'account' ? table.shape : undefined),
      find: (_, keys, day) => findRow(table, keys, day),
    }
    const connectors = new Map([
      ['books', booksConnector(this.books)],
      ['office', booksConnector(this.office)],
    ])
    const functions = lookUps({ tables, store, connections })
    return { contracts, connectors, functions, checkLookUp: (call) => checkLookUp(call, { tables, connectors }) }
  }

  private connect(clock: Clock): ReadonlyMap<string, Connection> {
    const limits = { concurrency: 64, perSecond: 0, perMonth: 0 }
    const targets = { books: this.books, office: this.office }
    return new Map(
      Object.entries(targets).map(([name, target]) => {
        const outbound = openOutbound({ allow: [], limits, clock })
        const ground = { connection: name, outbound, clock, random: seededRandom(2), log: quiet }
        return [name, openConnection(booksConnector(target), { name, settings: null, operations: {} }, ground)]
      }),
    )
  }
}

function planOf(ground: FlowGround): FlowPlan {
  const yaml = payments('auto')
  const { plan, problems } = compileFlow(flowOf(yaml), yaml, ground)
  if (!plan) throw new Error(problems.map(({ error }) => error.message).join('\n'))
  return plan
}
