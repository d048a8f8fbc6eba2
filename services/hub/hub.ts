import { join } from 'node:path'
import type { HubError } from '@shuniu/contracts'
import { openTables, type Role } from '@shuniu/infra/config'
import { openLog, openMetrics, openTraces, type LogLevel } from '@shuniu/infra/telemetry'
import { realClock, realRandom } from '@shuniu/infra/time'
import { openIngress, type DeclaredConnection, type IngressGround } from '@shuniu/ingress'
import { Orchestrator } from '@shuniu/orchestrator'
import type { Connection } from '@shuniu/sdk'
import { openConnections } from './connections.ts'
import { consolePorts } from './console-ports.ts'
import { countCommits } from './count-commits.ts'
import { checkDoors, openDoors, type DoorOptions } from './doors.ts'
import { openGround, patiently } from './ground.ts'
import { rememberConnections, unsaidRenames, withFirstNames } from './identity.ts'
import { Notices } from './notices.ts'
import { nameConnections, observeCommits } from './observe.ts'
import { openOps, type OpsDoor } from './ops.ts'
import type { Parts } from './parts.ts'
import {
  checkConnections,
  compileProject,
  compileSource,
  flowGround,
  openProject,
  refuse,
  type OpenProject,
} from './project.ts'
import { FolderProject, type InUse } from './project-in-use.ts'
import { Readiness } from './readiness.ts'
import { openCopy, SharedProject, type ProjectCopy } from './shared-project.ts'
import { version } from './version.ts'
import { Wakes } from './wakes.ts'
import { keepSchemas, schemaId, type KnownSchemas } from './schemas.ts'

export interface HubOptions extends DoorOptions {
  readonly project: string
  readonly data: string
  /** A port that serves probes and metrics alone, to any peer. */
  readonly opsPort?: number
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly logLevel?: LogLevel
  readonly resync?: boolean
  /** What this process does of it; left out: all. */
  readonly role?: Role
  /** Runs executed at once; default 64. */
  readonly concurrency?: number
  /** Token of the API. */
  readonly token?: string
  /** Another hub owns the data now, or it cannot be written any more: this one must end. */
  readonly lost?: (error: unknown) => void
  /** Told what a start waits for, at every attempt. */
  readonly waits?: (error: HubError) => void
  /** Another project is active now: this hub has to be opened anew. */
  readonly reopen?: () => void
  /** Goes on with the project that is active, whatever the folder holds. */
  readonly follow?: boolean
}

export interface RunningHub {
  readonly url: string
  readonly parts: Parts
  /** Stops intake, lets what is under way come to an end, closes everything. */
  close(): Promise<void>
}

const clock = realClock
const random = realRandom

