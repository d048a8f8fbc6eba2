import {
  Day,
  HubError,
  Instant,
  isRecord,
  type ParkReason,
  type Text,
  type Value,
  type ValueRecord,
} from '@shuniu/contracts'
import type { Explained } from '@shuniu/infra/expressions'
import { writeJson } from '@shuniu/infra/json'
import type { Clock } from '@shuniu/infra/time'
import type { Connection, ConnectorDefinition } from '@shuniu/sdk'
import { dryOutput } from './dry-output.ts'
import type { FlowEvent, FlowPlan, Learned, RunContext, Scope } from './flow/plan.ts'
import type { CallRequest, Output } from './ledger/ground.ts'
import { checkedInput, prepareCall } from './ledger/prepare.ts'
import { referenceOf } from './ledger/reference.ts'
import { invalidDetail } from './ledger/trouble.ts'
import type { EntryKind } from './run/journal.ts'
import { Interrupt, type ParkDetail } from './run/standing.ts'
import { todayIn } from './today.ts'

/** The look-ups of flows that somebody has to be asked for. */
export type Answerer = 'crosswalk' | 'openDate'

/** What a dry-run stands on. It performs nothing; what it reads, it reads through these. */
export interface DryGround {
  readonly connectors: ReadonlyMap<string, ConnectorDefinition>
  /** With a connection in it, the body is built by asking its system, which is only read. */
  readonly live?: ReadonlyMap<string, Connection>
  /** Look-ups nobody can answer here: a period counts as open, a pair of the crosswalk as known. Said in `assumed`. */
  readonly assume?: readonly Answerer[]
  /** Where the row of a table stands, for people. */
  readonly placeOfRow?: (table: string, keys: readonly string[], day: Day | undefined) => string | undefined
  readonly explain: boolean
  /** Zone of business dates. */
  readonly zone: string
  readonly clock: Clock
}

/** An event to try: its data by the contract, and what the envelope says when it is known. */
export interface DryEvent {
  readonly data: ValueRecord
  readonly id?: string
  readonly type?: string
  readonly time?: Instant
  readonly source?: string
}

/** What a flow would do with an event, computed by the same steps and look-ups, without doing any of it. */
export interface DryRun {
  readonly calls: readonly DryCall[]
  readonly emits: readonly { readonly type: string; readonly data: ValueRecord }[]
  readonly park?: { readonly reason: ParkReason; readonly message: Text; readonly step?: string }
  /** Why the flow does not take the event at all: `where`, `before cut-over`. */
  readonly skipped?: string
  /** What was taken as true because nobody could be asked: `openDate("kingdee-main", "001", 2026-11-22)`. */
  readonly assumed: readonly string[]
  readonly explain?: readonly DryField[]
}

export interface DryCall {
  readonly step: string
  readonly connection: string
  readonly operation: string
  /** The reference the document would carry. */
  readonly reference: string
  readonly input: ValueRecord
  /** What would be sent; only with a live connection. */
  readonly body?: ValueRecord
}

/** Where one field of a call, of an event or of `let` comes from. */
export interface DryField {
  /** `voucher.entries[0].account` */
  readonly path: string
  /** null when it could not be computed; `error` says why. */
  readonly value: Value
  /** The expression as it is written; empty for a constant. */
  readonly source: string
  /** Look-ups made on the way: `table("department", "587120341") = D01 (tables/department.csv:2, row 1f3a…)`. */
  readonly lookups: readonly string[]
  readonly error?: Text
}

/** Runs a plan dry. Throws `CallFailure` when a live system cannot be read. */
export async function dryRun(plan: FlowPlan, event: DryEvent, ground: DryGround): Promise<DryRun> {
  const given = flowEvent(plan, event, ground.clock)
  const context = new DryContext(plan, given, ground)
  const ending = reasonToSkip(plan, given) ?? (await runAll(plan, given, context))
  return { ...context.made(), ...ending }
}

function flowEvent(plan: FlowPlan, event: DryEvent, clock: Clock): FlowEvent {
  const id = event.id ?? 'dry-run'
  const source = event.source ?? 'dry-run'
  const type = event.type ?? plan.on
  const time = event.time ?? new Instant(clock.now())
  return { position: 0, id, type, time, source, correlation: id, data: event.data }
}

type Ending = Pick<DryRun, 'park' | 'skipped'>

function reasonToSkip(plan: FlowPlan, event: FlowEvent): Ending | undefined {
  if (event.time.ms < plan.since.ms) return { skipped: 'before cut-over' }
  return plan.wants(event) ? undefined : { skipped: 'where' }
}

async function runAll(plan: FlowPlan, event: FlowEvent, context: DryContext): Promise<Ending> {
  const scope: Scope = { event: event.data }
  try {
    for (const step of plan.steps) await step.run(scope, context)
    return {}
  } catch (error) {
    return endingOf(error, context.path)
  }
}

function endingOf(error: unknown, step: string): Ending {
  if (error instanceof HubError) return parked('invalid', invalidDetail(error, step))
  if (!(error instanceof Interrupt) || error.standing.is !== 'parked') throw error
  return parked(error.standing.reason, error.standing.detail)
}

function parked(reason: ParkReason, { message, step }: ParkDetail): Ending {
  return { park: { reason, message, ...(step === undefined ? {} : { step }) } }
}

