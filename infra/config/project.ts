import { problem, type Problem } from '@shuniu/contracts'
import { connectionShape, type ConnectionFile } from './connection-file.ts'
import { decodeFlow, type FlowFile } from './flow-file.ts'
import { formsLimits, formsShape, type FormDescription } from './forms-file.ts'
import { resolveGround, type LogSettings, type StoreSettings } from './ground.ts'
import { hubShape, type HubFile } from './hub-file.ts'
import { decode, inOrder } from './decode.ts'
import { placeOf, type YamlNode } from './node.ts'
import { ProjectFolder, type ProjectFile } from './project-folder.ts'
import { resolveReferences, type ReferenceSources } from './references.ts'
import { LARGEST_TABLE, parseTable, type Table } from './table.ts'
import type { Plain } from './values.ts'
import { readYaml } from './yaml.ts'

/** The hub's own file, with its addresses resolved: those of store and log are for whoever opens them. */
export type Hub = Omit<HubFile, 'notices' | 'store' | 'log'> & {
  readonly store: StoreSettings
  readonly log: LogSettings
  readonly notices: { readonly webhook?: string | undefined; readonly comment?: string | undefined }
}

export type Connection = Omit<ConnectionFile, 'settings'> &
  ProjectFile & {
    /** With references resolved, for the connector alone: never logged, never returned by an API. */
    readonly settings: Plain
    /** As the file says it, references and all: for APIs and pages. */
    readonly settingsAsWritten: Plain
    /** For the places of what the connector's schema finds (`validate`). */
    readonly settingsNode: YamlNode
    /** The forms that `discover --save` wrote, if any. */
    readonly forms: readonly FormDescription[]
  }

export type Flow = FlowFile & ProjectFile

/** A file of tests, contracts or anything else that is understood elsewhere. */
export interface NamedFile extends ProjectFile {
  readonly name: string
}

/** What a user keeps in git. Files with errors are left out; their problems say why. */
export interface Project {
  readonly dir: string
  readonly hub: Hub
  readonly connections: ReadonlyMap<string, Connection>
  readonly flows: ReadonlyMap<string, Flow>
  readonly tables: ReadonlyMap<string, Table>
  /** `tests/*.test.yaml`. */
  readonly tests: readonly (NamedFile & { readonly node: YamlNode })[]
  /** `contracts/*.avsc`. */
  readonly contracts: readonly NamedFile[]
  /** Every value that came out of a reference: to be masked in logs, errors and answers. */
  readonly secrets: readonly string[]
}

const LARGEST_CONTRACT = 256 * 1024

/** Where a project is read with. `own`: the folder that relative references start at, where it is another one. */
export interface ProjectSources extends Pick<ReferenceSources, 'environment'> {
  readonly own?: string
}

/**
 * Reads a project's folder: `hub.yaml`, `connections/`, `flows/`, `tables/`, `tests/`, `contracts/`. Checks the shape of every
 * file and reports all problems of all files at once; what the parts mean together is for lint. A project that has a problem
 * of severity `error` must not be started.
 */
export async function loadProject(
  dir: string,
  { environment, own = dir }: ProjectSources,
): Promise<{ project: Project; problems: readonly Problem[] }> {
  const folder = new ProjectFolder(dir)
  const reading: Reading = { folder, sources: { dir: own, environment }, secrets: new Set() }
  const project = {
    dir,
    hub: await readHub(reading),
    connections: await readConnections(reading),
    flows: await readFlows(folder),
    tables: await readTables(folder),
    tests: await readTests(folder),
    contracts: await readContracts(folder),
  }
  return { project: { ...project, secrets: [...reading.secrets] }, problems: inOrder(folder.problems) }
}

interface Reading {
  readonly folder: ProjectFolder
  readonly sources: ReferenceSources
  readonly secrets: Set<string>
}

function resolve({ folder, sources, secrets }: Reading, node: YamlNode): { value: Plain; asWritten: Plain } {
  const resolved = resolveReferences(node, sources)
  folder.problems.push(...resolved.problems)
  for (const secret of resolved.secrets) secrets.add(secret)
  return resolved
}

async function readHub(reading: Reading): Promise<Hub> {
  const read = await reading.folder.decoded('hub.yaml', hubShape)
  const { notices, ...hub } = read?.value ?? defaultHub()
  const { store, log, secrets, addresses, problems } = resolveGround(hub, (node) => textOf(reading, node))
  reading.folder.problems.push(...problems)
  for (const address of addresses) reading.secrets.delete(address)
  for (const secret of secrets) reading.secrets.add(secret)
  return {
    ...hub,
    store,
    log,
    notices: { webhook: notices?.webhook && readWebhook(reading, notices.webhook), comment: notices?.comment },
  }
}