/** Whose owner does what is done once in an installation: it looks whether what is waited for is there, and tells people. */
const oncePart = 0

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
  const local = await openProject(options.project, options.environment)
  refuse([...local.problems, ...checkConnections(local)], options.project)
  checkDoors(options)
  const [opened, readiness] = [new Opened(), new Readiness()]
  try {
    const ops = await openOpsDoor(options, opened)
    const waits = (error: HubError): void => (ops?.waits(error), options.waits?.(error))
    const parts = await openParts({ ...options, waits }, local, opened, readiness)
    const url = await serve(options, parts, opened, ops)
    readiness.opened()
    return { url, parts, close: () => (readiness.closing(), void parts.ground.handOver?.(), opened.close()) }
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** The parts, from the ground up: what carries, what calls out, what works. */
async function openParts(
  options: HubOptions,
  local: OpenProject,
  opened: Opened,
  readiness: Readiness,
): Promise<Parts> {
  const carrying = await openCarrying(options, local, opened)
  const { open, report, store, metrics, ground, log } = carrying
  const late: { wakes?: Wakes; inUse?: InUse } = {}
  const tables = await openTables(join(open.project.dir, 'tables'), {
    clock,
    onProblem: (file, problems) =>
      problems.forEach(({ error }) => report.error(error.code, { file, message: error.message })),
    onChange(changes) {
      late.wakes?.rowsChanged(changes)
      late.inUse
        ?.tablesChanged()
        .catch((error: unknown) => report.error('project.not-noted', { message: String(error) }))
    },
  })
  opened.add(() => tables.close())
  const connections = await openConnections(open.connections, {
    store,
    clock,
    random,
    metrics,
    log: report,
    traces: carrying.shared.traces,
  })
  opened.add(() => Promise.all([...connections.values()].map((connection) => connection.close())))
  nameConnections(metrics, connections)
  const byAnyName = withFirstNames(open.project, connections)
  const { orchestrator, plans } = await openOrchestrator(options, open, { ...carrying, tables, connections: byAnyName })
  opened.add(() => orchestrator.close())
  const ingress = await openIngress({
    ...carrying.shared,
    connections: declaredConnections(open, connections),
    receives: options.role !== 'orchestrator',
    limits: { waiting: open.project.hub.limits.waiting, concurrency: options.concurrency ?? 64 },
    answered: (connection, ms) => metrics.hookSeconds.of(connection).observe(ms / 1000),
  })
  opened.add(() => ingress.close())
  const isOurs = (): boolean => ground.ownership.owns(oncePart)
  const looking = { store, clock, report, tables, connections: byAnyName, isOurs }
  const wakes = new Wakes({
    ...looking,
    wakeRuns: (tags, why) => orchestrator.parking.wake(tags, why),
    wakeReceipts: (connection, why) => ingress.parking.wake(connection, why),
  })
  opened.add(() => wakes.close())
  late.wakes = wakes
  const inUse = (late.inUse = await openInUse(options, { ...carrying, tables }, opened))
  const carries = { open, report, metrics, ground, store, log, tables, clock, startedAt: clock.now() }
  const notReady = (): readonly string[] => readiness.reasons()
  return { ...carries, connections, plans, orchestrator, ingress, wakes, inUse, notReady }
}

/** What tells this hub that another project is active. */
async function openInUse(
  { project: dir, environment, reopen = () => undefined }: HubOptions,
  { copy, store, tables, report }: Pick<Carrying, 'copy' | 'store' | 'report'> & Pick<Parts, 'tables'>,
  opened: Opened,
): Promise<InUse> {
  if (!copy) return FolderProject.open({ store, clock, dir, environment, tables, reopen })
  const failed = (error: unknown): void => report.warn('project.not-followed', { message: String(error) })
  const shared = new SharedProject({ store, clock, copy, tables, reopen, failed })
  opened.add(() => shared.close())
  return shared
}

type Carrying = Pick<Parts, 'open' | 'report' | 'metrics' | 'ground' | 'store' | 'log'> & {
  /** What ingress and orchestrator both stand on. */
  readonly shared: Omit<IngressGround, 'connections' | 'limits'>
  readonly schemas: KnownSchemas
  /** Where several processes share a project: the one of this process. */
  readonly copy: ProjectCopy | undefined
}

/** Takes the data; what it knows by name must not have been renamed without a word. */
async function openCarrying(options: HubOptions, local: OpenProject, opened: Opened): Promise<Carrying> {
  const report = openLog({
    level: options.logLevel ?? 'info',
    secrets: [...local.project.secrets, ...(options.token ? [options.token] : [])],
  })
  const lost = (error: unknown): void => {
    report.error('hub.stale', { message: String(error) })
    options.lost?.(error)
  }
  const copy = await patiently(() => openCopy(local, options, clock), options, { clock, report })
  if (copy) opened.add(() => copy.remove())
  const open = copy?.open ?? local
  const ground = await openGround(options, open, { clock, report, lost })
  opened.add(() => ground.close())
  const traces = await openTraces(options.environment, version)
  opened.add(() => traces?.close())
  const metrics = openMetrics({ runtime: true })
  ground.onFlushed(observeCommits(metrics))
  const store = countCommits(ground.store, metrics, open.contracts)
  refuse(await unsaidRenames(open.project, store), options.project)
  const schemas = await keepSchemas(store, open.contracts, clock)
  opened.add(() => schemas.close())
  const shared = {
    store,
    traces,
    ownership: ground.ownership,
    clock,
    random,
    report,
    lost,
    contracts: open.contracts,
    schemaId,
  }
  return { open, copy, report, metrics, ground, store, log: ground.log, shared, schemas }
}

/** Compiles the flows; only those of a project without errors get to run. */
async function openOrchestrator(
  options: HubOptions,
  open: OpenProject,
  { shared, schemas, log, ground, metrics, tables, connections }: Carrying & Pick<Parts, 'tables' | 'connections'>,
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
    schemaOf: schemas.of,
    learnSchemas: schemas.ask,
    compile: (source, name) => compileSource(source, name, kept),
    zone: open.project.hub.zone,
    ...(ground.topics && { topics: ground.topics }),
    ...(ground.deadLetter && { deadLetter: ground.deadLetter }),
    resync: () => ground.resync,
    openResync: () => ground.openResync(),
    reads: options.role !== 'ingress',
    concurrency: options.concurrency ?? 64,
    observe: (connection, operation, outcome) => metrics.effects.of(connection, operation, outcome).add(),
    finished: (outcome) => metrics.runsFinished.of(outcome).add(),
  })
  return { orchestrator, plans }
}

/** Open from before the first part to after the last: a hub that starts or ends says so there. */
async function openOpsDoor({ opsPort }: HubOptions, opened: Opened): Promise<OpsDoor | undefined> {
  if (opsPort === undefined) return undefined
  const ops = await openOps(opsPort)
  opened.add(() => ops.close())
  return ops
}

/** Opens the door, then begins to look out of it. */
async function serve(options: HubOptions, parts: Parts, opened: Opened, ops?: OpsDoor): Promise<string> {
  const { open, ingress, wakes, store, connections, report } = parts
  const ports = consolePorts(parts, options.token)
  ops?.answer(ports)
  const doors = await openDoors(options, ingress.hooks, ports, { clock, report })
  opened.add(() => doors.close())
  const { notices: settings, language } = open.project.hub
  const isOurs = (): boolean => parts.ground.ownership.owns(oncePart)
  const notices = new Notices({ isOurs, store, clock, connections, settings, language, report })
  opened.add(() => notices.close())
  notices.start()
  await wakes.start()
  await ingress.start()
  return doors.url
}

function declaredConnections(open: OpenProject, connections: ReadonlyMap<string, Connection>): DeclaredConnection[] {
  return [...connections.values()].flatMap((connection) => {
    const part = open.project.connections.get(connection.name)
    return part ? [{ connection, declared: part }] : []
  })
}
