import { eventIdText, type AvroSchema, type Contract } from '@shuniu/contracts'
import { Owned, type Hold, type Ownership } from '@shuniu/infra/leases'
import type { Batch, EventLog, LogRecord, Subscription } from '@shuniu/infra/log'
import { ReadBack, tellUnknown, type EventRow, type Row, type Store } from '@shuniu/infra/store'
import type { Traces } from '@shuniu/infra/telemetry'
import { sleep, type Clock, type Random } from '@shuniu/infra/time'
import type { Connection, Log } from '@shuniu/sdk'
import { eventMaker, readEvent, readHead, unknownSchemas, type Schemas } from './events.ts'
import type { EventHead, FlowEvent, FlowPlan } from './flow/plan.ts'
import { Flows } from './flows.ts'
import { Intake } from './intake.ts'
import { Ledger } from './ledger/ledger.ts'
import { OwnedRuns } from './owned-runs.ts'
import { Parking } from './parking.ts'
import { Poison, recordOf } from './poison.ts'
import { readBack, wakeLearned } from './recover.ts'
import { Doors } from './run/doors.ts'
import type { MakeEvent } from './run/live.ts'
import { deliveryOf, queuedOf } from './run/rows.ts'
import { Scheduler } from './run/scheduler.ts'
import { NotOurs, Stale, type Standing } from './run/standing.ts'
import { Runner } from './runner.ts'
import { eventsOf } from './short-way.ts'
import { Withdrawals } from './withdrawals.ts'

export interface OrchestratorGround {
  readonly store: Store
  /** Which partitions are worked on here. */
  readonly ownership: Ownership
  /** Whether the log is read here; left out: yes. */
  readonly reads?: boolean
  readonly log: EventLog
  readonly clock: Clock
  readonly random: Random
  readonly connections: ReadonlyMap<string, Connection>
  readonly contracts: readonly Contract[]
  readonly schemaId: (contract: Contract) => number
  /** The schema behind a number on the wire. */
  readonly schemaOf: (id: number) => AvroSchema | undefined
  /** Asks for schemas that `schemaOf` does not know; rejects when the registry cannot say whether there are any. */
  readonly learnSchemas?: (ids: readonly number[]) => Promise<void>
  /** Where strangers write to the log, and it forgets: the copy of a record that nobody can read, for its dead-letter topic. */
  readonly deadLetter?: (row: Row<'poisoned'>) => Promise<EventRow | undefined>
  readonly plans: readonly FlowPlan[]
  /** What is read of the log; the topics of all contracts, unless told. */
  readonly topics?: readonly string[]
  readonly compile: (source: string, name: string) => FlowPlan | undefined
  readonly zone: string
  readonly resync: () => boolean
  readonly openResync: () => Promise<void>
  /** Runs executed at once. */
  readonly concurrency: number
  readonly report: Log
  readonly observe: (connection: string, operation: string, outcome: string) => void
  readonly finished: (outcome: Standing['is'], flow: string) => void
  readonly traces?: Traces | undefined
  /** Somebody else owns the store now: the hub has to stop. */
  readonly lost: (error: unknown) => void
}

/** The name under which intake reads the log. */
export const intakeReader = 'orchestrator'

/**
 * Backlog at which intake stops reading the log, and at which it goes on. What waits for a person does not count. It reads
 * far ahead of what is executed, so that a withdrawal overtakes what it withdraws.
 */
const highWater = 20_000
const lowWater = 10_000

/** Until rows that cannot be read are asked for again, ms. */
const askAgain = 1_000

/** Runs flows: events in, effects and events out. Everything it knows is in the store; it may die at any moment. */
export class Orchestrator {
  readonly parking: Parking
  private readonly schemas: Schemas
  private readonly makeEvent: MakeEvent
  private readonly scheduler: Scheduler
  private readonly intake: Intake
  private readonly poison: Poison | undefined
  private readonly owned: Owned
  private readonly runner: Runner
  private readonly doors: Doors
  private readonly closing = new AbortController()
  private readonly ground: OrchestratorGround
  private readonly readBack: ReadBack
  private subscription: Subscription | undefined
  private pausedIntake = false

