import {
  HubError,
  Instant,
  parkReasons,
  personalValues,
  type Contract,
  type PersonalValue,
  type Text,
} from '@shuniu/contracts'
import type { Hold } from '@shuniu/infra/leases'
import type { EventLog, LogRecord } from '@shuniu/infra/log'
import { isPassing, type Row, type Store } from '@shuniu/infra/store'
import { within, type Traces } from '@shuniu/infra/telemetry'
import type { Clock, Random } from '@shuniu/infra/time'
import { placeOf } from './events.ts'
import { findPair } from './flow/crosswalk.ts'
import type { FlowEvent, FlowPlan, Scope } from './flow/plan.ts'
import type { Flows } from './flows.ts'
import type { Intake } from './intake.ts'
import { invalidDetail } from './ledger/trouble.ts'
import type { Parking } from './parking.ts'
import { recordOf } from './poison.ts'
import type { Doors } from './run/doors.ts'
import { execute, type Executed, type Execution } from './run/execute.ts'
import type { LiveGround, LiveRun } from './run/live.ts'
import { Interrupt, OutOfStep, park, type Standing } from './run/standing.ts'
import { pairOf } from './tags.ts'
import { undo, type UndoGround } from './undo.ts'
import type { Withdrawals } from './withdrawals.ts'

export interface RunnerGround {
  readonly store: Store
  readonly log: EventLog
  readonly clock: Clock
  readonly flows: Pick<Flows, 'planOf'>
  readonly live: LiveGround
  readonly doors: Pick<Doors, 'leaveAll' | 'queue'>
  readonly random: Random
  readonly parking: Pick<Parking, 'wake'>
  readonly intake: Pick<Intake, 'takeAgain'>
  readonly withdrawals: Pick<Withdrawals, 'withdraw'>
  readonly read: (record: LogRecord) => FlowEvent
  /** The partition of a run that may be begun; throws `NotOurs`. */
  readonly holdOf: (run: Row<'runs'>) => Hold
  readonly answered: (run: Row<'runs'>) => void
  readonly finished: (outcome: Standing['is'], flow: string) => void
  readonly traces?: Traces | undefined
  readonly contracts: readonly Contract[]
}

/** Runs whose row and event are kept until they are executed; those beyond are read again. */
const mostFresh = 2_000

/** Executes runs: finds what one is about and what its work is, and tells others what they may have waited for. */
export class Runner {
  private readonly fresh = new Map<number, { readonly row: Row<'runs'>; readonly event: FlowEvent }>()
  /** Runs of this life that were never executed: nothing has to be restored. */
  private readonly untried = new Set<number>()
  /** For each run in hand: the tags that were brought since it began. */
  private readonly brought = new Set<Set<string>>()
  private readonly undoing: UndoGround

  constructor(private readonly ground: RunnerGround) {
    const { store, withdrawals } = ground
    this.undoing = {
      store,
      planOf: (run) => this.planOf(run),
      eventOf: (begun) => this.eventOf(begun),
      withdraw: (runs, first) => withdrawals.withdraw(runs, first),
    }
  }

  /** A run that has just been written. */
  accept(row: Row<'runs'>, event: FlowEvent): void {
    this.untried.add(row.id)
    if (this.fresh.size < mostFresh) this.fresh.set(row.id, { row, event })
  }

  /** A run that ended without being executed. */
  forget(id: number): void {
    this.untried.delete(id)
    this.fresh.delete(id)
  }

  /** What runs wait for was brought: one in hand may have missed it and be about to park for it. */
  bring(tags: readonly string[]): void {
    for (const seen of this.brought) for (const tag of tags) seen.add(tag)
  }

  async execute(id: number): Promise<Standing> {
    const { doors, parking } = this.ground
    const brought = new Set<string>()
    this.brought.add(brought)
    try {
      const { standing, learned } = await this.run(id).finally(() => doors.leaveAll(id))
      if (standing.is === 'waiting' && standing.door !== undefined) doors.queue(standing.door, id)
      if (learned.length > 0) await parking.wake(learned, 'a run learned it')
      const waitsFor = standing.is === 'parked' ? standing.waitsFor : undefined
      if (waitsFor !== undefined && (brought.has(waitsFor) || (await this.cameElsewhere(waitsFor))))
        await parking.wake([waitsFor], 'it came meanwhile')
      return standing
    } finally {
      this.brought.delete(brought)
    }
  }

  /** Another process may have learned a pair while this run was about to wait for it. */
  private async cameElsewhere(tag: string): Promise<boolean> {
    const pair = pairOf(tag)
    return pair !== undefined && (await findPair(this.ground.store, ...pair)) !== undefined
  }

  private async run(id: number): Promise<Executed> {
    const known = this.fresh.get(id)
    this.fresh.delete(id)
    const fresh = this.untried.delete(id)
    const row = known?.row ?? (await this.ground.store.get('runs', id))
    if (!row) throw new OutOfStep(`there is no run ${id}`)
    const resting = standingOf(row)
    if (resting) return { standing: resting, learned: [] }
    const hold = this.ground.holdOf(row)
    const executed = await this.told(known ? this.fresher(known, hold) : await this.reread(row, fresh, hold))
    const { standing } = executed
    if (standing.is !== 'waiting') this.ground.finished(standing.is, row.flow)
    return executed
  }

