import { runStates } from '@shuniu/contracts'
import { readConservation } from './conservation.ts'
import { oldestUnfinished } from './freshness.ts'
import type { ConsolePorts } from './ports.ts'

type Measured = Pick<ConsolePorts, 'store' | 'log' | 'clock' | 'metrics' | 'status'>

const openStates = runStates.filter((state) => state !== 'done' && state !== 'skipped')

/** From now on every scrape sets the gauges that are counted from rows. Small indexes answer; nothing is scanned. */
export function measure(ports: Measured): void {
  ports.metrics.onScrape(() => setGauges(ports))
}

async function setGauges(ports: Measured): Promise<void> {
  const { store, metrics } = ports
  const runs = await store.tally('runs', 'open', { open: openStates })
  for (const state of openStates) metrics.runs.of(state).set(runs[state] ?? 0)
  const doubts = await store.tally('effects', 'open', { open: 'in doubt' })
  metrics.effectsInDoubt.of().set(doubts['in doubt'] ?? 0)
  await setParked(ports)
  await setConnections(ports)
  await setConsumers(ports)
  const { receipts, deliveries } = await readConservation(store, {})
  metrics.conservationGap.of('receipts').set(receipts.gap)
  metrics.conservationGap.of('deliveries').set(deliveries.gap)
}

async function setParked({ store, metrics }: Measured): Promise<void> {
  metrics.parked.clear()
  for (const table of ['runs', 'receipts'] as const) {
    const reasons = await store.tally(table, 'reason', { open: 'parked' })
    for (const [reason, count] of Object.entries(reasons)) metrics.parked.of(reason).add(count)
  }
}

async function setConnections(ports: Measured): Promise<void> {
  const { metrics } = ports
  const { flows, connections, version } = await ports.status()
  metrics.build.of(version).set(1)
  const ages = await oldestUnfinished(
    ports,
    flows.map(({ name }) => name),
  )
  for (const [flow, seconds] of ages) metrics.oldestUnfinished.of(flow).set(seconds)
  for (const { name, breaker, usedThisMonth, perMonth, lag } of connections) {
    if (lag !== undefined) metrics.sourceLag.of(name).set(lag / 1000)
    metrics.breakerOpen.of(name).set(breaker === 'closed' ? 0 : 1)
    if (perMonth > 0) metrics.quotaRemaining.of(name).set(Math.max(0, 1 - usedThisMonth / perMonth))
  }
}

/** Positions of readers against the ends of the log; a reader's partition is the one that ends next after its position. */
async function setConsumers({ store, log, metrics }: Measured): Promise<void> {
  const ends = await log.ends()
  for (const { reader, topic, position } of await store.select('positions', {})) {
    const ahead = ends.map((end) => end - position).filter((records) => records >= 0)
    metrics.consumerLag.of(reader, topic).set(ahead.length === 0 ? 0 : Math.min(...ahead))
  }
}
