import { HubError } from '@shuniu/contracts'
import type { Change, EventRow } from '@shuniu/infra/store'
import type { FlowEvent, FlowPlan, RunContext } from './flow/plan.ts'
import type { Earlier } from './intend.ts'
import type { MakeEvent } from './run/live.ts'
import { Interrupt } from './run/standing.ts'

/** A delivery that needs no row: what it came to, and the events that follow from it. */
export interface Passed {
  readonly flow: string
  readonly outcome: 'done' | 'skipped'
  readonly events: readonly EventRow[]
}

/**
 * The short way of a flow that only computes and emits: nothing is remembered of an event that passes, for what follows
 * from it has ids derived from it and can be computed again. Undefined when it has to become a run: it fails and a person
 * shall see it, it is not the first revision, or runs of its key stand before it.
 */
export async function takeShortWay(
  plan: FlowPlan,
  event: FlowEvent,
  earlier: Earlier,
  makeEvent: MakeEvent,
): Promise<Passed | undefined> {
  if (!plan.short || plan.on !== event.type || earlier.runs.length > 0) return undefined
  try {
    if (plan.revisionOf(event) !== 1) return undefined
    if (event.time.ms < plan.since.ms || !plan.wants(event)) return { flow: plan.flow, outcome: 'skipped', events: [] }
    return { flow: plan.flow, outcome: 'done', events: await eventsOf(plan, event, makeEvent) }
  } catch (error) {
    if (error instanceof HubError || error instanceof Interrupt) return undefined
    throw error
  }
}

/** The events that follow from an event, by its flow. Throws what makes a run of it park. */
export async function eventsOf(plan: FlowPlan, event: FlowEvent, makeEvent: MakeEvent): Promise<EventRow[]> {
  const context = new Computing(plan.flow, event, makeEvent)
  const scope = { event: event.data }
  for (const step of plan.steps) await step.run(scope, context)
  return context.events
}

/** What steps compute in that remember nothing. */
class Computing implements RunContext {
  readonly events: EventRow[] = []
  path = ''
  keys: readonly string[] = []

  constructor(
    private readonly flow: string,
    private readonly cause: FlowEvent,
    private readonly makeEvent: MakeEvent,
  ) {}

  learn(...[, , learn]: Parameters<RunContext['learn']>): ReturnType<RunContext['learn']> {
    const learned = learn()
    return learned instanceof Promise ? learned.then(({ answer }) => answer) : learned.answer
  }

  call(): never {
    throw new HubError('internal.bug', { what: 'a flow that calls went the short way' })
  }

  emit(path: string, type: string, data: Parameters<RunContext['emit']>[2]): void {
    this.events.push(this.makeEvent({ type, data, cause: this.cause, flow: this.flow, path }))
  }
}

/** What those that passed say in the commit that moves the position: promise 2's totals. */
export function totalsOf(passed: readonly Passed[]): Change[] {
  const totals = new Map<string, number>()
  const add = (name: string): void => void totals.set(name, (totals.get(name) ?? 0) + 1)
  for (const { flow, outcome } of passed) add(`short.${outcome} ${flow}`)
  return [...totals].map(([count, by]): Change => ({ count, by }))
}
