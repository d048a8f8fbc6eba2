import type { EventLog } from '@shuniu/infra/log'
import type { Row, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'

export interface FreshnessGround {
  readonly store: Store
  readonly log: EventLog
  readonly clock: Clock
}

const unfinished = ['queued', 'running', 'waiting', 'parked'] as const

/** Seconds since the oldest fact that each flow has not finished; 0 = nothing is open. The one signal of health. */
export async function oldestUnfinished(
  ground: FreshnessGround,
  flows: readonly string[],
): Promise<Map<string, number>> {
  const ages = new Map<string, number>()
  for (const flow of flows) ages.set(flow, await ageOf(ground, flow))
  return ages
}

async function ageOf({ store, log, clock }: FreshnessGround, flow: string): Promise<number> {
  let oldest: Row<'runs'> | undefined
  for (const open of unfinished) {
    const [first] = await store.select('runs', { open, flow }, { order: { by: 'id' }, limit: 1 })
    if (first && (!oldest || first.id < oldest.id)) oldest = first
  }
  if (!oldest) return 0
  const [record] = await log.read({ from: oldest.event, limit: 1 })
  const since = record?.position === oldest.event ? record.time : oldest.created_at
  return Math.max(0, Math.round((clock.now() - since) / 1000))
}
