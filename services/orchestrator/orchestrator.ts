import type { AvroSchema, Contract } from '@shuniu/contracts'
import type { EventLog, LogRecord, Subscription } from '@shuniu/infra/log'
import type { Row, Store } from '@shuniu/infra/store'
import type { Clock, Random } from '@shuniu/infra/time'
import type { Connection, Log } from '@shuniu/sdk'
import { eventMaker, readEvent, type Schemas } from './events.ts'
import type { FlowEvent, FlowPlan } from './flow/plan.ts'
import { Flows } from './flows.ts'
import { Intake } from './intake.ts'
import { Ledger } from './ledger/ledger.ts'
import { Parking } from './parking.ts'
import { recover } from './recover.ts'
import { execute, type Execution } from './run/execute.ts'
import { laneOf } from './run/rows.ts'
import { Scheduler } from './run/scheduler.ts'
import { park, Stale, type Standing } from './run/standing.ts'
import { undo } from './undo.ts'
import { Withdrawals } from './withdrawals.ts'

export interface OrchestratorGround {
  readonly store: Store
  readonly log: EventLog
  readonly clock: Clock
  readonly random: Random
  readonly connections: ReadonlyMap<string, Connection>
  readonly contracts: readonly Contract[]
  readonly schemaId: (contract: Contract) => number
  /** The schema behind a number on the wire. */
  readonly schemaOf: (id: number) => AvroSchema | undefined
  readonly plans: readonly FlowPlan[]
  readonly compile: (source: string, name: string) => FlowPlan | undefined
  readonly zone: string
  readonly resync: () => boolean
  /** Runs executed at once. */
  readonly concurrency: number
  readonly report: Log
  readonly observe: (connection: string, operation: string, outcome: string) => void
  readonly finished: (outcome: Standing['is'], flow: string) => void
  /** Somebody else owns the store now: the hub has to stop. */
  readonly lost: (error: unknown) => void
}

/** Backlog at which intake stops reading the log, and at which it goes on. */
const highWater = 20_000
const lowWater = 10_000

/** Runs flows: events in, effects and events out. Everything it knows is in the store; it may die at any moment. */
export class Orchestrator {
  readonly parking: Parking
  readonly flows: Flows
  private readonly ground: OrchestratorGround
  private readonly schemas: Schemas
  private readonly scheduler: Scheduler
  private readonly intake: Intake
  private readonly ledger: Ledger
  private readonly withdrawals: Withdrawals
  /** Runs whose row and event need not be read again. */
  private readonly fresh = new Map<number, { row: Row<'runs'>; event: FlowEvent }>()
  private subscription: Subscription | undefined
  private pausedIntake = false

  private constructor(ground: OrchestratorGround, flows: Flows) {
    const { store, clock } = ground
    this.ground = ground
    this.flows = flows
    this.schemas = { contracts: ground.contracts, idOf: ground.schemaId, writerOf: ground.schemaOf }
    this.scheduler = new Scheduler(
      clock,
      ground.concurrency,
      (id) => this.execute(id),
      (error) => this.broken(error),
    )
    this.ledger = new Ledger({ ...ground, startedAt: clock.uptime(), log: ground.report })
    this.withdrawals = new Withdrawals({
      store,
      clock,
      woken: (id) => this.scheduler.wake(id),
      ended: (id) => this.scheduler.end(id),
    })
    this.parking = new Parking({
      store,
      clock,
      connections: ground.connections,
      woken: (id) => this.scheduler.wake(id),
      ended: (id) => this.scheduler.end(id),
    })
    this.intake = new Intake({
      store,
      clock,
      flows: () => this.flows.active,
      read: (record) => this.read(record),
      accepted: (row, event) => this.accept(row, event),
      marked: (keyHash) => void this.withdrawals.marked(keyHash).catch((error: unknown) => this.broken(error)),
    })
  }

