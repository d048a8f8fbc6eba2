import {
  contracts as shipped,
  HubError,
  isRecord,
  nearest,
  problem,
  readContracts,
  type Contract,
  type ErrorCode,
  type ErrorParameters,
  type Problem,
} from '@shuniu/contracts'
import {
  childOf,
  decodeFlow,
  findRow,
  inOrder,
  isReference,
  loadProject,
  nodeAt,
  placeOf,
  readYaml,
  validate,
  type Connection as ConnectionPart,
  type Project,
  type Tables,
} from '@shuniu/infra/config'
import { readAddress } from '@shuniu/infra/outbound'
import { checkConnection } from '@shuniu/ingress'
import {
  checkLookUp,
  compileFlow,
  lookUps,
  type FlowGround,
  type FlowPlan,
  type LookUpGround,
} from '@shuniu/orchestrator'
import { declaredSettings, type Connection, type ConnectorDefinition } from '@shuniu/sdk'
import type { Store } from '@shuniu/infra/store'
import { findConnectors } from './connectors.ts'
import { sharedIdentities } from './identity.ts'

/** A project, read and understood: what `lint`, `start`, `dry-run` and `test` all begin with. */
export interface OpenProject {
  readonly project: Project
  /** The folder of the person who keeps it: secrets and connectors are there. */
  readonly home: string
  readonly contracts: readonly Contract[]
  /** The connector behind each connection, also of those whose settings are wrong: enough for checks. */
  readonly connectors: ReadonlyMap<string, ConnectorDefinition>
  /** The connector behind each connection, with the settings its schema made of what is written. */
  readonly connections: ReadonlyMap<string, ConfiguredConnection>
  readonly problems: readonly Problem[]
}

export interface ConfiguredConnection {
  readonly part: ConnectionPart
  readonly definition: ConnectorDefinition
  readonly settings: unknown
}

/**
 * Reads a project and everything that is wrong with it, apart from its flows. `home`: the folder where secrets and connectors
 * are, when its files stand in another.
 */
export async function openProject(
  dir: string,
  environment: Readonly<Record<string, string | undefined>>,
  home = dir,
): Promise<OpenProject> {
  const { project, problems } = await loadProject(dir, { environment, own: home })
  const found: Problem[] = [...problems, ...sharedIdentities(project)]
  const own = readContracts(project.contracts)
  found.push(...own.problems)
  const contracts = [...shipped, ...own.contracts]
  const known = await findConnectors(home)
  const connectors = new Map<string, ConnectorDefinition>()
  const connections = new Map<string, ConfiguredConnection>()
  for (const [name, part] of project.connections) {
    const definition = connectorOf(part, known, found)
    if (!definition) continue
    connectors.set(name, definition)
    const configured = configure(part, definition, found)
    if (configured) connections.set(name, configured)
  }
  return { project, home, contracts, connectors, connections, problems: found }
}

function connectorOf(
  { connector, node }: ConnectionPart,
  known: ReadonlyMap<string, ConnectorDefinition>,
  problems: Problem[],
): ConnectorDefinition | undefined {
  const found = known.get(connector)
  if (found) return found
  const near = nearest(connector, [...known.keys()], Infinity) ?? ''
  problems.push(problem('project.unknown-connector', { connector, nearest: near }, placeOf(node)))
  return undefined
}

function configure(
  part: ConnectionPart,
  definition: ConnectorDefinition,
  problems: Problem[],
): ConfiguredConnection | undefined {
  const read = validate(part.settings, part.settingsNode, definition.settings)
  problems.push(...clearSecrets(part, definition))
  problems.push(...read.problems.filter(({ error }) => !isMissingReference(error, problems)))
  if (read.problems.length > 0) return undefined
  problems.push(...definition.addresses(read.value).flatMap((address) => wrongAddress(address, part)))
  return { part, definition, settings: read.value }
}

/** Secrets stand in a file by reference only: whoever reads it must not read them. */
function clearSecrets({ settingsAsWritten, settingsNode }: ConnectionPart, definition: ConnectorDefinition): Problem[] {
  return declaredSettings(definition).flatMap(({ name, isSecret }) => {
    const path = name.split('.')
    const written = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), settingsAsWritten)
    if (!isSecret || typeof written !== 'string' || isReference(written)) return []
    return [problem('config.secret-in-clear', { key: name }, placeOf(nodeAt(settingsNode, path) ?? settingsNode))]
  })
}

/** What the way out would refuse at start, at the setting that says it. */
function wrongAddress(address: string, { settings, settingsNode }: ConnectionPart): Problem[] {
  try {
    readAddress(address)
    return []
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    const written = isRecord(settings) ? Object.entries(settings) : []
    const [key] = written.find(([, value]) => typeof value === 'string' && value.startsWith(address)) ?? []
    const node = (key === undefined ? undefined : childOf(settingsNode, key)) ?? settingsNode
    return [problem(error.code, error.parameters, placeOf(node))]
  }
}

