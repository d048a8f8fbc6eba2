import type { Flushed } from '@shuniu/infra/store'
import type { Metrics } from '@shuniu/infra/telemetry'
import type { Connection } from '@shuniu/sdk'

/** Counts what goes to disk together, and how long that takes. */
export function observeCommits({ commitSize, commitSeconds }: Pick<Metrics, 'commitSize' | 'commitSeconds'>): Flushed {
  const [size, seconds] = [commitSize.of(), commitSeconds.of()]
  return (groups, ms) => {
    size.observe(groups.length)
    seconds.observe(ms / 1000)
  }
}

/** Connections that called most this month have series of their own before all others. */
export function nameConnections(
  metrics: Pick<Metrics, 'nameConnections'>,
  connections: ReadonlyMap<string, Connection>,
): void {
  const used = [...connections.values()].map(({ name, outbound }) => ({ name, calls: outbound.state().usedThisMonth }))
  metrics.nameConnections(used.toSorted((one, next) => next.calls - one.calls).map(({ name }) => name))
}
