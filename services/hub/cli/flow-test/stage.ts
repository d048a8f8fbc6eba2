import { join } from 'node:path'
import { Duration, HubError, type Problem } from '@shuniu/contracts'
import { findRow, parseTable, placeOf, type Table, type Tables } from '@shuniu/infra/config'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { ownEverything } from '@shuniu/infra/leases'
import { openEmbeddedLog, type EventLog } from '@shuniu/infra/log'
import { openEmbeddedStore, type Store } from '@shuniu/infra/store'
import { openLog, openMetrics } from '@shuniu/infra/telemetry'
import { realClock, seededRandom } from '@shuniu/infra/time'
import { compileFlow, Orchestrator, type FlowPlan, sentBefore } from '@shuniu/orchestrator'
import type { Connection, Operation } from '@shuniu/sdk'
import { startSimulator, type RunningSimulator, type SimulatorDefinition } from '@shuniu/sdk/simulator'
import { openConnections } from '../../connections.ts'
import {
  compileSource,
  flowGround,
  openProject,
  projectTables,
  type ConfiguredConnection,
  type OpenProject,
} from '../../project.ts'
import { SkippingClock } from './clock.ts'
import { connectionsOf, type FlowTests } from './files.ts'
import type { TestCase } from './format.ts'
import { schemaId } from '../../schemas.ts'

export interface StageGround {
  readonly project: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly simulators: ReadonlyMap<string, SimulatorDefinition>
  /** A folder of this case alone. */
  readonly folder: string
}

/** Everything one case runs on: simulators with empty books, a real engine on an empty store, a clock that jumps. */
export interface Stage {
  readonly open: OpenProject
  readonly plan: FlowPlan
  readonly clock: SkippingClock
  readonly store: Store
  readonly log: EventLog
  readonly orchestrator: Orchestrator
  readonly connections: ReadonlyMap<string, Connection>
  /** By name of the system. */
  readonly simulators: ReadonlyMap<string, RunningSimulator>
  /** What `prepare` of each call was given, by our reference. */
  readonly inputs: ReadonlyMap<string, unknown>
  close(): Promise<void>
}

/** A call on loopback has its answer long before; what is not answered then is meant not to be. ms */
const mostTimeout = 1_000

/** Opens the stage of a case, or closes again what it had opened. */
export async function openStage({ tests, flow }: FlowTests, one: TestCase, ground: StageGround): Promise<Stage> {
  const clock = new SkippingClock(realClock, tests.now?.ms ?? realClock.now())
  const simulators = await startSimulators(tests, ground, clock)
  const opened: { embedded?: Embedded; connections?: ReadonlyMap<string, Connection>; orchestrator?: Orchestrator } = {}
  const close = async (): Promise<void> => {
    await opened.orchestrator?.close()
    await Promise.all([...(opened.connections?.values() ?? [])].map((connection) => connection.close()))
    await opened.embedded?.close()
    await Promise.all([...simulators.values()].map((simulator) => simulator.close()))
    clock.stop()
  }
  try {
    const open = await openProject(ground.project, environmentOf(tests, ground, simulators))
    const simulated = simulatedConnections(open, simulators)
    refuseReal(flow, simulated)
    const embedded = (opened.embedded = await openEmbedded({ folder: join(ground.folder, 'hub'), flushOn: 'main' }))
    const [store, log] = [openEmbeddedStore(embedded), openEmbeddedLog(embedded, clock)]
    const inputs = new Map<string, unknown>()
    const [random, report] = [seededRandom(1), openLog({ level: 'silent' })]
    const metrics = openMetrics({ runtime: false })
    const configured = new Map([...simulated].map(([name, it]) => [name, watched(it, inputs)]))
    const connections = (opened.connections = await openConnections(configured, {
      store,
      clock,
      random,
      metrics,
      log: report,
    }))
    // Its simulators are its own: nobody else can have sent there, and the question would stand in every test's calls.
    await store.commit([...connections.keys()].map((name) => sentBefore(name, clock.now())))
    const compiling = flowGround(open, { tables: tablesOf(open, one), store, connections })
    const { plan, problems } = compileFlow(flow, flow.text, compiling)
    if (!plan) throw firstOf(problems)
    const orchestrator = (opened.orchestrator = await Orchestrator.start({
      store,
      ownership: ownEverything(),
      log,
      clock,
      random,
      connections,
      contracts: open.contracts,
      schemaId,
      schemaOf: () => undefined,
      // What a test looks at is the run: nothing takes the short way.
      plans: [{ ...plan, short: false }],
      compile: (source, name) => compileSource(source, name, compiling),
      zone: open.project.hub.zone,
      resync: () => false,
      openResync: async () => undefined,
      concurrency: 8,
      report,
      observe: () => undefined,
      finished: () => undefined,
      lost: () => undefined,
    }))
    return { open, plan, clock, store, log, orchestrator, connections, simulators, inputs, close }
  } catch (error) {
    await close()
    throw error
  }
}