  /** Registers the flows, takes up what an earlier life left, and begins to read the log. */
  static async start(ground: OrchestratorGround): Promise<Orchestrator> {
    const orchestrator = new Orchestrator(ground, await Flows.register(ground.plans, ground))
    await recover(ground.store, ground.clock, orchestrator.scheduler)
    await orchestrator.subscribe()
    return orchestrator
  }

  /** Runs not ended, and how many are executed at this moment. */
  state(): { readonly open: number; readonly underWay: number } {
    return { open: this.scheduler.size, underWay: this.scheduler.underWay }
  }

  /** Delivers an older event to a flow: replay. What the ledger holds is not sent again. */
  async deliver(flow: string, record: LogRecord): Promise<boolean> {
    const found = this.flows.active.find(({ plan }) => plan.flow === flow || plan.name === flow)
    return found ? this.intake.deliver(found.plan, this.read(record)) : false
  }

  read(record: LogRecord): FlowEvent {
    return readEvent(record, this.schemas)
  }

  /** Stops reading, lets what is under way come to an end. */
  async close(): Promise<void> {
    await this.subscription?.close()
    await this.scheduler.close()
  }

  private async subscribe(): Promise<void> {
    const topics = [...new Set(this.ground.contracts.map(({ topic }) => topic))]
    this.subscription = await this.ground.log.subscribe('orchestrator', topics, async (batch) => {
      await this.intake.take(batch).catch((error: unknown) => {
        this.broken(error)
        throw error
      })
      this.holdBack()
    })
  }

  private holdBack(): void {
    if (this.pausedIntake || this.scheduler.size < highWater) return
    this.pausedIntake = true
    this.subscription?.pause()
  }

  private letGo(): void {
    if (!this.pausedIntake || this.scheduler.size > lowWater) return
    this.pausedIntake = false
    this.subscription?.resume()
  }

  private accept(row: Row<'runs'>, event: FlowEvent): void {
    this.fresh.set(row.id, { row, event })
    this.scheduler.add({ id: row.id, lane: laneOf(row), ...(row.after_run === null ? {} : { after: row.after_run }) })
  }

  private async execute(id: number): Promise<Standing> {
    const known = this.fresh.get(id)
    this.fresh.delete(id)
    const { row, event } = known ?? (await this.load(id))
    const { store, clock } = this.ground
    const makeEvent = eventMaker(this.schemas, clock)
    const execution: Execution = { row, event, fresh: known !== undefined, work: this.workOf(row, event) }
    const standing = await execute({ store, clock, ledger: this.ledger, makeEvent }, execution)
    this.ground.finished(standing.is, row.flow)
    this.letGo()
    return standing
  }

  private workOf(row: Row<'runs'>, event: FlowEvent): Execution['work'] {
    if (row.kind === 'undo') {
      const planOf = (version: string): Promise<FlowPlan | undefined> => this.flows.planOf(version)
      const ground = { store: this.ground.store, planOf, eventAt: (position: number) => this.eventAt(position) }
      return (_scope, run) => undo(ground, row, event, run)
    }
    return async (scope, run) => {
      const plan = await this.flows.planOf(row.version)
      if (!plan) throw goneFlow(row)
      for (const step of plan.steps) await step.run(scope, run)
    }
  }

  private async load(id: number): Promise<{ row: Row<'runs'>; event: FlowEvent }> {
    const row = await this.ground.store.get('runs', id)
    if (!row) throw new Stale()
    return { row, event: await this.eventAt(row.event) }
  }

  private async eventAt(position: number): Promise<FlowEvent> {
    const [record] = await this.ground.log.read({ from: position, limit: 1 })
    if (record?.position !== position) throw new Stale()
    return this.read(record)
  }

  private broken(error: unknown): void {
    if (error instanceof Stale) return this.ground.lost(error)
    const message = error instanceof Error ? error.message : String(error)
    this.ground.report.error('orchestrator.broken', { message })
  }
}

function goneFlow(row: Row<'runs'>): Error {
  const message = {
    en: `The flow ${row.flow} (version ${row.version}) cannot be compiled any more.`,
    zh: `流程 ${row.flow}（版本 ${row.version}）已无法编译。`,
  }
  return park('connection', { message })
}
