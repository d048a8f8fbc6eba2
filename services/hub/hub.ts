import { join } from 'node:path'
import { HubError, type Problem } from '@shuniu/contracts'
import { openTables } from '@shuniu/infra/config'
import { openEmbedded } from '@shuniu/infra/embedded'
import { openEmbeddedLog } from '@shuniu/infra/log'
import { openEmbeddedStore } from '@shuniu/infra/store'
import { openLog, openMetrics, type LogLevel } from '@shuniu/infra/telemetry'
import { realClock, realRandom } from '@shuniu/infra/time'
import { openIngress, type DeclaredConnection, type IngressGround } from '@shuniu/ingress'
import { Orchestrator } from '@shuniu/orchestrator'
import type { Connection } from '@shuniu/sdk'
import { openConnections } from './connections.ts'
import { consolePorts } from './console-ports.ts'
import { countCommits } from './count-commits.ts'
import { listen, listenForHooks } from './http.ts'
import { rememberConnections, unsaidRenames, withFirstNames } from './identity.ts'
import { Notices } from './notices.ts'
import type { Parts } from './parts.ts'
import {
  checkConnections,
  compileProject,
  compileSource,
  flowGround,
  openProject,
  type OpenProject,
} from './project.ts'
import { Readiness } from './readiness.ts'
import { Wakes } from './wakes.ts'
import { keepSchemas, schemaId } from './schemas.ts'

export interface HubOptions {
  readonly project: string
  readonly data: string
  readonly host?: string
  readonly port: number
  /** A second port, which serves `/hooks` alone. */
  readonly hooksPort?: number
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly logLevel?: LogLevel
  readonly resync?: boolean
  /** Runs executed at once; default 64. */
  readonly concurrency?: number
  /** Token of the API. */
  readonly token?: string
  /** Another hub owns the data now, or it cannot be written any more: this one must end. */
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

/** What has been opened so far: closed in reverse order when the hub ends, or when it cannot start. */
class Opened {
  private readonly closers: (() => unknown)[] = []

  add(close: () => unknown): void {
    this.closers.push(close)
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).toReversed()) await close()
  }
}

