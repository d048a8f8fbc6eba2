import { isRecord, problem, type Problem } from '@shuniu/contracts'
import {
  decodeFlow,
  everyStep,
  placeOf,
  readYaml,
  type Flow,
  type Project,
  type Step,
  type YamlNode,
} from '@shuniu/infra/config'
import type { Change, Row, Store } from '@shuniu/infra/store'

/** A flow, a connection or a step, and the first name it had: documents, references and receipts are known by that for ever. */
interface Named {
  readonly name: string
  readonly identity: string
  /** A rename is looked for among things of one kind: flows, connections of one connector, steps of one operation. */
  readonly kind: string
  readonly isNew: boolean
  readonly node: YamlNode
}

interface Written {
  readonly formerly?: string | undefined
  readonly new?: boolean | undefined
  readonly node: YamlNode
}

const identityOf = (name: string, { formerly }: Written): string => formerly ?? name

function named(name: string, kind: string, written: Written): Named {
  return { name, identity: identityOf(name, written), kind, isNew: written.new === true, node: written.node }
}

const flowsOf = ({ flows }: Project): Named[] => [...flows].map(([name, flow]) => named(name, 'flow', flow))
const connectionsOf = ({ connections }: Project): Named[] =>
  [...connections].map(([name, connection]) => named(name, connection.connector, connection))

/** The steps that call something: the ledger knows their documents by them. */
const stepsOf = (steps: readonly Step[]): Named[] =>
  [...everyStep(steps)].flatMap((step) => (step.kind === 'call' ? [named(step.name, step.call.operation, step)] : []))

/** Two flows, or two connections, that claim one first name: nobody could say whose documents are whose. */
export function sharedIdentities(project: Project): Problem[] {
  return [flowsOf(project), connectionsOf(project)].flatMap((all) =>
    all.flatMap(({ name, identity, node }) => {
      const other = all.find((one) => one.identity === identity && one.name !== name)
      if (!other || other.name > name) return []
      return [problem('project.shared-identity', { name, other: other.name, identity }, placeOf(node))]
    }),
  )
}

/** What the hub's data knows by name. */
interface Known {
  /** Identities of all time. */
  readonly ever: ReadonlySet<string>
  /** Those that the last start still had, with their kinds. */
  readonly last: ReadonlyMap<string, string>
}

/**
 * What has to be said before this start: a flow, step or connection that vanished beside a new one of its kind may be the
 * same under another name, and then its documents would be made twice. `formerly:` or `new: true` says which.
 */
export async function unsaidRenames(project: Project, store: Store): Promise<Problem[]> {
  const [versions, connections] = [await store.select('flows', {}), await knownConnections(store)]
  return [
    ...unsaid(flowsOf(project), knownFlows(versions)).map(({ name, node, vanished }) =>
      problem('project.renamed-flow', { name, vanished }, placeOf(node)),
    ),
    ...[...project.flows.values()].flatMap((flow) => unsaidSteps(flow, versions)),
    ...unsaid(connectionsOf(project), connections).map(({ name, node, vanished }) =>
      problem('project.renamed-connection', { name, vanished }, placeOf(node)),
    ),
  ]
}

function unsaid(declared: readonly Named[], known: Known): (Named & { vanished: string })[] {
  const present = new Set(declared.map(({ identity }) => identity))
  const gone = [...known.last].filter(([identity]) => !present.has(identity))
  return declared.flatMap((one) => {
    const vanished = gone.filter(([, kind]) => kind === one.kind).map(([identity]) => identity)
    return one.isNew || known.ever.has(one.identity) || vanished.length === 0
      ? []
      : [{ ...one, vanished: vanished.join(', ') }]
  })
}

function knownFlows(versions: readonly Row<'flows'>[]): Known {
  return {
    ever: new Set(versions.map(({ flow }) => flow)),
    last: new Map(versions.filter(({ active }) => active === 1).map(({ flow }) => [flow, 'flow'])),
  }
}

function unsaidSteps(flow: Flow, versions: readonly Row<'flows'>[]): Problem[] {
  const declared = stepsOf(flow.steps)
  const kept = versions.filter((version) => version.flow === identityOf(flow.flow, flow))
  const last = kept.filter(({ active }) => active === 1).flatMap(keptSteps)
  // Older versions are read only when a step is missing.
  if (last.every(({ identity }) => declared.some((step) => step.identity === identity))) return []
  const ever = new Set(kept.flatMap(keptSteps).map(({ identity }) => identity))
  const known = { ever, last: new Map(last.map(({ identity, kind }) => [identity, kind])) }
  return unsaid(declared, known).map(({ name, node, vanished }) =>
    problem('project.renamed-step', { flow: flow.flow, name, vanished }, placeOf(node)),
  )
}

/** The steps of a version as it is kept. One that this hub cannot read any more has none. */
function keptSteps({ flow, source }: Row<'flows'>): Named[] {
  const { node } = readYaml(source, `flows/${flow}.yaml`)
  return stepsOf((node && decodeFlow(node).value)?.steps ?? [])
}

const row = 'connections'

async function knownConnections(store: Store): Promise<Known> {
  const [kept] = await store.select('meta', { name: row })
  const value: unknown = kept ? JSON.parse(kept.value) : {}
  const last = new Map(isRecord(value) ? Object.entries(value).map(([name, kind]) => [name, String(kind)]) : [])
  return { ever: new Set(last.keys()), last }
}

/** By the names of today and by the first ones, which kept flows and documents still use. */
export function withFirstNames<T>({ connections }: Project, byName: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const first = [...connections].flatMap(([name, { formerly }]): [string, T][] => {
    const one = byName.get(name)
    return formerly === undefined || one === undefined ? [] : [[formerly, one]]
  })
  return new Map([...first, ...byName])
}

/** What the next start compares with. Flows are remembered with their versions, by whoever runs them. */
export function rememberConnections(project: Project): Change {
  const kinds = Object.fromEntries(connectionsOf(project).map(({ identity, kind }) => [identity, kind]))
  return { upsert: 'meta', row: { name: row, value: JSON.stringify(kinds) } }
}