  private told(execution: Execution): Promise<Executed> {
    const { row, event } = execution
    const { traceparent, correlation } = event
    const personal = (): readonly PersonalValue[] => this.personalOf(event)
    const around = { run: row.id, correlation, personal, ...(traceparent === undefined ? {} : { traceparent }) }
    return within(around, () => this.inSpan(execution))
  }

  private personalOf({ type, data }: FlowEvent): readonly PersonalValue[] {
    const its = this.ground.contracts.find((one) => one.type === type)
    return its ? personalValues(its.shape, data) : []
  }

  private inSpan(execution: Execution): Promise<Executed> {
    const { traces } = this.ground
    if (!traces) return execute(this.ground, execution)
    const { row, event } = execution
    const attributes = { 'shuniu.flow': row.flow, 'shuniu.run_id': row.id, 'shuniu.run_kind': row.kind }
    return traces.within('run', { under: placeOf(traces, event), kind: 'consumer', attributes }, async (span) => {
      const executed = await execute(this.ground, execution)
      span.set({ 'shuniu.standing': executed.standing.is })
      return executed
    })
  }

  private fresher({ row, event }: { row: Row<'runs'>; event: FlowEvent }, hold: Hold): Execution {
    return { row, event, fresh: true, hold, work: this.workOf(row, event) }
  }

  private async reread(row: Row<'runs'>, fresh: boolean, hold: Hold): Promise<Execution> {
    try {
      const event = await this.eventOf(row)
      return { row, event, fresh, hold, work: this.workOf(row, event) }
    } catch (error) {
      if (!(error instanceof HubError) || isPassing(error)) throw error
      return {
        row,
        event: unread(row),
        fresh: false,
        hold,
        work: () => Promise.reject(park('poison', invalidDetail(error, 'event'))),
      }
    }
  }

  private workOf(row: Row<'runs'>, event: FlowEvent): Execution['work'] {
    if (row.version === '') return () => this.takeAgain(row, event)
    if (row.kind === 'undo') return (_scope, run) => undo(this.undoing, row, event, run)
    return (scope, run) => this.steps(row, scope, run)
  }

  private async steps(row: Row<'runs'>, scope: Scope, run: LiveRun): Promise<void> {
    if (row.after_run !== null) await this.mindDecision(row.after_run)
    const plan = await this.planOf(row)
    for (const step of plan.steps) await step.run(scope, run)
  }

  /** The document before the change stays, said a person: whether the changed one is booked beside it, a person says too. */
  private async mindDecision(undoRun: number): Promise<void> {
    const undone = await this.ground.store.get('runs', undoRun)
    if (undone?.reason === 'dropped') throw park('human', { step: 'change', message: besideTheFirst })
  }

  private async takeAgain(row: Row<'runs'>, event: FlowEvent): Promise<never> {
    if (await this.ground.intake.takeAgain(event, row.flow))
      throw new Interrupt({ is: 'skipped', because: 'taken in again' })
    if (row.flow === '') throw new Interrupt({ is: 'skipped', because: 'no flow' })
    throw park('invalid', { step: event.type, message: nobodyTookIt(row.flow) })
  }

  private async planOf(row: Row<'runs'>): Promise<FlowPlan> {
    const plan = await this.ground.flows.planOf(row.version)
    if (plan) return plan
    throw park('connection', {
      message: {
        en: `The flow ${row.flow} (version ${row.version}) cannot be compiled any more.`,
        zh: `流程 ${row.flow}（版本 ${row.version}）已无法编译。`,
      },
    })
  }

  private async eventOf(run: Row<'runs'>): Promise<FlowEvent> {
    const record = await recordOf(this.ground, run)
    if (record) return this.ground.read(record)
    throw new HubError('event.gone', { event: run.event_id ?? run.key })
  }
}

const besideTheFirst = {
  en: 'The approval was changed, and the document of its earlier version stays by decision. retry = make the changed one as well, drop = leave it at the first.',
  zh: '审批已变更，且人工决定保留变更前的单据。重试＝另外生成变更后的单据，放弃＝只保留原单据。',
} as const

function nobodyTookIt(flow: string): Text {
  return {
    en: `The flow ${flow} does not exist any more, or does not want such events. Drop this; or bring the flow back, then retry.`,
    zh: `流程 ${flow} 已不存在，或不再处理此类事件。请“放弃”；或恢复该流程后“重试”。`,
  }
}

/** Stands in for an event that cannot be read any more. */
function unread({ event, source, correlation }: Row<'runs'>): FlowEvent {
  return { position: event, id: '', type: '', time: new Instant(0), source, correlation, data: {} }
}

/** Where a run stands that is not to be executed: an attempt had come to its end, and only whoever executed it did not hear of it. */
function standingOf({ state, reason, waits_for }: Row<'runs'>): Standing | undefined {
  if (state === 'done') return { is: 'done' }
  if (state === 'skipped') return { is: 'skipped', because: reason ?? '' }
  if (state !== 'parked') return undefined
  const known = parkReasons.find((one) => one === reason) ?? 'human'
  const detail = { message: { en: '', zh: '' } }
  return { is: 'parked', reason: known, detail, ...(waits_for === null ? {} : { waitsFor: waits_for }) }
}
