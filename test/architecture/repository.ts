import { posix } from 'node:path'
import { habits } from './habits.ts'
import { parseSource, type Parsed } from './syntax.ts'

/** Who may stand on whom: a package imports only from layers below its own. */
export const layers = ['contracts', 'client', 'nest', 'infra', 'sdk', 'connector', 'service', 'hub', 'test'] as const
export type Layer = (typeof layers)[number]

export interface Package {
  readonly name: string
  /** From the root: `connectors/kingdee`. */
  readonly folder: string
  readonly layer: Layer
  readonly dependencies: ReadonlySet<string>
  readonly devDependencies: ReadonlySet<string>
  /** What others may import, and the source file behind it: `.`, `./simulator`. */
  readonly entries: ReadonlyMap<string, string>
}

export interface SourceFile extends Parsed {
  readonly path: string
  readonly package: Package
}

export interface Repository {
  /** Every text file, by its path from the root. */
  readonly texts: ReadonlyMap<string, string>
  readonly packages: readonly Package[]
  readonly sources: readonly SourceFile[]
  /** Tools every package's tests may use. */
  readonly tools: ReadonlySet<string>
}

/** One breach of a rule, as it is printed: `path:line rule`. */
export type Violation = string

/** Understands a repository from its files. */
export function repositoryOf(texts: ReadonlyMap<string, string>): Repository {
  const manifests = [...texts].filter(([path]) => posix.basename(path) === 'package.json' && path !== 'package.json')
  const packages = manifests.map(([path, text]) => packageOf(posix.dirname(path), text))
  const sources = [...texts].flatMap(([path, text]) => {
    const owner = packages.find(({ folder }) => path.startsWith(`${folder}/`))
    return owner && path.endsWith('.ts') ? [{ path, package: owner, ...parseSource(text, habits) }] : []
  })
  return { texts, packages, sources, tools: namesIn(parse(texts.get('package.json') ?? '{}'), 'devDependencies') }
}

interface Manifest {
  readonly name?: string
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** A manifest is written by us and read by npm before any test runs, so its shape is known. */
function parse(text: string): Manifest {
  return JSON.parse(text) as Manifest
}

function packageOf(folder: string, text: string): Package {
  const manifest = parse(text)
  const entries = Object.entries(manifest.exports ?? {}).map(([entry, conditions]): [string, string] => [
    entry,
    posix.join(folder, conditions['@shuniu/source'] ?? ''),
  ])
  return {
    name: manifest.name ?? folder,
    folder,
    layer: layerOf(folder),
    dependencies: new Set([...namesIn(manifest, 'dependencies'), ...namesIn(manifest, 'peerDependencies')]),
    devDependencies: namesIn(manifest, 'devDependencies'),
    entries: new Map(entries),
  }
}

function namesIn(
  manifest: Manifest,
  field: 'dependencies' | 'peerDependencies' | 'devDependencies',
): ReadonlySet<string> {
  return new Set(Object.keys(manifest[field] ?? {}))
}

function layerOf(folder: string): Layer {
  if (folder === 'connectors/sdk') return 'sdk'
  if (folder === 'services/hub') return 'hub'
  if (folder === 'clients/node') return 'client'
  if (folder === 'clients/nest') return 'nest'
  if (folder.startsWith('connectors/')) return 'connector'
  if (folder.startsWith('services/')) return 'service'
  const layer = layers.find((name) => name === folder)
  if (layer) return layer
  throw new Error(`${folder} has no layer: say in test/architecture/repository.ts where it stands`)
}

/** What an import means: a file of the repository, a package from the registry, or Node itself. */
export type Target =
  | { readonly is: 'file'; readonly path: string }
  | { readonly is: 'registry'; readonly name: string }
  | { readonly is: 'node' }
  | { readonly is: 'nothing' }

export function resolve(repository: Repository, from: string, specifier: string): Target {
  if (specifier.startsWith('node:')) return { is: 'node' }
  if (specifier.startsWith('.')) return { is: 'file', path: posix.join(posix.dirname(from), specifier) }
  const name = packageNameOf(specifier)
  const own = repository.packages.find((one) => one.name === name)
  if (!own) return { is: 'registry', name }
  const path = own.entries.get(`.${specifier.slice(name.length)}`)
  return path === undefined ? { is: 'nothing' } : { is: 'file', path }
}

/** `@scope/name/sub` → `@scope/name`. */
export function packageNameOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
