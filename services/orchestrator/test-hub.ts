import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract, contracts, eventId, Instant, isRecord, type HubEvent, type ValueRecord } from '@shuniu/contracts'
import { decodeFlow, findRow, parseTable, readYaml, type FlowFile, type Table, type Tables } from '@shuniu/infra/config'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { ownEverything } from '@shuniu/infra/leases'
import { openEmbeddedLog, type EventLog } from '@shuniu/infra/log'
import { openOutbound } from '@shuniu/infra/outbound'
import { openEmbeddedStore, type Row, type Store, type TableName } from '@shuniu/infra/store'
import { seededRandom, type Random } from '@shuniu/infra/time'
import { openConnection, type Connection, type ConnectorDefinition } from '@shuniu/sdk'
import { eventRow } from './events.ts'
import { checkLookUp } from './flow/check-look-ups.ts'
import { compileFlow } from './flow/compile.ts'
import type { FlowGround } from './flow/ground.ts'
import { lookUps } from './flow/lookups.ts'
import type { FlowPlan } from './flow/plan.ts'
import { unpackRecord } from './ledger/rows.ts'
import { Orchestrator, type OrchestratorGround } from './orchestrator.ts'
import { Life, World } from './test-world.ts'
import { booksConnector } from './test-connector.ts'
import { Target } from './test-target.ts'

/** In memory where there is such a place: nobody pulls the plug here, so waiting for a disk would prove nothing. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const schemaId = (): number => 7
const schemas = { contracts, idOf: schemaId }

const parsed = new Map<string, FlowFile>()

/** Reads a flow as a user writes it; it must be one. */
export function flowOf(yaml: string): FlowFile {
  const known = parsed.get(yaml)
  if (known) return known
  const { node, problems } = readYaml(yaml, 'flows/test.yaml')
  const read = node && decodeFlow(node)
  const wrong = [...problems, ...(read?.problems ?? [])].map(({ error }) => error.message)
  if (!read?.value) throw new Error(wrong.join('\n'))
  parsed.set(yaml, read.value)
  return read.value
}

/** Who decides in tests. */
const ann = { actor: 'ann', reason: 'looked at it' }

export interface HubOptions {
  readonly flows: readonly string[]
  /** CSV by name of the table. */
  readonly tables?: Readonly<Record<string, string>>
  readonly random?: Random
  readonly concurrency?: number
  /** Calls at once of each connection. */
  readonly places?: number
  /** Look-ups that show a voucher to be absent. */
  readonly lookUps?: number
  /** As where strangers write to the log. */
  readonly strangers?: Pick<OrchestratorGround, 'deadLetter' | 'learnSchemas'>
}

/** A hub without ingress, in a folder of its own, with targets `books` and `office`; it can die and start again. */
export class TestHub {
  readonly world = new World()
  readonly books = new Target(this.world.clock)
  readonly office = new Target(this.world.clock)
  readonly reported: string[] = []
  readonly lost: unknown[] = []
  resync = false
  flows: readonly string[]
  private readonly tables = new Map<string, Table>()
  private readonly folder = mkdtempSync(join(place, 'shuniu-runs-'))
  private current: { life: Life; embedded: Embedded; log: EventLog; orchestrator: Orchestrator } | undefined

  private constructor(private readonly options: HubOptions) {
    this.flows = options.flows
    for (const [name, csv] of Object.entries(options.tables ?? {})) this.setTable(name, csv)
  }

  static async open(options: HubOptions): Promise<TestHub> {
    const hub = new TestHub(options)
    await hub.start()
    return hub
  }

  get orchestrator(): Orchestrator {
    return this.now.orchestrator
  }

  get store(): Store {
    return this.now.life.store
  }

  get life(): Life {
    return this.now.life
  }

  get log(): EventLog {
    return this.now.log
  }

  setTable(name: string, csv: string): void {
    const { table, problems } = parseTable(name, `tables/${name}.csv`, csv)
    if (!table) throw problems[0]?.error ?? new Error('no table')
    this.tables.set(name, table)
  }