  private constructor(
    given: OrchestratorGround,
    readonly flows: Flows,
  ) {
    const ground = { ...given, store: tellUnknown(given.store, () => this.readBack.ask()) }
    this.ground = ground
    const { store, clock, connections, concurrency } = ground
    this.schemas = { contracts: ground.contracts, idOf: ground.schemaId, writerOf: ground.schemaOf }
    this.scheduler = new Scheduler(
      clock,
      concurrency,
      (id) => this.execute(id),
      (error) => this.broken(error),
    )
    this.readBack = new ReadBack(
      () => readBack(store, clock, this.scheduler, this.owned.parts),
      () => sleep(clock, askAgain, this.closing.signal),
      this.closing.signal,
    )
    this.doors = new Doors({
      aside: (wait) => this.scheduler.aside(wait),
      wake: (run) => this.scheduler.wake(run),
    })
    const runs = new OwnedRuns({
      store,
      clock,
      scheduler: this.scheduler,
      forget: (run) => this.runner.forget(run),
      wakeLearned: () => wakeLearned(store, this.parking),
      failed: (error) => this.broken(error),
    })
    this.owned = new Owned(runs, this.closing.signal)
    const ended = (run: Row<'runs'>): void => this.ended(run)
    const holdOf = (run: Row<'runs'>): Hold => this.holdOf(run)
    this.parking = new Parking({
      store,
      clock,
      connections,
      ended,
      released: (run) => (this.owned.has(run.key_hash) ? this.scheduler.release(run.id) : this.tellOwner(run)),
      brought: (tags) => this.runner.bring(tags),
      currentVersion: (run) => this.currentVersion(run),
    })
    this.poison =
      ground.deadLetter &&
      new Poison({ store, clock, copyOf: ground.deadLetter, failed: (error) => this.broken(error) })
    const read = (record: LogRecord, head?: EventHead): FlowEvent => this.read(record, head)
    // What is only computed again, to be shown, is not told.
    this.makeEvent = eventMaker(this.schemas, clock)
    const makeEvent = eventMaker(this.schemas, clock, ground.traces)
    this.intake = new Intake({
      store,
      clock,
      head: (record) => readHead(record, this.schemas),
      read,
      flows: () => flows.active,
      accepted: (row, event) => this.accept(row, event),
      makeEvent,
      traces: ground.traces,
      passed: ground.finished,
      ...(ground.log.isApart === true && { append: (events) => ground.log.append(events) }),
      prepare: (records) => this.learn(records),
      poison: this.poison,
    })
    this.runner = new Runner({
      ...ground,
      flows,
      read,
      parking: this.parking,
      intake: this.intake,
      withdrawals: new Withdrawals({ store, clock, ended, holdOf, woken: (id) => void this.scheduler.wake(id) }),
      live: { ledger: this.openLedger(), doors: this.doors, makeEvent },
      doors: this.doors,
      random: this.ground.random,
      holdOf,
      answered: (run) => this.tellOwner(run),
    })
  }

  /** Registers the flows, takes up what an earlier life left, and begins to read the log. */
  static async start(ground: OrchestratorGround): Promise<Orchestrator> {
    const orchestrator = new Orchestrator(
      ground,
      await Flows.register(ground.plans, { ...ground, topics: topicsOf(ground) }),
    )
    await ground.ownership.join(orchestrator.owned)
    await wakeLearned(ground.store, orchestrator.parking)
    orchestrator.poison?.publish()
    if (ground.reads !== false) await orchestrator.subscribe()
    return orchestrator
  }

  /** Runs not ended, and how many are in hand at this moment. */
  state(): { readonly open: number; readonly underWay: number } {
    return { open: this.scheduler.size, underWay: this.scheduler.underWay }
  }

  /** Delivers an older event to a flow: replay. What the ledger holds is not sent again. */
  async deliver(flow: string, record: LogRecord): Promise<boolean> {
    const found = this.flows.active.find(({ plan }) => plan.flow === flow || plan.name === flow)
    return found ? this.intake.deliver(found.plan, this.read(record)) : false
  }

