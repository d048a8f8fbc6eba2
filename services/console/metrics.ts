import { runStates } from '@shuniu/contracts'
import { incarnationOf } from '@shuniu/infra/log'
import { readConservation } from './conservation.ts'
import { oldestUnfinished } from './freshness.ts'
import type { ConnectionStatus, ConsolePorts, HubStatus } from './ports.ts'
import { Patience } from './patience.ts'
import { forecastShare } from './quota.ts'

type Measured = Pick<ConsolePorts, 'store' | 'log' | 'clock' | 'metrics' | 'status' | 'topics'>

const openStates = runStates.filter((state) => state !== 'done' && state !== 'skipped')

/** From now on every scrape sets the gauges that are counted from rows. Small indexes answer; nothing is scanned. */
export function measure(ports: Measured): void {
  ports.metrics.onScrape(() => setGauges(ports))
}

/** Of several processes the one that has this partition tells what is counted from the rows of all, so that sums are right. */
const spokesman = 0

async function setGauges(ports: Measured): Promise<void> {
  const status = await ports.status()
  setProcess(ports, status)
  if (status.partitions?.includes(spokesman) ?? true) await setInstallation(ports, status)
  else for (const family of ofInstallation) ports.metrics[family].clear()
}

const ofInstallation = [
  'runs',
  'effectsInDoubt',
  'parked',
  'oldestUnfinished',
  'consumerLag',
  'receiptsWaiting',
  'conservationGap',
] as const

async function setInstallation(ports: Measured, { flows }: HubStatus): Promise<void> {
  const { store, metrics } = ports
  const runs = await store.tally('runs', 'open', { open: openStates })
  for (const state of openStates) metrics.runs.of(state).set(runs[state] ?? 0)
  const doubts = await store.tally('effects', 'open', { open: 'in doubt' })
  metrics.effectsInDoubt.of().set(doubts['in doubt'] ?? 0)
  await setParked(ports)
  await setAges(
    ports,
    flows.map(({ name }) => name),
  )
  await setConsumers(ports)
  const { receipts, deliveries } = await readConservation(store, {})
  metrics.receiptsWaiting.of().set(receipts.inFlight)
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

async function setAges(ports: Measured, flows: readonly string[]): Promise<void> {
  const { oldestUnfinished: family } = ports.metrics
  const ages = await oldestUnfinished(ports, flows)
  family.clear()
  for (const [flow, seconds] of ages) family.of(flow).raise(seconds)
}

/** What each process knows of itself. */
function setProcess(ports: Measured, { connections, version, resync }: HubStatus): void {
  const { metrics, topics } = ports
  metrics.build.of(version).set(1)
  metrics.resync.of().set(resync ? 1 : 0)
  metrics.logGap.clear()
  for (const { topic, from, earliest } of topics?.gaps() ?? []) metrics.logGap.of(topic).add(earliest - from)
  setConnections(ports, connections)
}

/** Where many share one series, the worst of them stands: an alert must not be hidden by the others. */
function setConnections({ metrics, clock }: Measured, connections: readonly ConnectionStatus[]): void {
  const { sourceLag, breakerOpen, vendorCalls, quotaRemaining, quotaForecast } = metrics
  for (const family of [sourceLag, breakerOpen, vendorCalls, quotaRemaining, quotaForecast]) family.clear()
  for (const { name, breaker, underWay, waiting, usedThisMonth, perMonth, lag } of connections) {
    if (lag !== undefined) sourceLag.of(name).raise(lag / 1000)
    breakerOpen.of(name).raise(breaker === 'closed' ? 0 : 1)
    vendorCalls.of(name, 'under way').add(underWay)
    vendorCalls.of(name, 'waiting').add(waiting)
    if (perMonth === 0) continue
    quotaRemaining.of(name).lower(Math.max(0, 1 - usedThisMonth / perMonth))
    quotaForecast.of(name).raise(forecastShare(clock.now(), usedThisMonth, perMonth))
  }
}

/** Positions of readers against the ends of their partitions; while the log does not answer, the last figures stand. */
async function setConsumers({ store, log, metrics, clock }: Measured): Promise<void> {
  const ends = await new Patience(clock).ask(() => log.ends())
  if (!ends) return
  const endOf = new Map(ends.map((end) => [incarnationOf(end), end]))
  metrics.consumerLag.clear()
  const rows = [...(await store.select('positions', {})), ...(await store.select('places', {}))]
  for (const { reader, topic, position } of rows) {
    const end = endOf.get(incarnationOf(position)) ?? position
    metrics.consumerLag.of(reader, topic).add(Math.max(0, end - position))
  }
}