  /** A new process on the same data. `prepare` sees its store before anybody uses it. */
  async start(prepare: (life: Life) => void = () => undefined, kept?: Embedded): Promise<void> {
    const embedded = kept ?? (await openEmbedded({ folder: this.folder, flushOn: 'main' }))
    const life = this.world.begin(openEmbeddedStore(embedded))
    prepare(life)
    const { clock, store } = life
    const log = openEmbeddedLog(embedded, clock)
    const connections = this.connect(life)
    const ground = this.ground(store, connections)
    const plans = this.flows.map((yaml) => this.plan(yaml, ground))
    const report = (code: string, fields?: object): void =>
      void this.reported.push(`${code} ${JSON.stringify(fields ?? {})}`)
    const starting = Orchestrator.start({
      store,
      ownership: ownEverything(),
      log: { ...log, read: (range) => life.alive(() => log.read(range)) },
      clock,
      random: this.options.random ?? seededRandom(1),
      connections,
      contracts,
      schemaId,
      schemaOf: () => undefined,
      plans,
      compile: (source) => this.plan(source, ground),
      zone: 'UTC',
      resync: () => this.resync,
      openResync: async () => void (this.resync = true),
      concurrency: this.options.concurrency ?? 8,
      report: { info: report, warn: report, error: report },
      observe: () => undefined,
      finished: () => undefined,
      lost: (error) => void this.lost.push(error),
      ...this.options.strangers,
    })
    // A process that dies while it starts never comes up.
    const orchestrator = await Promise.race([starting, life.died])
    if (orchestrator) this.current = { life, embedded, log, orchestrator }
    else await embedded.close()
  }

  /** As by kill -9: nothing is drained. */
  async kill(): Promise<void> {
    this.life.kill()
    await this.now.embedded.close()
    this.current = undefined
  }

  async restart(): Promise<void> {
    await this.kill()
    await this.start()
  }

  /** The same, quicker: what is on disk stays open, what the process knew is gone. */
  async forget(): Promise<void> {
    this.life.kill()
    await this.start(undefined, this.now.embedded)
  }

  async close(): Promise<void> {
    if (this.current) await this.kill()
    rmSync(this.folder, { recursive: true })
  }

  compile(yaml: string): ReturnType<typeof compileFlow> {
    return compileFlow(flowOf(yaml), yaml, this.ground(this.store, new Map()))
  }

  async append(...events: readonly HubEvent[]): Promise<void> {
    await this.log.append(events.map((event) => eventRow(event, schemas)))
    await this.world.quiet()
  }

  /** Lets time pass, and all that falls due in it be done. */
  pass(ms: number): Promise<void> {
    return this.world.pass(ms)
  }

  /** `flow done`, `undo parked human`, … in order of arrival; deliveries of no flow left out. */
  async runs(): Promise<string[]> {
    return (await this.rows('runs'))
      .filter(({ flow }) => flow !== '')
      .map(({ kind, state, reason }) => [kind, state, reason].filter(Boolean).join(' '))
  }

  async effects(): Promise<string[]> {
    return (await this.rows('effects')).map(({ operation, state }) => `${operation} ${state}`)
  }

  rows<T extends TableName>(table: T): Promise<Row<T>[]> {
    return this.store.select(table, {}, { order: { by: 'id' as keyof Row<T> & string } })
  }

  /** The first run that is parked, and why. */
  async parked(): Promise<Row<'runs'> & { readonly message: string }> {
    const [run] = await this.store.select('runs', { open: 'parked' }, { order: { by: 'id' }, limit: 1 })
    if (!run) throw new Error(`nothing is parked: ${(await this.runs()).join(', ')}`)
    const detail = unpackRecord(run.detail)
    const message = isRecord(detail['message']) ? String(detail['message']['en']) : ''
    return { ...run, message }
  }

  /** A person presses a button on what is parked first. */
  async retry(more: { readonly currentFlow?: boolean } = {}): Promise<void> {
    await this.orchestrator.parking.retry((await this.parked()).id, { ...ann, ...more })
    await this.world.quiet()
  }

