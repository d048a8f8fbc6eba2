import { HubError, numberOfGuid, schemaGuid } from '@shuniu/contracts'
import type { Caller, Registry } from './registry.ts'
import { readSchema, type Hidden, type Version } from './subjects.ts'

/** A request as a route needs it. */
export interface Ask {
  /** Parts of the path by name, decoded. */
  readonly at: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  readonly caller: Caller
}

export interface Around {
  readonly registry: Registry
  /** Of the installation. */
  id(): Promise<string>
  /** Of the product. */
  version(): Promise<string>
}

interface RegistryRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `subjects/:subject/versions/:version` */
  readonly path: string
  /** Only for those who may register. */
  readonly changes?: boolean
  answer(around: Around, ask: Ask): Promise<unknown> | unknown
}

const flag = ({ query }: Ask, name: string): boolean => query.get(name) === 'true'

function hiddenOf(ask: Ask): Hidden {
  if (flag(ask, 'deletedOnly')) return 'only deleted'
  return flag(ask, 'deleted') ? 'with deleted' : 'without deleted'
}

/** The schema in a body. Ours are Avro, in one piece. */
function schemaIn({ body }: Ask): string {
  const { schema, schemaType = 'AVRO', references } = body
  const refused = (why: string) => new HubError('registry.invalid-schema', { why })
  if (typeof schema !== 'string') throw refused('The body has no text "schema".')
  if (schemaType !== 'AVRO') throw refused('Only schemas of type AVRO are kept here.')
  if (Array.isArray(references) && references.length > 0)
    throw refused('References to other schemas are not kept here.')
  return schema
}

const shown = ({ subject, version, id, guid, schema }: Version) => ({ subject, version, id, guid, schema })
const subjectOf = ({ at }: Ask): string => (at['subject'] ?? '').replace(/^:\.:/, '')

async function schemaById({ registry }: Around, { at }: Ask): Promise<string> {
  const id = at['id'] ?? ''
  const text = /^\d{1,10}$/.test(id) ? await registry.subjects.textOf(Number(id)) : undefined
  if (text === undefined) throw new HubError('registry.no-schema')
  return text
}

async function schemaByGuid({ registry }: Around, { at }: Ask): Promise<string> {
  const guid = (at['guid'] ?? '').toLowerCase()
  const text = await registry.subjects.textOf(numberOfGuid(guid) ?? -1)
  if (text === undefined || schemaGuid(text) !== guid) throw new HubError('registry.no-schema')
  return text
}

async function uses(around: Around, ask: Ask): Promise<Version[]> {
  await schemaById(around, ask)
  return around.registry.subjects.uses(Number(ask.at['id']), hiddenOf(ask))
}

/** Compares with the versions that are meant; `verbose` says why not. */
async function tested({ registry }: Around, ask: Ask, versions: readonly Version[]): Promise<unknown> {
  const subject = subjectOf(ask)
  const level = await registry.rules.level(subject)
  const messages = await registry.breaks(subject, readSchema(schemaIn(ask)), versions, level)
  return { is_compatible: messages.length === 0, ...(flag(ask, 'verbose') ? { messages } : {}) }
}

