import {
  HubError,
  isRecord,
  nearest,
  problem,
  typeOfContract,
  type Contract,
  type Instant,
  type Problem,
  type Value,
  type ValueRecord,
} from '@shuniu/contracts'
import { placeOf, type EventMapping, type FormDescription } from '@shuniu/infra/config'
import {
  compileNode,
  compileTemplate,
  typeOfField,
  types,
  type Compiled,
  type CompiledTemplate,
  type Environment,
} from '@shuniu/infra/expressions'
import type { Connection, ConnectorDefinition, SourceDocument } from '@shuniu/sdk'
import type { Declared, DeclaredConnection } from './ground.ts'

/** One entry of a connection's `events`, compiled. */
export interface Mapping {
  readonly source: string
  readonly form: string
  readonly contract: Contract
  /** Whether a document is this event. Throws `expression.*`. */
  wants(scope: DocumentScope): Promise<boolean>
  /** The event's data. Throws `expression.*`. */
  data(scope: DocumentScope): Promise<ValueRecord>
}

/** What expressions of a mapping see. */
export interface DocumentScope {
  readonly [name: string]: Value
  readonly document: ValueRecord
}

export type Forms = Readonly<Record<string, FormDescription>>

/** A connection as the ingress works with it. */
export interface ConnectionPlan {
  /** Its first name: the identity in receipts and events, which a renaming keeps. */
  readonly name: string
  readonly connection: Connection
  /** Older facts are skipped. Undefined only when nothing is mapped. */
  readonly from: Instant | undefined
  /** Calls that its limits let go out at once. */
  readonly concurrency: number
  readonly forms: Forms
  readonly mappings: readonly Mapping[]
}

/** Compiles a connection, or throws the first thing that is wrong with it: whoever starts it has checked it before. */
export function planOf({ connection, declared }: DeclaredConnection, contracts: readonly Contract[]): ConnectionPlan {
  const { mappings, problems } = compileMappings(declared, connection.definition, contracts)
  const first = problems.find(({ severity }) => severity === 'error')
  if (first) throw first.error
  return {
    name: declared.formerly ?? connection.name,
    connection,
    from: declared.from,
    concurrency: declared.limits?.concurrency ?? connection.definition.limits(connection.settings).concurrency,
    forms: Object.fromEntries(declared.forms.map((form) => [form.id, form])),
    mappings,
  }
}

/** The forms a connection has a mapping for, by source. */
export function mappedForms({ mappings }: Pick<ConnectionPlan, 'mappings'>): { source: string; form: string }[] {
  const pairs = new Map(mappings.map(({ source, form }) => [JSON.stringify([source, form]), { source, form }]))
  return [...pairs.values()]
}

/** Compiles all entries of `events`, checked against their contracts and forms: all problems at once. */
export function compileMappings(
  { events = [], forms }: Pick<Declared, 'events' | 'forms'>,
  definition: ConnectorDefinition,
  contracts: readonly Contract[],
): { mappings: Mapping[]; problems: Problem[] } {
  const problems: Problem[] = []
  const mappings = events.flatMap((event) => {
    const compiled = compileMapping(event, forms, definition, contracts)
    problems.push(...compiled.problems)
    return compiled.mapping ? [compiled.mapping] : []
  })
  return { mappings, problems }
}

function compileMapping(
  event: EventMapping,
  forms: readonly FormDescription[],
  definition: ConnectorDefinition,
  contracts: readonly Contract[],
): { mapping?: Mapping; problems: readonly Problem[] } {
  const contract = contracts.find(({ type }) => type === event.emit)
  const form = forms.find(({ id }) => id === event.form)
  const unknown = unknownNames(event, contract, forms, definition, contracts)
  const source = definition.sources[event.source]
  if (!source || !contract) return { problems: unknown }
  const variables = { document: typeOfField(source.documentType(form)) }
  const environment: Environment = { variables, lookups: false }
  const where = event.where && compileNode(event.where, environment, types.bool, 'where')
  const data = compileTemplate(event.with, environment, typeOfField(typeOfContract(contract)), 'with')
  const problems = [...unknown, ...(where?.problems ?? []), ...data.problems]
  if (!data.template || (where && !where.expression)) return { problems }
  return { mapping: mappingOf(event, contract, where?.expression, data.template), problems }
}

function mappingOf(
  { source, form }: EventMapping,
  contract: Contract,
  where: Compiled | undefined,
  template: CompiledTemplate,
): Mapping {
  return {
    source,
    form,
    contract,
    wants: async (scope) => (where ? (await where.evaluate(scope)) === true : true),
    async data(scope) {
      const data = await template.evaluate(scope)
      if (isRecord(data)) return data
      throw new HubError('ingress.no-record', { type: contract.type })
    },
  }
}

/** Names that nothing stands behind. Without a forms file nobody knows which forms there are. */
function unknownNames(
  { source, form, emit, node }: EventMapping,
  contract: Contract | undefined,
  forms: readonly FormDescription[],
  { name, sources }: ConnectorDefinition,
  contracts: readonly Contract[],
): Problem[] {
  const problems: Problem[] = []
  const place = placeOf(node)
  if (!Object.hasOwn(sources, source)) {
    const parameters = { connector: name, source, nearest: nearest(source, Object.keys(sources), Infinity) }
    problems.push(problem('connection.unknown-source', parameters, place))
  }
  if (forms.length > 0 && !forms.some(({ id }) => id === form)) {
    problems.push(problem('connection.unknown-form', { form, nearest: nearestForm(form, forms) }, place))
  }
  if (!contract) {
    const candidates = contracts.map(({ type }) => type)
    problems.push(problem('contract.unknown', { type: emit, nearest: nearest(emit, candidates, Infinity) }, place))
  }
  return problems
}

/** People write the title where the id belongs: a title that is near comes before any id. */
function nearestForm(written: string, forms: readonly FormDescription[]): string | undefined {
  const [titles, ids] = [forms.map(({ title }) => title), forms.map(({ id }) => id)]
  const name = nearest(written, titles) ?? nearest(written, ids) ?? nearest(written, [...ids, ...titles], Infinity)
  const form = forms.find(({ id, title }) => title === name || id === name)
  return form && `${form.id} (${form.title})`
}

/** A document as expressions see it. */
export function scopeOf(document: SourceDocument, revision: Value): DocumentScope {
  const { id, root, kind, number } = document
  return { document: { ...document.values, id, rootId: root, kind, revision, number } }
}
