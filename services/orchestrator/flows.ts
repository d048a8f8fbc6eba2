import type { EventLog } from '@shuniu/infra/log'
import type { Change, Row, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import type { FlowPlan } from './flow/plan.ts'
import type { ActiveFlow } from './intake.ts'
import { Stale } from './run/standing.ts'

export interface FlowsGround {
  readonly store: Store
  readonly log: EventLog
  readonly clock: Clock
  /** What the log is read of. */
  readonly topics: readonly string[]
  /** Compiles a kept source again: a run ends on the flow it began with, even when the file is gone. */
  readonly compile: (source: string, name: string) => FlowPlan | undefined
}

/** The flows of the hub: which are active, from which place of the log on, and every version that runs may need. */
export class Flows {
  private readonly plans = new Map<string, FlowPlan>()

  private constructor(
    private readonly ground: FlowsGround,
    readonly active: readonly ActiveFlow[],
  ) {
    for (const { plan } of active) this.plans.set(plan.version, plan)
  }

  /**
   * Registers what the project declares now. A new flow gets the events from here on; a new version goes on where its
   * flow stands; a flow that is gone gets no more.
   */
  static async register(plans: readonly FlowPlan[], ground: FlowsGround): Promise<Flows> {
    const rows = await ground.store.select('flows', {})
    const ends = await ground.log.ends(ground.topics)
    const active = plans.map((plan) => ({ plan, from: beginningOf(plan, rows) ?? ends }))
    const changes = changesFor(active, rows, ground.clock.now())
    const outcome = await ground.store.commit(changes)
    if (outcome.is !== 'done') throw new Stale('the store belongs to a later start')
    return new Flows(ground, active)
  }

  /** The flow as the project declares it today. */
  today(flow: string): FlowPlan | undefined {
    return this.active.find(({ plan }) => plan.flow === flow)?.plan
  }

  /** The flow of a version, from memory or from its kept source. */
  async planOf(version: string): Promise<FlowPlan | undefined> {
    const known = this.plans.get(version)
    if (known) return known
    const [row] = await this.ground.store.select('flows', { version })
    const plan = row && this.ground.compile(row.source, row.flow)
    if (plan) this.plans.set(version, plan)
    return plan
  }
}

/** Where a flow began with its first version. */
function beginningOf(plan: FlowPlan, rows: readonly Row<'flows'>[]): readonly number[] | undefined {
  const [first] = rows.filter(({ flow }) => flow === plan.flow).toSorted((a, b) => a.active_from - b.active_from)
  if (first === undefined) return undefined
  return first.active_ends === null ? [first.active_from] : unpackEnds(first.active_ends)
}

function unpackEnds(text: string): number[] {
  const ends: unknown = JSON.parse(text)
  return Array.isArray(ends) ? ends.map(Number) : []
}

/** The one end of a log with one partition stands in a column of its own, as ever. */
function endsColumns(ends: readonly number[]): Pick<Row<'flows'>, 'active_from' | 'active_ends'> {
  return { active_from: ends[0] ?? 0, active_ends: ends.length === 1 ? null : JSON.stringify(ends) }
}

function changesFor(active: readonly ActiveFlow[], rows: readonly Row<'flows'>[], now: number): Change[] {
  const current = new Set(active.map(({ plan }) => `${plan.flow} ${plan.version}`))
  const retired = rows.filter((row) => row.active === 1 && !current.has(`${row.flow} ${row.version}`))
  return [
    ...retired.map(({ id }): Change => ({ update: 'flows', where: { id }, set: { active: 0 } })),
    ...active.map(({ plan, from }): Change => {
      const { flow, version, source } = plan
      return { upsert: 'flows', row: { flow, version, source, active: 1, ...endsColumns(from), registered_at: now } }
    }),
  ]
}
