import { openConnection, type Connection, type Log } from '@shuniu/sdk'
import { openOutbound, type OutboundLimits, type Resolve } from '@shuniu/infra/outbound'
import type { Store } from '@shuniu/infra/store'
import type { Metrics, OperatorLog, Traces } from '@shuniu/infra/telemetry'
import { sleep, type Clock, type Random } from '@shuniu/infra/time'
import type { ConfiguredConnection } from './project.ts'
import { tellCalls } from './tell-calls.ts'

export interface ConnectionsGround {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Metrics
  readonly log: Log & Pick<OperatorLog, 'debug'>
  readonly traces?: Traces | undefined
  /** How names are resolved; left out: as the system does. */
  readonly resolve?: Resolve
}

const usedName = 'calls of month'

/** Opens every connection of the project; no call is made yet. */
export async function openConnections(
  configured: ReadonlyMap<string, ConfiguredConnection>,
  ground: ConnectionsGround,
): Promise<ReadonlyMap<string, Connection>> {
  const opened = await Promise.all(
    [...configured].map(async ([name, one]) => [name, await openOne(name, one, ground)] as const),
  )
  return new Map(opened)
}

async function openOne(name: string, configured: ConfiguredConnection, ground: ConnectionsGround): Promise<Connection> {
  const { definition, settings, part } = configured
  const { clock, random, metrics, store, resolve } = ground
  const { privateAddress = false } = part
  const count = new CallCount(store, clock, name)
  const outbound = openOutbound({
    allow: definition.addresses(settings).map((origin) => ({ origin, privateAddress })),
    limits: limitsOf(configured),
    clock,
    ...(resolve ? { resolve } : {}),
    usedThisMonth: await usedThisMonth(store, name, clock),
    onUsed: (calls, month) => count.note(calls, month),
    observe: ({ operation, class: outcome, status, ms }) => {
      ground.log.debug('vendor.call', { connection: name, operation, class: outcome, status, ms: Math.round(ms) })
      metrics.vendorRequests.of(name, operation, outcome).add()
      metrics.vendorSeconds.of(name, operation).observe(ms / 1000)
    },
  })
  const log = {
    info: with_(ground.log, 'info', name),
    warn: with_(ground.log, 'warn', name),
    error: with_(ground.log, 'error', name),
  }
  const opened = openConnection(
    definition,
    { name, settings, operations: part.operations ?? {} },
    {
      connection: name,
      outbound: ground.traces ? tellCalls(outbound, name, ground.traces) : outbound,
      clock,
      random,
      log,
    },
  )
  return {
    ...opened,
    async close() {
      await opened.close()
      await count.close()
    },
  }
}

function with_(log: Log, level: keyof Log, connection: string): Log['info'] {
  return (code, fields) => log[level](code, { connection, ...fields })
}

/** Limits of calls: what the file says, else the connector. */
export function limitsOf({ definition, settings, part }: ConfiguredConnection): OutboundLimits {
  const declared = definition.limits(settings)
  const own = part.limits ?? {}
  return {
    concurrency: own.concurrency ?? declared.concurrency,
    perSecond: own.perSecond ?? declared.perSecond,
    perMonth: own.perMonth ?? declared.perMonth,
  }
}

/** The month's count survives restarts; it is written at most once a second, and once more at the end. */
class CallCount {
  private latest: string | undefined
  private writing: Promise<void> | undefined
  private readonly closed = new AbortController()

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly connection: string,
  ) {}

  note(calls: number, month: string): void {
    this.latest = `${month} ${calls}`
    this.writing ??= this.write().finally(() => (this.writing = undefined))
  }

  async close(): Promise<void> {
    this.closed.abort()
    await this.writing
    await this.write()
  }

  private async write(): Promise<void> {
    while (this.latest !== undefined) {
      const row = { connection: this.connection, name: usedName, value: this.latest }
      this.latest = undefined
      await this.store.commit([{ upsert: 'cursors', row }]).catch(() => undefined)
      await sleep(this.clock, 1_000, this.closed.signal)
    }
  }
}

async function usedThisMonth(store: Store, connection: string, clock: Clock): Promise<number> {
  const [row] = await store.select('cursors', { connection, name: usedName })
  const [month, count] = row?.value.split(' ') ?? []
  const now = new Date(clock.now() + 8 * 3_600_000).toISOString().slice(0, 7)
  return month === now ? Number(count) : 0
}
