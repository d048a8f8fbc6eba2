import { join } from 'node:path'
import { HubError, type Problem } from '@shuniu/contracts'
import { openTables, type TableChange } from '@shuniu/infra/config'
import { openEmbedded } from '@shuniu/infra/embedded'
import { openEmbeddedLog } from '@shuniu/infra/log'
import { openEmbeddedStore } from '@shuniu/infra/store'
import { openLog, openMetrics, type LogLevel } from '@shuniu/infra/telemetry'
import { realClock, realRandom } from '@shuniu/infra/time'
import { openIngress, type DeclaredConnection } from '@shuniu/ingress'
import { Orchestrator, tableTag } from '@shuniu/orchestrator'
import type { Connection } from '@shuniu/sdk'
import { openConnections } from './connections.ts'
import { consolePorts } from './console-ports.ts'
import { listen } from './http.ts'
import { Notices } from './notices.ts'
import type { Parts } from './parts.ts'
import {
  checkConnections,
  compileProject,
  compileSource,
  flowGround,
  openProject,
  schemaId,
  type OpenProject,
} from './project.ts'

export interface HubOptions {
  readonly project: string
  readonly data: string
  readonly host?: string
  readonly port: number
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly logLevel?: LogLevel
  readonly resync?: boolean
  /** Runs executed at once; default 64. */
  readonly concurrency?: number
  /** Token of the API. */
  readonly token?: string
  /** Another hub owns the data now: this one must end. */
  readonly lost?: (error: unknown) => void
}

export interface RunningHub {
  readonly url: string
  readonly parts: Parts
  /** Stops intake, lets what is under way come to an end, closes everything. */
  close(): Promise<void>
}

const clock = realClock
const random = realRandom

/** Starts a hub: checks the project, takes the data folder, opens everything in order. */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const open = await openProject(options.project, options.environment)
  refuse([...open.problems, ...checkConnections(open)], options.project)
  const report = openLog({ level: options.logLevel ?? 'info', secrets: open.project.secrets })
  const metrics = openMetrics({ runtime: true })
  const embedded = await openEmbedded({ folder: options.data, resync: options.resync === true })
  const store = openEmbeddedStore(embedded)
  const log = openEmbeddedLog(embedded, clock)
  const lose = (error: unknown): void => {
    report.error('hub.stale', { message: String(error) })
    options.lost?.(error)
  }
  const waking: { orchestrator?: Orchestrator } = {}
  const tables = await openTables(join(options.project, 'tables'), {
    clock,
    onProblem: (file, problems) =>
      problems.forEach(({ error }) => report.error(error.code, { file, message: error.message })),
    onChange: (changes) => void waking.orchestrator?.parking.wake(tagsOf(changes), 'a row of a table changed'),
  })
  const connections = await openConnections(open.connections, { store, clock, random, metrics, log: report })
  const ground = flowGround(open, { tables, store, connections })
  const { plans, problems } = compileProject(open, ground)
  refuse(problems, options.project)
  const orchestrator = await Orchestrator.start({
    store,
    log,
    clock,
    random,
    connections,
    contracts: open.contracts,
    schemaId,
    plans,
    compile: (source, name) => compileSource(source, name, ground),
    zone: open.project.hub.zone,
    resync: () => embedded.resync,
    concurrency: options.concurrency ?? 64,
    report,
    observe: (connection, operation, outcome) => metrics.effects.of(connection, operation, outcome).add(),
    finished: (outcome) => metrics.runsFinished.of(outcome).add(),
    lost: lose,
  })
  waking.orchestrator = orchestrator
  const ingress = await openIngress({
    store,
    clock,
    random,
    report,
    connections: declaredConnections(open, connections),
    contracts: open.contracts,
    schemaId,
    limits: { waiting: open.project.hub.limits.waiting, concurrency: options.concurrency ?? 64 },
    lost: lose,
  })
  const parts: Parts = {
    open,
    report,
    metrics,
    embedded,
    store,
    log,
    tables,
    connections,
    plans,
    orchestrator,
    ingress,
    clock,
    startedAt: clock.now(),
    notReady: () => [],
  }
  const listening = await listen(ingress.hooks, consolePorts(parts, options.token), {
    host: options.host ?? '127.0.0.1',
    port: options.port,
  })
  const { notices: settings, language } = open.project.hub
  const notices = new Notices({ store, clock, connections, settings, language, report })
  notices.start()
  await ingress.start()
  return {
    url: listening.url,
    parts,
    async close() {
      await notices.close()
      await listening.close()
      await closeParts(parts)
    },
  }
}

function declaredConnections(open: OpenProject, connections: ReadonlyMap<string, Connection>): DeclaredConnection[] {
  return [...connections.values()].flatMap((connection) => {
    const part = open.project.connections.get(connection.name)
    return part ? [{ connection, declared: part }] : []
  })
}

async function closeParts({ ingress, orchestrator, connections, tables, embedded }: Parts): Promise<void> {
  await ingress.close()
  await orchestrator.close()
  await Promise.all([...connections.values()].map((connection) => connection.close()))
  tables.close()
  await embedded.close()
}

function refuse(problems: readonly Problem[], dir: string): void {
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const said = errors.map(({ error }) => error)
  throw new HubError('project.invalid', { dir, count: errors.length }, { cause: new AggregateError(said) })
}

function tagsOf(changes: readonly TableChange[]): string[] {
  return changes.filter(({ change }) => change !== 'gone').map(({ table, keys }) => tableTag(table, keys))
}