/** A setting whose reference gave nothing is not wrong besides. */
function isMissingReference({ place }: HubError, problems: readonly Problem[]): boolean {
  return problems.some(
    ({ error }) =>
      error.code.startsWith('config.missing-') &&
      error.place?.file === place?.file &&
      error.place?.line === place?.line,
  )
}

/** What is wrong with the files of connections beyond their shape: mappings, forms, names of operations, times. */
export function checkConnections({ project, connectors, contracts }: OpenProject): Problem[] {
  const known = [...connectors.values()]
  return [...project.connections.values()]
    .filter(({ connection }) => connectors.has(connection))
    .flatMap((part) => checkConnection(part, { connectors: known, contracts }))
}

/** Everything that is wrong with a project, in the order of its files. Makes no call. */
export function checkProject(open: OpenProject): readonly Problem[] {
  const { problems } = compileProject(open, flowGround(open, checkingGround(open, undefined)))
  // A connection of which nobody knows the connector has its own problem; that flows do not find it is none.
  const own = problems.filter(({ error }) => !isOfUnknownConnector(error, open))
  return inOrder([...open.problems, ...withoutFollowUps([...checkConnections(open), ...own], open)])
}

/** What names a part of the project, and the file that the part stands in. */
const named: Readonly<Partial<Record<ErrorCode, (parameters: ErrorParameters) => string>>> = {
  'flow.unknown-connection': ({ connection }) => `connections/${connection}.yaml`,
  'table.unknown': ({ name }) => `tables/${name}.csv`,
  'cli.unknown-flow': ({ flow }) => `flows/${flow}.yaml`,
  'contract.unknown': ({ type }) => `contracts/${type}.avsc`,
}

/** Without those that only miss a part of the project which is there, but has problems of its own. */
export function withoutFollowUps(problems: readonly Problem[], { problems: found }: OpenProject): Problem[] {
  const broken = new Set(
    found.flatMap(({ severity, error }) => (severity === 'error' ? (error.place?.file ?? []) : [])),
  )
  return problems.filter(({ error }) => !broken.has(named[error.code]?.(error.parameters) ?? ''))
}

function isOfUnknownConnector({ code, parameters }: HubError, { project, connectors }: OpenProject): boolean {
  const name = String(parameters['connection'])
  return code === 'flow.unknown-connection' && project.connections.has(name) && !connectors.has(name)
}

/** Compiles every flow of a project; problems of all flows at once. */
export function compileProject(open: OpenProject, ground: FlowGround): { plans: FlowPlan[]; problems: Problem[] } {
  const plans: FlowPlan[] = []
  const problems: Problem[] = []
  for (const flow of open.project.flows.values()) {
    const compiled = compileFlow(flow, flow.text, ground)
    problems.push(...compiled.problems)
    if (compiled.plan) plans.push(compiled.plan)
  }
  return { plans, problems }
}

/** What flows are compiled with. Without live connections and a store it serves checks only. */
export function flowGround({ contracts, connectors }: OpenProject, live: LookUpGround): FlowGround {
  const { tables } = live
  const functions = lookUps(live)
  return { contracts, connectors, functions, checkLookUp: (call) => checkLookUp(call, { tables, connectors }) }
}

/** Compiles a flow from its kept source: a run ends on the flow it began with. */
export function compileSource(source: string, name: string, ground: FlowGround): FlowPlan | undefined {
  const { node } = readYaml(source, `flows/${name}.yaml`)
  const flow = node && decodeFlow(node).value
  return flow && compileFlow(flow, source, ground).plan
}

/** The tables as they were read with the project, for checks. */
export function projectTables(project: Project): Pick<Tables, 'shapes' | 'shape' | 'find'> {
  return {
    shapes: [...project.tables.values()].map(({ shape }) => shape),
    shape: (name) => project.tables.get(name)?.shape,
    find: (name, keys, day) => {
      const table = project.tables.get(name)
      return table && findRow(table, keys, day)
    },
  }
}

/** For checks: flows that are not run need no connection and no store. */
export function checkingGround(open: OpenProject, store: Store | undefined): LookUpGround {
  const connections = new Map<string, Connection>()
  return { tables: projectTables(open.project), connections, store: store as Store }
}

/** Nothing with an error in it is started. Throws `project.invalid`, with all of them as its cause. */
export function refuse(problems: readonly Problem[], dir: string): void {
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const said = errors.map(({ error }) => error)
  throw new HubError('project.invalid', { dir, count: errors.length }, { cause: new AggregateError(said) })
}