function firstOf(problems: readonly Problem[]): Error {
  return (
    problems.find(({ severity }) => severity === 'error')?.error ?? new HubError('internal.bug', { what: 'no plan' })
  )
}

async function startSimulators(
  tests: FlowTests['tests'],
  { simulators: known, folder }: StageGround,
  clock: SkippingClock,
): Promise<Map<string, RunningSimulator>> {
  const running = new Map<string, RunningSimulator>()
  for (const name of new Set(Object.values(tests.simulators))) {
    const definition = known.get(name)
    if (!definition) {
      const parameters = { simulator: name, known: [...known.keys()].join(', ') }
      throw new HubError('cli.unknown-simulator', parameters, { place: placeOf(tests.node) })
    }
    const options = tests.options[name] ?? {}
    running.set(name, await startSimulator(definition, { data: join(folder, name), options, now: () => clock.now() }))
  }
  return running
}

function environmentOf(
  tests: FlowTests['tests'],
  { environment }: StageGround,
  simulators: ReadonlyMap<string, RunningSimulator>,
): Record<string, string | undefined> {
  const addresses = Object.entries(tests.simulators).map(([variable, name]) => [variable, simulators.get(name)?.url])
  return { ...environment, ...tests.environment, ...Object.fromEntries(addresses) }
}

/** Connections all of whose addresses are simulators; the others are not opened. */
function simulatedConnections(
  { connections }: OpenProject,
  simulators: ReadonlyMap<string, RunningSimulator>,
): ReadonlyMap<string, ConfiguredConnection> {
  const origins = new Set([...simulators.values()].map(({ url }) => url))
  const isSimulated = ({ definition, settings }: ConfiguredConnection): boolean => {
    const addresses = definition.addresses(settings)
    return addresses.length > 0 && addresses.every((address) => origins.has(new URL(address).origin))
  }
  return new Map([...connections].filter(([, one]) => isSimulated(one)))
}

/** A test never calls a real system. */
function refuseReal(flow: FlowTests['flow'], simulated: ReadonlyMap<string, ConfiguredConnection>): void {
  const real = [...connectionsOf(flow)].find((name) => !simulated.has(name))
  if (real !== undefined) throw new HubError('test.not-simulated', { connection: real }, { place: placeOf(flow.node) })
}

/** The same connection with short time-outs, and each call's input noted on its way. */
function watched(configured: ConfiguredConnection, inputs: Map<string, unknown>): ConfiguredConnection {
  const { definition, part } = configured
  const names = Object.keys(definition.operations)
  const operations = Object.entries(definition.operations).map(([name, operation]) => [name, noting(operation, inputs)])
  const times = names.map((name) => {
    const change = part.operations?.[name]
    const declared =
      change?.timeout?.ms ?? Duration.parse(definition.operations[name]?.timeout ?? '')?.ms ?? mostTimeout
    return [
      name,
      { ...change, node: change?.node ?? part.node, timeout: new Duration(Math.min(declared, mostTimeout)) },
    ]
  })
  return {
    ...configured,
    definition: { ...definition, operations: Object.fromEntries(operations) },
    part: { ...part, operations: Object.fromEntries(times) },
  }
}

function noting(operation: Operation<unknown>, inputs: Map<string, unknown>): Operation<unknown> {
  return {
    ...operation,
    prepare(link, input, reference, context) {
      inputs.set(reference, input)
      return operation.prepare(link, input, reference, context)
    },
  }
}

/** The project's tables, those the case brings along in place of their files. */
function tablesOf(
  { project }: OpenProject,
  { tables: own = {}, node }: TestCase,
): Pick<Tables, 'shapes' | 'shape' | 'find'> {
  const replaced = new Map(
    Object.entries(own).map(([name, rows]) => {
      const table = project.tables.get(name)
      if (!table)
        throw new HubError(
          'table.unknown',
          { name, nearest: [...project.tables.keys()].join(', ') },
          { place: placeOf(node) },
        )
      return [name, withRows(table, rows)]
    }),
  )
  const { shapes, shape, find } = projectTables(project)
  return {
    shapes,
    shape,
    find(name, keys, day) {
      const table = replaced.get(name)
      return table ? findRow(table, keys, day) : find(name, keys, day)
    },
  }
}

function withRows(table: Table, rows: readonly Readonly<Record<string, string>>[]): Table {
  const { name, values } = table.shape
  const known = table.columns.map((column) => column.name)
  const unknown = rows.flatMap((row) => Object.keys(row)).find((column) => !known.includes(column))
  if (unknown !== undefined) {
    throw new HubError('table.unknown-column', {
      name,
      column: unknown,
      nearest: values[0] ?? '',
      columns: known.join(', '),
    })
  }
  const [header = ''] = table.text.split(/\r?\n/)
  const lines = rows.map((row) => known.map((column) => `"${(row[column] ?? '').replaceAll('"', '""')}"`).join(','))
  const parsed = parseTable(name, table.file, `${[header, ...lines].join('\n')}\n`)
  if (!parsed.table) throw firstOf(parsed.problems)
  return parsed.table
}
