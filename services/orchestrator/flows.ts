import { HubError } from '@shuniu/contracts'
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
    const end = soleEnd(await ground.log.ends())
    const active = plans.map((plan) => ({ plan, from: beginningOf(plan, rows) ?? end }))
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

/** Where the log ends. A log of several partitions has no one end. */
function soleEnd(ends: readonly number[]): number {
  if (ends.length > 1) throw new HubError('internal.bug', { what: 'a flow begins at one place, the log has several' })
  return ends[0] ?? 0
}

function beginningOf(plan: FlowPlan, rows: readonly Row<'flows'>[]): number | undefined {
  const earlier = rows.filter(({ flow }) => flow === plan.flow)
  return earlier.length === 0 ? undefined : Math.min(...earlier.map(({ active_from }) => active_from))
}

function changesFor(active: readonly ActiveFlow[], rows: readonly Row<'flows'>[], now: number): Change[] {
  const current = new Set(active.map(({ plan }) => `${plan.flow} ${plan.version}`))
  const retired = rows.filter((row) => row.active === 1 && !current.has(`${row.flow} ${row.version}`))
  return [
    ...retired.map(({ id }): Change => ({ update: 'flows', where: { id }, set: { active: 0 } })),
    ...active.map(({ plan, from }): Change => {
      const { flow, version, source } = plan
      return { upsert: 'flows', row: { flow, version, source, active: 1, active_from: from, registered_at: now } }
    }),
  ]
}