const schemas: readonly RegistryRoute[] = [
  { method: 'GET', path: '', answer: () => ({}) },
  { method: 'GET', path: 'contexts', answer: () => ['.'] },
  { method: 'GET', path: 'schemas/types', answer: () => ['AVRO'] },
  {
    method: 'GET',
    path: 'schemas',
    async answer({ registry }, ask) {
      const versions = await registry.subjects.versions(undefined, hiddenOf(ask))
      const prefix = ask.query.get('subjectPrefix') ?? ''
      const wanted = versions.filter(({ subject }) => subject.startsWith(prefix))
      const isLatest = (one: Version): boolean => wanted.findLast(({ subject }) => subject === one.subject) === one
      return (flag(ask, 'latestOnly') ? wanted.filter(isLatest) : wanted).map(shown)
    },
  },
  {
    method: 'GET',
    path: 'schemas/ids/:id',
    async answer(around, ask) {
      const schema = await schemaById(around, ask)
      return { schema, guid: schemaGuid(schema), ...(flag(ask, 'fetchMaxId') ? { maxId: 2 ** 31 - 1 } : {}) }
    },
  },
  {
    method: 'GET',
    path: 'schemas/ids/:id/schema',
    answer: async (around, ask) => JSON.parse(await schemaById(around, ask)) as unknown,
  },
  {
    method: 'GET',
    path: 'schemas/ids/:id/versions',
    answer: async (around, ask) => (await uses(around, ask)).map(({ subject, version }) => ({ subject, version })),
  },
  {
    method: 'GET',
    path: 'schemas/ids/:id/subjects',
    answer: async (around, ask) => [...new Set((await uses(around, ask)).map(({ subject }) => subject))],
  },
  {
    method: 'GET',
    path: 'schemas/guids/:guid',
    async answer(around, ask) {
      const schema = await schemaByGuid(around, ask)
      return { schema, guid: schemaGuid(schema) }
    },
  },
  {
    method: 'GET',
    path: 'schemas/guids/:guid/ids',
    answer: async (around, ask) => [{ context: '.', id: numberOfGuid(schemaGuid(await schemaByGuid(around, ask))) }],
  },
  {
    method: 'GET',
    path: 'v1/metadata/id',
    answer: async ({ id }) => ({
      id: await id(),
      scope: { path: [], clusters: { 'schema-registry-cluster': 'shuniu' } },
    }),
  },
  {
    method: 'GET',
    path: 'v1/metadata/version',
    answer: async ({ version }) => ({ version: await version(), commitId: '' }),
  },
]

const subjects: readonly RegistryRoute[] = [
  {
    method: 'GET',
    path: 'subjects',
    answer: ({ registry }, ask) =>
      registry.subjects.names((ask.query.get('subjectPrefix') ?? '').replace(/^:\.:/, ''), hiddenOf(ask)),
  },
  {
    method: 'POST',
    path: 'subjects/:subject',
    answer: async ({ registry }, ask) => shown(await registry.find(subjectOf(ask), schemaIn(ask), hiddenOf(ask))),
  },
  {
    method: 'DELETE',
    path: 'subjects/:subject',
    changes: true,
    answer: ({ registry }, ask) => registry.removeSubject(subjectOf(ask), flag(ask, 'permanent'), ask.caller),
  },
  {
    method: 'GET',
    path: 'subjects/:subject/versions',
    async answer({ registry }, ask) {
      const versions = await registry.subjects.versions(subjectOf(ask), hiddenOf(ask))
      if (versions.length === 0) throw new HubError('registry.no-subject', { subject: subjectOf(ask) })
      return versions.map(({ version }) => version)
    },
  },
  {
    method: 'POST',
    path: 'subjects/:subject/versions',
    async answer({ registry }, ask) {
      const [subject, schema] = [subjectOf(ask), schemaIn(ask)]
      const { id, version, guid } = await registry.register(subject, schema, ask.caller, flag(ask, 'normalize'))
      return { id, version, guid }
    },
  },
  {
    method: 'GET',
    path: 'subjects/:subject/versions/:version',
    answer: async ({ registry }, ask) =>
      shown(await registry.version(subjectOf(ask), ask.at['version'] ?? '', hiddenOf(ask))),
  },
  {
    method: 'GET',
    path: 'subjects/:subject/versions/:version/schema',
    async answer({ registry }, ask) {
      const { schema } = await registry.version(subjectOf(ask), ask.at['version'] ?? '', hiddenOf(ask))
      return JSON.parse(schema) as unknown
    },
  },
  {
    method: 'GET',
    path: 'subjects/:subject/versions/:version/referencedby',
    async answer({ registry }, ask) {
      await registry.version(subjectOf(ask), ask.at['version'] ?? '', hiddenOf(ask))
      return []
    },
  },
  {
    method: 'DELETE',
    path: 'subjects/:subject/versions/:version',
    changes: true,
    answer: ({ registry }, ask) =>
      registry.removeVersion(subjectOf(ask), ask.at['version'] ?? '', flag(ask, 'permanent'), ask.caller),
  },
  {
    method: 'POST',
    path: 'compatibility/subjects/:subject/versions/:version',
    answer: async (around, ask) =>
      tested(around, ask, [await around.registry.version(subjectOf(ask), ask.at['version'] ?? '')]),
  },
  {
    method: 'POST',
    path: 'compatibility/subjects/:subject/versions',
    answer: async (around, ask) => tested(around, ask, await around.registry.subjects.versions(subjectOf(ask))),
  },
]

