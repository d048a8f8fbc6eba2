import { z } from 'zod'
import { oldestUnfinished } from './freshness.ts'
import type { ConsolePorts } from './ports.ts'
import { timeOf } from './standing.ts'

export const hubStatus = z.object({
  version: z.string(),
  project: z.string(),
  epoch: z.int(),
  resync: z.boolean().meta({ description: 'Nothing is sent before its absence was shown' }),
  startedAt: z.iso.datetime(),
  flows: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      on: z.string(),
      active: z.boolean(),
      from: z.int(),
      short: z.boolean().meta({ description: 'It only computes and emits: no row is kept of what passes' }),
    }),
  ),
  connections: z.array(
    z.object({
      name: z.string(),
      connector: z.string(),
      breaker: z.enum(['closed', 'open', 'half-open']),
      underWay: z.int(),
      waiting: z.int(),
      usedThisMonth: z.int(),
      perMonth: z.int(),
      stream: z.enum(['connected', 'disconnected']).optional(),
      lag: z.number().optional().meta({ description: 'How far it may be behind its sources, ms' }),
    }),
  ),
  open: z.object({ receipts: z.int(), runs: z.int(), parked: z.int(), inDoubt: z.int() }),
  oldestUnfinishedSeconds: z.int(),
})
export type ShownStatus = z.output<typeof hubStatus>

/** How the hub is, on one page. */
export async function readStatus(
  ports: Pick<ConsolePorts, 'store' | 'log' | 'clock' | 'status'>,
): Promise<ShownStatus> {
  const { store } = ports
  const { notReady: _, partitions: _held, startedAt, flows, connections, ...rest } = await ports.status()
  const ages = await oldestUnfinished(
    ports,
    flows.map(({ name }) => name),
  )
  const runs = await store.tally('runs', 'open', { open: ['queued', 'running', 'waiting', 'parked'] })
  const receipts = await store.tally('receipts', 'open', { open: ['received', 'parked'] })
  const effects = await store.tally('effects', 'open', { open: 'in doubt' })
  const { parked = 0, ...underWay } = runs
  return {
    ...rest,
    startedAt: timeOf(startedAt),
    flows: [...flows],
    connections: [...connections],
    open: {
      receipts: receipts['received'] ?? 0,
      runs: Object.values(underWay).reduce((sum, count) => sum + count, 0),
      parked: parked + (receipts['parked'] ?? 0),
      inDoubt: effects['in doubt'] ?? 0,
    },
    oldestUnfinishedSeconds: Math.max(0, ...ages.values()),
  }
}