/** An address with its references resolved; undefined when one of them gives nothing, which has been said. */
function textOf(
  reading: Reading,
  node: YamlNode,
): { text: string; isWritten: boolean; again: () => string } | undefined {
  const before = reading.folder.problems.length
  const { value, asWritten } = resolve(reading, node)
  if (reading.folder.problems.length > before) return undefined
  let last = String(value)
  return {
    text: last,
    isWritten: value === asWritten,
    again() {
      const later = resolveReferences(node, reading.sources)
      if (later.problems.length === 0) last = String(later.value)
      return last
    },
  }
}

/** The whole address counts as secret when it came by reference: its path or query is the key to it. */
function readWebhook(reading: Reading, node: YamlNode): string | undefined {
  const before = reading.folder.problems.length
  const { value, asWritten } = resolve(reading, node)
  if (reading.folder.problems.length > before) return undefined
  if (typeof value !== 'string' || !/^https?:\/\//.test(value) || !URL.canParse(value)) {
    const parameters = { key: 'notices.webhook', example: 'https://example.com/notices' }
    reading.folder.problems.push(problem('config.bad-format', parameters, placeOf(node)))
    return undefined
  }
  if (value !== asWritten) reading.secrets.add(value)
  return value
}

/** What stands in for a hub.yaml that could not be read. */
function defaultHub(): HubFile {
  const { node } = readYaml('name: project', 'hub.yaml')
  const hub = node && decode(node, hubShape).value
  if (!hub) throw new TypeError('The smallest hub.yaml no longer fits its own shape.')
  return hub
}

const FORMS = '.forms.yaml'

async function readConnections(reading: Reading): Promise<Map<string, Connection>> {
  const { folder } = reading
  const [names = [], described = []] = await folder.names('connections', '.yaml', FORMS)
  const forms = await readForms(folder, described, names)
  const connections = new Map<string, Connection>()
  for (const name of names) {
    const file = `connections/${name}.yaml`
    const read = await folder.decoded(file, connectionShape)
    if (!read) continue
    const { settings, ...rest } = read.value
    folder.checkName(rest.node, 'connection', name, file)
    const { value, asWritten } = resolve(reading, settings)
    const written = { settings: value, settingsAsWritten: asWritten, settingsNode: settings }
    connections.set(name, { ...rest, ...written, forms: forms.get(name) ?? [], file, text: read.text })
  }
  return connections
}

async function readForms(
  folder: ProjectFolder,
  described: readonly string[],
  connections: readonly string[],
): Promise<Map<string, FormDescription[]>> {
  const forms = new Map<string, FormDescription[]>()
  for (const name of described) {
    const file = `connections/${name}${FORMS}`
    if (!connections.includes(name)) folder.stray(file, `connections/${name}.yaml`)
    const read = await folder.decoded(file, formsShape, formsLimits)
    if (read) forms.set(name, read.value)
  }
  return forms
}

async function readFlows(folder: ProjectFolder): Promise<Map<string, Flow>> {
  const flows = new Map<string, Flow>()
  const [names = []] = await folder.names('flows', '.yaml')
  for (const name of names) {
    const file = `flows/${name}.yaml`
    const read = await folder.yaml(file)
    const flow = read && folder.take(decodeFlow(read.node))
    if (!flow) continue
    folder.checkName(flow.node, 'flow', name, file)
    flows.set(name, { ...flow, file, text: read.text })
  }
  return flows
}

async function readTables(folder: ProjectFolder): Promise<Map<string, Table>> {
  const tables = new Map<string, Table>()
  const [names = []] = await folder.names('tables', '.csv')
  for (const name of names) {
    const file = `tables/${name}.csv`
    const text = await folder.text(file, LARGEST_TABLE)
    if (text === undefined) continue
    const { table, problems } = parseTable(name, file, text)
    folder.problems.push(...problems)
    if (table) tables.set(name, table)
  }
  return tables
}

async function readTests(folder: ProjectFolder): Promise<Project['tests']> {
  const tests: Project['tests'][number][] = []
  const [names = []] = await folder.names('tests', '.test.yaml')
  for (const name of names) {
    const read = await folder.yaml(`tests/${name}.test.yaml`)
    if (read) tests.push({ name, file: read.file, text: read.text, node: read.node })
  }
  return tests
}

async function readContracts(folder: ProjectFolder): Promise<NamedFile[]> {
  const contracts: NamedFile[] = []
  const [names = []] = await folder.names('contracts', '.avsc')
  for (const name of names) {
    const file = `contracts/${name}.avsc`
    const text = await folder.text(file, LARGEST_CONTRACT)
    if (text !== undefined) contracts.push({ name, file, text })
  }
  return contracts
}