/** A rule of one subject or, without one, of all: the same four verbs for levels and modes. */
function rule(of: 'config' | 'mode', path: string): readonly RegistryRoute[] {
  const what = of === 'config' ? 'compatibility' : 'mode'
  const name = of === 'config' ? 'compatibilityLevel' : 'mode'
  const subject = (ask: Ask): string | undefined => (ask.at['subject'] === undefined ? undefined : subjectOf(ask))
  const effective = ({ registry }: Around, ask: Ask): Promise<string> =>
    of === 'config' ? registry.rules.level(subject(ask)) : registry.rules.mode(subject(ask))
  const own = async ({ registry }: Around, ask: Ask): Promise<string> => {
    const found = (await registry.rules.of(subject(ask)))[what]
    if (found !== undefined) return found
    throw new HubError(of === 'config' ? 'registry.no-config' : 'registry.no-mode', { subject: subject(ask) })
  }
  const shows = (around: Around, ask: Ask): Promise<string> =>
    subject(ask) === undefined || flag(ask, 'defaultToGlobal') ? effective(around, ask) : own(around, ask)
  return [
    { method: 'GET', path, answer: async (around, ask) => ({ [name]: await shows(around, ask) }) },
    {
      method: 'PUT',
      path,
      changes: true,
      async answer({ registry }, ask) {
        const { rules } = registry
        const { actor } = ask.caller
        const set =
          of === 'config'
            ? await rules.setLevel(subject(ask), ask.body[what], actor)
            : await rules.setMode(subject(ask), ask.body[what], actor)
        return { [what]: set }
      },
    },
    {
      method: 'DELETE',
      path,
      changes: true,
      async answer(around, ask) {
        const before = await shows(around, ask)
        await around.registry.rules.clear(subject(ask), what, ask.caller.actor)
        return { [name]: before }
      },
    },
  ]
}

/** Everything the registry answers, as Confluent's does. */
export const registryRoutes: readonly RegistryRoute[] = [
  ...schemas,
  ...subjects,
  ...rule('config', 'config'),
  ...rule('config', 'config/:subject'),
  ...rule('mode', 'mode'),
  ...rule('mode', 'mode/:subject'),
]

/** The route of a request, with the parts of its path. Throws `registry.no-route`, `registry.method`. */
export function routeOf(method: string, path: string): { route: RegistryRoute; at: Record<string, string> } {
  const given = path.split('/').filter((part) => part !== '')
  const found = registryRoutes.flatMap((route) => {
    const at = matched(route.path, given)
    return at ? [{ route, at }] : []
  })
  if (found.length === 0) throw new HubError('registry.no-route', { path })
  const wanted = method === 'HEAD' ? 'GET' : method
  const chosen = found.find(({ route }) => route.method === wanted)
  if (!chosen) throw new HubError('registry.method', { method })
  return chosen
}

function matched(path: string, given: readonly string[]): Record<string, string> | undefined {
  const parts = path === '' ? [] : path.split('/')
  if (parts.length !== given.length) return undefined
  const at: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const value = given[index] ?? ''
    if (part.startsWith(':')) at[part.slice(1)] = value
    else if (part !== value) return undefined
  }
  return at
}