/** Starts a hub: checks the project, takes the data folder, opens everything in order. What fails leaves nothing open. */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const open = await openProject(options.project, options.environment)
  refuse([...open.problems, ...checkConnections(open)], options.project)
  const [opened, readiness] = [new Opened(), new Readiness()]
  try {
    const parts = await openParts(options, open, opened, readiness)
    const url = await serve(options, parts, opened)
    readiness.opened()
    return { url, parts, close: () => (readiness.closing(), opened.close()) }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** The parts, from the ground up: what carries, what calls out, what works. */
async function openParts(options: HubOptions, open: OpenProject, opened: Opened, readiness: Readiness): Promise<Parts> {
  const ground = await openGround(options, open, opened)
  const { report, store, metrics, embedded, log } = ground
  const late: { wakes?: Wakes } = {}
  const tables = await openTables(join(options.project, 'tables'), {
    clock,
    onProblem: (file, problems) =>
      problems.forEach(({ error }) => report.error(error.code, { file, message: error.message })),
    onChange: (changes) => late.wakes?.rowsChanged(changes),
  })
  opened.add(() => tables.close())
  const connections = await openConnections(open.connections, { store, clock, random, metrics, log: report })
  opened.add(() => Promise.all([...connections.values()].map((connection) => connection.close())))
  const byAnyName = withFirstNames(open.project, connections)
  const { orchestrator, plans } = await openOrchestrator(options, open, { ...ground, tables, connections: byAnyName })
  opened.add(() => orchestrator.close())
  const ingress = await openIngress({
    ...ground.shared,
    connections: declaredConnections(open, connections),
    limits: { waiting: open.project.hub.limits.waiting, concurrency: options.concurrency ?? 64 },
    answered: (connection, ms) => metrics.hookSeconds.of(connection).observe(ms / 1000),
  })
  opened.add(() => ingress.close())
  const looking = { store, clock, report, tables, connections: byAnyName }
  const wakes = new Wakes({
    ...looking,
    wakeRuns: (tags, why) => orchestrator.parking.wake(tags, why),
    wakeReceipts: (connection, why) => ingress.parking.wake(connection, why),
  })
  opened.add(() => wakes.close())
  late.wakes = wakes
  const carries = { open, report, metrics, embedded, store, log, tables, clock, startedAt: clock.now() }
  const notReady = (): readonly string[] => readiness.reasons()
  return { ...carries, connections, plans, orchestrator, ingress, wakes, notReady }
}

type Ground = Pick<Parts, 'report' | 'metrics' | 'embedded' | 'store' | 'log'> & {
  /** What ingress and orchestrator both stand on. */
  readonly shared: Omit<IngressGround, 'connections' | 'limits'>
}

/** Takes the data folder; what it knows by name must not have been renamed without a word. */
async function openGround(options: HubOptions, open: OpenProject, opened: Opened): Promise<Ground> {
  const report = openLog({ level: options.logLevel ?? 'info', secrets: open.project.secrets })
  const lost = (error: unknown): void => {
    report.error('hub.stale', { message: String(error) })
    options.lost?.(error)
  }
  const embedded = await openEmbedded({ folder: options.data, resync: options.resync === true, lost })
  opened.add(() => embedded.close())
  const metrics = openMetrics({ runtime: true })
  const store = countCommits(openEmbeddedStore(embedded), metrics, open.contracts)
  refuse(await unsaidRenames(open.project, store), options.project)
  const shared = { store, clock, random, report, lost, contracts: open.contracts, schemaId }
  return { report, metrics, embedded, store, log: openEmbeddedLog(embedded, clock), shared }
}

/** Compiles the flows; only those of a project without errors get to run. */
async function openOrchestrator(
  options: HubOptions,
  open: OpenProject,
  { shared, log, embedded, metrics, tables, connections }: Ground & Pick<Parts, 'tables' | 'connections'>,
): Promise<Pick<Parts, 'orchestrator' | 'plans'>> {
  const live = { tables, store: shared.store, connections }
  const flows = flowGround(open, live)
  const { plans, problems } = compileProject(open, flows)
  refuse(problems, options.project)
  await shared.store.commit([rememberConnections(open.project)])
  const kept = flowGround({ ...open, connectors: withFirstNames(open.project, open.connectors) }, live)
  const orchestrator = await Orchestrator.start({
    ...shared,
    log,
    connections,
    plans,
    schemaOf: await keepSchemas(shared.store, open.contracts),
    compile: (source, name) => compileSource(source, name, kept),
    zone: open.project.hub.zone,
    resync: () => embedded.resync,
    openResync: () => embedded.openResync(),
    concurrency: options.concurrency ?? 64,
    observe: (connection, operation, outcome) => metrics.effects.of(connection, operation, outcome).add(),
    finished: (outcome) => metrics.runsFinished.of(outcome).add(),
  })
  return { orchestrator, plans }
}

/** Opens the door, then begins to look out of it. */
async function serve(options: HubOptions, parts: Parts, opened: Opened): Promise<string> {
  const { host = '127.0.0.1', port, hooksPort, token } = options
  const { open, ingress, wakes, store, connections, report } = parts
  const listening = await listen(ingress.hooks, consolePorts(parts, token), { host, port })
  opened.add(() => listening.close())
  if (hooksPort !== undefined) {
    const forHooks = await listenForHooks(ingress.hooks, { host, port: hooksPort })
    opened.add(() => forHooks.close())
    report.info('hub.hooks', { port: Number(new URL(forHooks.url).port) })
  }
  const { notices: settings, language } = open.project.hub
  const notices = new Notices({ store, clock, connections, settings, language, report })
  opened.add(() => notices.close())
  notices.start()
  await wakes.start()
  await ingress.start()
  return listening.url
}

function declaredConnections(open: OpenProject, connections: ReadonlyMap<string, Connection>): DeclaredConnection[] {
  return [...connections.values()].flatMap((connection) => {
    const part = open.project.connections.get(connection.name)
    return part ? [{ connection, declared: part }] : []
  })
}

function refuse(problems: readonly Problem[], dir: string): void {
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const said = errors.map(({ error }) => error)
  throw new HubError('project.invalid', { dir, count: errors.length }, { cause: new AggregateError(said) })
}