  async resolve(document: string, accept = false): Promise<void> {
    await this.orchestrator.parking.resolve((await this.parked()).id, document, { ...ann, accept })
    await this.world.quiet()
  }

  async drop(): Promise<void> {
    await this.orchestrator.parking.drop((await this.parked()).id, ann)
    await this.world.quiet()
  }

  /** Types of the events that flows emitted, in order. */
  async emitted(): Promise<string[]> {
    const records = await this.log.read({ from: 0, limit: 10_000 })
    return records
      .map((record) => this.orchestrator.read(record))
      .flatMap(({ source, type }) => (source.startsWith('/flows/') ? type : []))
  }

  /**
   * Promise 2: what was accepted is done, skipped, parked or in flight; by the totals, and recounted from the rows. `short`: what
   * needs no rows, by flow.
   */
  async totals(): Promise<Record<'counted' | 'recounted' | 'short', Record<string, number>>> {
    const counters = (await this.store.select('counters', {})).map(({ name, value }) => [name, value] as const)
    const named = (prefix: string): Record<string, number> =>
      Object.fromEntries(
        counters.flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])),
      )
    const states = await this.store.tally('runs', 'state')
    const ended = { done: 0, skipped: 0, parked: 0, ...states }
    const accepted = Object.values(states).reduce((sum, count) => sum + count, 0)
    const { done, skipped, parked } = ended
    const counted = { done: 0, skipped: 0, parked: 0, ...named('deliveries.') }
    return { counted, recounted: { accepted, done, skipped, parked }, short: named('short.') }
  }

  private get now() {
    if (!this.current) throw new Error('the hub does not run')
    return this.current
  }

  private get connectors(): ReadonlyMap<string, ConnectorDefinition> {
    return new Map([
      ['books', booksConnector(this.books)],
      ['office', booksConnector(this.office)],
    ])
  }

  private ground(store: Store, connections: ReadonlyMap<string, Connection>): FlowGround {
    const { connectors } = this
    const tables = this.openTables()
    const functions = lookUps({ tables, store, connections })
    return { contracts, connectors, functions, checkLookUp: (call) => checkLookUp(call, { tables, connectors }) }
  }

  private plan(yaml: string, ground: FlowGround): FlowPlan {
    const { plan, problems } = compileFlow(flowOf(yaml), yaml, ground)
    if (!plan) throw new Error(problems.map(({ error }) => `${error.place?.line}: ${error.message}`).join('\n'))
    return plan
  }

  private connect({ clock }: Life): ReadonlyMap<string, Connection> {
    const { places = 4, lookUps: times } = this.options
    const limits = { concurrency: places, perSecond: 0, perMonth: 0 }
    const operations = { 'voucher.save': { lookUps: { times } } }
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
    return new Map(
      [...this.connectors].map(([name, definition]) => {
        const outbound = openOutbound({ allow: [], limits, clock })
        const ground = { connection: name, outbound, clock, random: seededRandom(2), log }
        return [name, openConnection(definition, { name, settings: null, operations }, ground)]
      }),
    )
  }

  private openTables(): Pick<Tables, 'shapes' | 'shape' | 'find'> {
    const { tables } = this
    return {
      get shapes() {
        return [...tables.values()].map(({ shape }) => shape)
      },
      shape: (name) => tables.get(name)?.shape,
      find: (name, keys, day) => {
        const table = tables.get(name)
        return table && findRow(table, keys, day)
      },
    }
  }
}

/** An event as an ingress would append it. */
export function eventOf(type: string, data: ValueRecord, more: { at: Instant; document: string }): HubEvent {
  const { topic, key } = contract(type)
  const id = eventId({ time: more.at, connection: 'office', type, document: more.document, version: 'agree' })
  return {
    id,
    type,
    topic,
    key: String(data[key]),
    time: more.at,
    source: '/connections/office',
    subject: String(data['approvalNo'] ?? ''),
    correlation: String(data[key]),
    data,
  }
}
