import { layers, resolve, type Package, type Repository, type Violation } from './repository.ts'

/**
 * contracts ← infra ← connectors/sdk ← connectors/<system> ← services/* ← services/hub ← test, and beside them
 * contracts ← clients/node ← clients/nest, which are for programs of others: of ours only tests use them.
 * Nothing in a layer imports its own neighbours: no service a service, no connector a connector.
 */
export function direction(repository: Repository): Violation[] {
  return repository.sources.flatMap(({ path, package: from, imports }) =>
    imports.flatMap(({ specifier, line }) => {
      const target = resolve(repository, path, specifier)
      if (target.is === 'nothing') return [`${path}:${line} ${specifier} is no entry of that package`]
      if (target.is !== 'file') return []
      const to = repository.packages.find(({ folder }) => target.path.startsWith(`${folder}/`))
      const breach = breachOf(from, to, specifier)
      return breach === undefined ? [] : [`${path}:${line} ${breach}`]
    }),
  )
}

function breachOf(from: Package, to: Package | undefined, specifier: string): string | undefined {
  if (!to) return `${specifier} belongs to no package`
  if (from === to) return specifier.startsWith('.') ? undefined : `${specifier} is this package itself: import the file`
  if (specifier.startsWith('.')) return `${specifier} reaches into ${to.folder}: import the package ${to.name}`
  const isForOthers = to.layer === 'client' || to.layer === 'nest'
  if (isForOthers && from.layer !== 'nest' && from.layer !== 'test') return `${to.folder} is for programs of others`
  if (layers.indexOf(to.layer) < layers.indexOf(from.layer)) return undefined
  return `${from.folder} must not import ${to.folder}: ${layers.join(' ← ')}`
}
