import type { EventLog } from '@shuniu/infra/log'
import type { Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { Patience } from './patience.ts'

export interface FreshnessGround {
  readonly store: Store
  readonly log: EventLog
  readonly clock: Clock
}

const unfinished = ['queued', 'running', 'waiting', 'parked'] as const

/** Flows whose ages are looked up one by one; of the others only the oldest. */
const mostFlows = 100

/** Stands for the oldest of the flows beyond. */
const others = '_other'

/** Seconds since the oldest fact that each flow has not finished; 0 = nothing is open. The one signal of health. */
export async function oldestUnfinished(
  ground: FreshnessGround,
  flows: readonly string[],
): Promise<Map<string, number>> {
  const runs = await ground.store.oldest('runs', 'flow', { open: unfinished })
  const ages = new Map<string, number>()
  const patience = new Patience(ground.clock)
  for (const flow of flows.slice(0, mostFlows)) ages.set(flow, await ageOf(ground, runs[flow], patience))
  if (flows.length <= mostFlows) return ages
  const beyond = flows.slice(mostFlows).flatMap((flow) => runs[flow] ?? [])
  return ages.set(others, await ageOf(ground, beyond.length === 0 ? undefined : Math.min(...beyond), patience))
}

/** From the fact's time; while the log does not answer, from when we heard of it. */
async function ageOf(
  { store, log, clock }: FreshnessGround,
  id: number | undefined,
  patience: Patience,
): Promise<number> {
  const run = id === undefined ? undefined : await store.get('runs', id)
  if (!run) return 0
  const [record] = (await patience.ask(() => log.read({ from: run.event, limit: 1 }))) ?? []
  const since = record?.position === run.event ? record.time : run.created_at
  return Math.max(0, Math.round((clock.now() - since) / 1000))
}