  /** Ids of what follows from an event by the flows that only compute and emit: computed again, for nothing of it is kept. */
  async passedIds(record: LogRecord): Promise<readonly string[]> {
    const event = this.read(record)
    const flows = this.flows.active.filter(({ plan }) => plan.short && plan.on === event.type)
    const made = await Promise.all(flows.map(({ plan }) => eventsOf(plan, event, this.makeEvent).catch(() => [])))
    return made.flat().map(({ eventId }) => eventIdText(eventId))
  }

  read(record: LogRecord, head?: EventHead): FlowEvent {
    return readEvent(record, this.schemas, head)
  }

  /** Stops reading, lets what is under way come to an end; who waits for a turn at a connection goes home. */
  async close(): Promise<void> {
    this.closing.abort()
    await this.subscription?.close()
    await this.scheduler.close()
    await this.poison?.close()
  }

  private async learn(records: readonly LogRecord[]): Promise<void> {
    const unknown = unknownSchemas(records, this.schemas)
    if (unknown.length > 0) await this.ground.learnSchemas?.(unknown)
  }

  private openLedger(): Ledger {
    const { ground, doors } = this
    return new Ledger({
      ...ground,
      startedAt: ground.clock.uptime(),
      log: ground.report,
      doors,
    })
  }

  private async subscribe(): Promise<void> {
    const topics = topicsOf(this.ground)
    this.subscription = await this.ground.log.subscribe(intakeReader, topics, (batch) => this.take(batch))
  }

  private async take(batch: Batch): Promise<void> {
    try {
      await this.intake.take(batch)
    } catch (error) {
      this.broken(error)
      throw error
    }
    this.holdBack()
  }

  private holdBack(): void {
    if (this.pausedIntake || this.scheduler.backlog < highWater) return
    this.pausedIntake = true
    this.subscription?.pause()
  }

  private letGo(): void {
    if (!this.pausedIntake || this.scheduler.backlog > lowWater) return
    this.pausedIntake = false
    this.subscription?.resume()
  }

  private accept(row: Row<'runs'>, event: FlowEvent | undefined): void {
    if (!this.owned.has(row.key_hash)) return this.tellOwner(row)
    const parked = row.state === 'parked'
    if (event && !parked) this.runner.accept(row, event)
    this.scheduler.add(queuedOf(row), { parked })
  }

  private async execute(id: number): Promise<Standing> {
    const standing = await this.runner.execute(id)
    this.letGo()
    return standing
  }

  private ended(run: Row<'runs'>): void {
    this.ground.finished('skipped', run.flow)
    if (!this.owned.has(run.key_hash)) return this.tellOwner(run)
    this.scheduler.end(run.id)
    this.runner.forget(run.id)
    this.letGo()
  }

  private holdOf({ id, key_hash }: Row<'runs'>): Hold {
    const hold = this.owned.holdOf(key_hash)
    if (!hold) throw new NotOurs(`run ${id} is not to be begun here`)
    return hold
  }

  private tellOwner({ id, key_hash }: Row<'runs'>): void {
    this.ground.ownership.tell('run', key_hash, id)
  }

  /** The same run under today's flow; when that sees another document in the event, it is taken in again. */
  private async currentVersion(run: Row<'runs'>): Promise<Partial<Row<'runs'>> | undefined> {
    const plan = this.flows.today(run.flow)
    const record = plan && (await recordOf(this.ground, run))
    if (!plan || !record) return undefined
    const { version, key, revision } = deliveryOf(plan, this.read(record))
    return { version: key === run.key && revision === run.revision ? version : '' }
  }

  /** A later start owns the store: nothing more is begun. Whatever else broke is tried again by whoever did it. */
  private broken(error: unknown): void {
    if (error instanceof NotOurs) return this.ground.ownership.doubt()
    const message = error instanceof Error ? error.message : String(error)
    this.ground.report.error('orchestrator.broken', { message })
    if (!(error instanceof Stale) || this.closing.signal.aborted) return
    this.closing.abort()
    void this.scheduler.close()
    void this.subscription?.close()
    this.ground.lost(error)
  }
}

function topicsOf({ topics, contracts }: Pick<OrchestratorGround, 'topics' | 'contracts'>): readonly string[] {
  return topics ?? [...new Set(contracts.map(({ topic }) => topic))]
}