class DryContext implements RunContext {
  path = ''
  keys: readonly string[] = []
  private readonly calls: DryCall[] = []
  private readonly emits: { type: string; data: ValueRecord }[] = []
  private readonly fields: DryField[] = []
  private readonly assumed = new Set<string>()
  private readonly answers = new Map<string, { answer: Value; text: string }>()
  /** Of the field that is being explained. */
  private answered: string[] = []
  private explaining = false

  constructor(
    private readonly plan: FlowPlan,
    private readonly event: FlowEvent,
    private readonly ground: DryGround,
  ) {}

  made(): Pick<DryRun, 'calls' | 'emits' | 'assumed' | 'explain'> {
    const { calls, emits, fields } = this
    return { calls, emits, assumed: [...this.assumed], ...(this.ground.explain ? { explain: fields } : {}) }
  }

  async explain(fields: () => Promise<readonly Explained[]>): Promise<void> {
    if (!this.ground.explain) return
    this.explaining = true
    this.answered = []
    try {
      for (const field of await fields()) this.fields.push(this.fieldOf(field))
    } finally {
      this.explaining = false
    }
  }

  async learn(kind: EntryKind, asked: Value, learn: () => Promise<Learned>): Promise<Value> {
    if (kind !== 'look-up' || !Array.isArray(asked)) return (await learn()).answer
    const question = questionOf(asked as readonly Value[])
    const known = this.answers.get(question) ?? (await this.ask(asked as readonly Value[], question, learn))
    this.answers.set(question, known)
    this.answered.push(known.text)
    return known.answer
  }

  async call(request: CallRequest): Promise<Output> {
    const { path: step, connection, operation, input, leg } = request
    const declared = this.ground.connectors.get(connection)?.operations[operation]
    if (!declared) throw new HubError('flow.unknown-operation', { operation, connector: connection, nearest: '' })
    const { source } = this.event
    const [key, revision] = [this.plan.keyOf(this.event), this.plan.revisionOf(this.event)]
    const reference = referenceOf({ connection, operation, source, key, leg, revision })
    const call: DryCall = { step, connection, operation, reference, input }
    const live = await this.prepare(request, reference)
    if (!live) checkedInput(request, declared)
    this.calls.push(live?.is === 'body' ? { ...call, body: live.body } : call)
    const today = Day.parse(todayIn(this.ground.zone, this.ground.clock.now())) ?? Day.ofEpochDay(0)
    const output = live?.is === 'done' ? live.output : dryOutput(declared, step, input, today)
    return { ...output, reference }
  }

  emit(_path: string, type: string, data: ValueRecord): void {
    this.emits.push({ type, data })
  }

  private async prepare(call: CallRequest, reference: string) {
    const connection = this.ground.live?.get(call.connection)
    const operation = connection?.operations.get(call.operation)
    return connection && operation && prepareCall(this.ground, { call, connection, operation, reference })
  }

  private async ask(asked: readonly Value[], question: string, learn: () => Promise<Learned>) {
    if (this.ground.assume?.some((name) => name === asked[0])) {
      this.assumed.add(question)
      const answer = asked[0] === 'openDate' ? (asked[3] ?? null) : `‹${asked.slice(1, 3).map(String).join(' ')}›`
      return { answer, text: `${question} = ${shown(answer)} (assumed)` }
    }
    const { answer, version } = await this.orMiss(question, learn)
    const where = [this.placeOf(asked), version && `row ${version.slice(0, 8)}`].filter(Boolean).join(', ')
    return { answer, text: `${question} = ${shown(answer)}${where ? ` (${where})` : ''}` }
  }

  /** While fields are explained, one that misses its row does not hide the others. */
  private async orMiss(question: string, learn: () => Promise<Learned>): Promise<Learned> {
    try {
      return await learn()
    } catch (error) {
      if (!this.explaining || !(error instanceof Interrupt)) throw error
      throw new HubError('flow.look-up-missed', { asked: question }, { cause: error })
    }
  }

  private placeOf([kind, table, ...given]: readonly Value[]): string | undefined {
    if (kind !== 'table') return undefined
    const day = given.find((one) => one instanceof Day)
    const keys = given.filter((one) => !(one instanceof Day)).map(String)
    return this.ground.placeOfRow?.(String(table), keys, day)
  }

  private fieldOf({ path, source = '', value = null, error, lookups }: Explained): DryField {
    const made = lookups.map((one) => this.answers.get(questionOf([one.name, ...one.arguments]))?.text ?? one.name)
    const own = /^with(?=[.[]|$)/.test(path)
    const common = {
      path: own ? `${this.path}${path.slice('with'.length)}` : path,
      value,
      source,
      lookups: own ? made : [...this.answered],
    }
    return error ? { ...common, error: { en: error.say('en'), zh: error.say('zh') } } : common
  }
}

function questionOf([name, ...given]: readonly Value[]): string {
  return `${String(name)}(${given.map((one) => (one instanceof Day ? one.text : writeJson(one))).join(', ')})`
}

function shown(value: Value): string {
  return typeof value === 'object' && value !== null && (isRecord(value) || Array.isArray(value))
    ? writeJson(value)
    : String(value)
}
