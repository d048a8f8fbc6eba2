import { isRecord, problem, type Problem } from '@shuniu/contracts'
import { placeOf, type Project, type YamlNode } from '@shuniu/infra/config'
import type { Change, Store } from '@shuniu/infra/store'

/** A flow or a connection, and the first name it had: documents, references and receipts are known by that for ever. */
interface Named {
  readonly name: string
  readonly identity: string
  /** A rename is looked for among things of one kind: flows, connections of one connector. */
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
 * What has to be said before this start: a flow or connection that vanished beside a new one of its kind may be the same
 * under another name, and then its documents would be made twice. `formerly:` or `new: true` says which.
 */
export async function unsaidRenames(project: Project, store: Store): Promise<Problem[]> {
  const [flows, connections] = [await knownFlows(store), await knownConnections(store)]
  return [
    ...unsaid(flowsOf(project), flows).map(({ name, node, vanished }) =>
      problem('project.renamed-flow', { name, vanished }, placeOf(node)),
    ),
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

async function knownFlows(store: Store): Promise<Known> {
  const rows = await store.select('flows', {})
  return {
    ever: new Set(rows.map(({ flow }) => flow)),
    last: new Map(rows.filter(({ active }) => active === 1).map(({ flow }) => [flow, 'flow'])),
  }
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
