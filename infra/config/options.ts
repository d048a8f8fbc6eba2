import { resolve } from 'node:path'
import { HubError, languages, nearest, problem, type Language, type Problem } from '@shuniu/contracts'
import { isNetwork, type HubFile } from './hub-file.ts'
import { readSecretFile, reasonOf } from './text-file.ts'

/** One setting of the process: `--hooks-port`, `SHUNIU_HOOKS_PORT`, `SHUNIU_HOOKS_PORT_FILE`, `hooksPort` in hub.yaml. */
interface Option<T> {
  /** Reads a text; undefined when it is not one. */
  readonly parse: (text: string) => T | undefined
  readonly example: string
  readonly help: string
  readonly default: T
  /** True when it must never be shown. */
  readonly secret?: boolean
  /** The same in hub.yaml, where it may stand there. */
  readonly inHub?: (hub: HubFile) => T | undefined
  /** A variable of the system that counts when nothing of ours is set; not understood = not set. */
  readonly system?: string
  /** Its value is the path of a file: `SHUNIU_…_FILE` names that file itself, as it does for secrets. */
  readonly path?: boolean
}

const option = <T>(declared: Option<T>): Option<T> => declared

const words = (text: string): string | undefined => (text === '' ? undefined : text)

function port(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

function flag(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** `10.0.0.0/8, 127.0.0.1` */
function networks(text: string): readonly string[] | undefined {
  const places = text.split(/[\s,]+/).filter((place) => place !== '')
  return places.length > 0 && places.every(isNetwork) ? places : undefined
}

/** `zh`, `zh_CN.UTF-8` and `en-GB` alike. */
function language(text: string): Language | undefined {
  const primary = text.toLowerCase().split(/[-_.]/)[0]
  return languages.find((known) => known === primary)
}

const levels = ['debug', 'info', 'warn', 'error'] as const

/** All settings of the process, in one table. Flags > environment > hub.yaml > default. */
/** What a process does: takes in what vendors hand over, works on it, or both. */
export const roles = ['all', 'ingress', 'orchestrator'] as const
export type Role = (typeof roles)[number]

export const optionTable = {
  project: option({ parse: words, example: './my-project', help: 'Folder of the project.', default: '.' }),
  data: option<string | undefined>({
    parse: words,
    example: '/var/lib/shuniu',
    help: 'Data folder; what hub.yaml says, else `.shuniu` in the project, when left out.',
    default: undefined,
  }),
  host: option({
    parse: words,
    example: '127.0.0.1',
    help: 'Address to listen on.',
    default: '127.0.0.1',
    inHub: (hub) => hub.host,
  }),
  port: option({
    parse: port,
    example: '7070',
    help: 'Port of API, console and hooks; 0 takes a free one.',
    default: 7070,
    inHub: (hub) => hub.port,
  }),
  hooksPort: option<number | undefined>({
    parse: port,
    example: '7071',
    help: 'A port that serves /hooks alone.',
    default: undefined,
    inHub: (hub) => hub.hooksPort,
  }),
  opsPort: option<number | undefined>({
    parse: port,
    example: '7072',
    help: 'A port that serves /livez, /readyz, /startupz and /metrics alone, on every address and to anybody.',
    default: undefined,
    inHub: (hub) => hub.opsPort,
  }),
  tlsCert: option<string | undefined>({
    parse: words,
    example: '/etc/shuniu/tls.crt',
    help: 'PEM file of the certificate; it may change while the hub runs.',
    default: undefined,
    path: true,
  }),
  tlsKey: option<string | undefined>({
    parse: words,
    example: '/etc/shuniu/tls.key',
    help: 'PEM file of its key.',
    default: undefined,
    path: true,
  }),
  behindProxy: option<readonly string[] | undefined>({
    parse: networks,
    example: '10.0.0.0/8',
    help: 'Addresses or networks of the proxy that does TLS; nobody else from elsewhere is answered.',
    default: undefined,
    inHub: (hub) => hub.behindProxy,
  }),
  token: option<string | undefined>({
    parse: (text) => (text.length >= 16 ? text : undefined),
    example: 'a random text of 16 characters or more',
    help: 'Token for administrators of the API; without any, here or by `token create`, only this machine may call it.',
    default: undefined,
    secret: true,
  }),
  lang: option<Language>({
    parse: language,
    example: 'zh',
    help: 'Language of the command line: zh or en.',
    default: 'en',
    system: 'LANG',
  }),
  logLevel: option<(typeof levels)[number]>({
    parse: (text) => levels.find((level) => level === text),
    example: 'info',
    help: 'debug, info, warn or error.',
    default: 'info',
  }),
  role: option<Role>({
    parse: (text) => roles.find((role) => role === text),
    example: 'orchestrator',
    help: 'What this process does of the hub: all, ingress or orchestrator. Several share a PostgreSQL.',
    default: 'all',
  }),
  resync: option({
    parse: flag,
    example: 'true',
    help: 'Nothing is sent before its absence is shown: after the data folder was restored.',
    default: false,
  }),
} as const

export type OptionName = keyof typeof optionTable

export interface OptionSources {
  /** What the command line says, by flag without dashes: `hooks-port`. Other flags are none of this table's business. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly hub?: HubFile | undefined
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const variableOf = (name: string): string => `SHUNIU_${dashed(name).replaceAll('-', '_').toUpperCase()}`

/** Variables of the hub itself, which no connection may read. */
export const reservedVariables: ReadonlySet<string> = new Set(
  Object.keys(optionTable).flatMap((name) => [variableOf(name), `${variableOf(name)}_FILE`]),
)

/** Settings of the process; each is the first of flag, environment, hub.yaml and default that says something. */
export type Options = ReturnType<typeof readOptions>['options']

/** Reads all settings and reports every bad one. Nothing else of the hub looks at flags or at the environment. */
export function readOptions(sources: OptionSources) {
  const problems = likelyTypos(sources.environment)
  const read = <T>(name: OptionName, declared: Option<T>): T => {
    const found = findText(name, sources)
    if (found instanceof HubError) problems.push({ severity: 'error', error: found })
    if (!found || found instanceof HubError) return fallback(declared, sources)
    const value = declared.parse(found.text)
    if (value !== undefined) return value
    problems.push(problem('option.bad-value', { from: found.from, example: declared.example }))
    return declared.default
  }
  const project = read('project', optionTable.project)
  const options = {
    project,
    data: read('data', optionTable.data) ?? dataFolder(project, sources.hub),
    host: read('host', optionTable.host),
    port: read('port', optionTable.port),
    hooksPort: read('hooksPort', optionTable.hooksPort),
    opsPort: read('opsPort', optionTable.opsPort),
    tlsCert: read('tlsCert', optionTable.tlsCert),
    tlsKey: read('tlsKey', optionTable.tlsKey),
    behindProxy: read('behindProxy', optionTable.behindProxy),
    token: read('token', optionTable.token),
    lang: read('lang', optionTable.lang),
    logLevel: read('logLevel', optionTable.logLevel),
    role: read('role', optionTable.role),
    resync: read('resync', optionTable.resync),
  }
  problems.push(...halfTls(options))
  return { options, secrets: options.token ? [options.token] : [], problems }
}

function halfTls({ tlsCert, tlsKey }: Readonly<Record<'tlsCert' | 'tlsKey', string | undefined>>): Problem[] {
  if ((tlsCert === undefined) === (tlsKey === undefined)) return []
  const [there, missing] = tlsCert === undefined ? ['--tls-key', '--tls-cert'] : ['--tls-cert', '--tls-key']
  return [problem('option.half-tls', { there, missing })]
}

/** A relative folder in hub.yaml starts at that file, not where the command was typed. */
function dataFolder(project: string, hub: HubFile | undefined): string {
  return resolve(project, hub?.data ?? '.shuniu')
}

function fallback<T>(declared: Option<T>, { hub, environment }: OptionSources): T {
  const system = declared.system === undefined ? undefined : environment[declared.system]
  const fromSystem = system === undefined ? undefined : declared.parse(system)
  return (hub && declared.inHub?.(hub)) ?? fromSystem ?? declared.default
}

/** What a flag or the environment says about an option, and the name to blame. */
function findText(
  name: OptionName,
  { flags, environment }: OptionSources,
): { text: string; from: string } | HubError | undefined {
  const flagged = flags[dashed(name)]
  if (flagged !== undefined) return { text: String(flagged), from: `--${dashed(name)}` }
  const variable = variableOf(name)
  const [value, path] = [environment[variable], environment[`${variable}_FILE`]]
  if (value && path) return new HubError('option.twice', { from: variable, other: `${variable}_FILE` })
  if (value) return { text: value, from: variable }
  const declared: Option<unknown> = optionTable[name]
  if (path && declared.path) return { text: path, from: `${variable}_FILE` }
  return path ? readNamedFile(path, `${variable}_FILE`) : undefined
}

function readNamedFile(path: string, from: string): { text: string; from: string } | HubError {
  try {
    return { text: readSecretFile(path), from }
  } catch (error) {
    return new HubError('option.unreadable', { path, from, because: reasonOf(error) }, { cause: error })
  }
}

/** Variables that look like one of ours but are none. */
function likelyTypos(environment: OptionSources['environment']): Problem[] {
  return Object.keys(environment).flatMap((variable) => {
    if (!variable.startsWith('SHUNIU_') || reservedVariables.has(variable)) return []
    const meant = nearest(
      variable.slice('SHUNIU_'.length),
      [...reservedVariables].map((one) => one.slice('SHUNIU_'.length)),
    )
    return meant
      ? [problem('option.unknown', { from: variable, nearest: `SHUNIU_${meant}` }, undefined, 'warning')]
      : []
  })
}
