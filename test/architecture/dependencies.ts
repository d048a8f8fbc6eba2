import { packageNameOf, resolve, type Repository, type SourceFile, type Violation } from './repository.ts'
import { isForTests } from './roles.ts'
import type { Import } from './syntax.ts'

/** Every package that a file imports stands in its own package.json; development dependencies are for tests. */
export function undeclared(repository: Repository): Violation[] {
  return each(repository, (file, name, { line }) => {
    const { dependencies, devDependencies } = file.package
    if (dependencies.has(name)) return []
    if (isForTests(file.path) && (devDependencies.has(name) || repository.tools.has(name))) return []
    return [`${file.path}:${line} ${name} is not a dependency in ${file.package.folder}/package.json`]
  })
}

/** Nothing that runs imports what is only for tests, and nobody imports `test` or `deploy`. */
export function testSupport(repository: Repository): Violation[] {
  return repository.sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ specifier, line }) => {
      const target = resolve(repository, path, specifier)
      const isBreach = target.is === 'file' && isForTests(target.path) && !isForTests(path)
      return isBreach ? [`${path}:${line} ${specifier} is only for tests`] : []
    }),
  )
}

/** Where a driver may be used, and where its types may be named besides. Other packages are for whoever declares them. */
interface DriverHome {
  readonly used: RegExp
  readonly named?: RegExp
}

const nestShell =
  /^services\/[a-z]+\/((.+[./])?(module|controller|filter|guard)|http[a-z-]*|http\/.+)\.ts$|^clients\/nest\//

const homes: Readonly<Record<string, DriverHome>> = {
  'better-sqlite3': { used: /^infra\/embedded\//, named: /^infra\/(store\/sqlite|log\/embedded)\.ts$/ },
  kafkajs: {
    used: /^infra\/kafka\/driver(?:-[a-z]+)?\.ts$|^clients\/nest\/group\.ts$/,
    named: /^infra\/kafka\/kafkajs-inside\.d\.ts$|^clients\/nest\/server\.ts$/,
  },
  pg: { used: /^infra\/postgres\/driver(?:-client)?\.ts$/ },
  undici: { used: /^infra\/outbound\// },
  avsc: { used: /^contracts\/avro\//, named: /^contracts\/codec\/codec\.ts$/ },
  ws: { used: /^connectors\/dingtalk\// },
  yaml: { used: /^infra\/config\// },
  'csv-parse': { used: /^infra\/config\/csv\.ts$/ },
  'big.js': { used: /^contracts\/values\.ts$/ },
  pino: { used: /^infra\/telemetry\/log\.ts$/ },
  'prom-client': { used: /^infra\/telemetry\/(exposition|metrics)\.ts$/ },
  '@opentelemetry/api': { used: /^infra\/telemetry\/otlp\.ts$/ },
  '@opentelemetry/exporter-trace-otlp-proto': { used: /^infra\/telemetry\/otlp\.ts$/ },
  '@opentelemetry/resources': { used: /^infra\/telemetry\/otlp\.ts$/ },
  '@opentelemetry/sdk-trace': { used: /^infra\/telemetry\/(otlp|sampler)\.ts$/ },
  commander: { used: /^services\/hub\/cli\// },
  fastify: { used: nestShell },
  '@nestjs/common': { used: nestShell },
  '@nestjs/core': { used: nestShell },
  '@nestjs/platform-fastify': { used: nestShell },
  'reflect-metadata': { used: nestShell },
  rxjs: { used: nestShell },
}

/** Only the named files touch a driver, so that it can be replaced behind its port. A test may ask it as a witness. */
export function drivers(repository: Repository): Violation[] {
  return each(repository, ({ path }, name, { line, typeOnly }) => {
    const home = homes[name]
    if (!home || isForTests(path) || home.used.test(path) || (typeOnly && home.named?.test(path))) return []
    return [`${path}:${line} only ${String(home.used)} may use ${name}`]
  })
}

/** Goes through the imports of registry packages and our own, by package name. */
function each(
  repository: Repository,
  judge: (file: SourceFile, name: string, found: Import) => Violation[],
): Violation[] {
  return repository.sources.flatMap((file) =>
    file.imports.flatMap((found) => {
      const { specifier } = found
      if (specifier.startsWith('.') || specifier.startsWith('node:')) return []
      return judge(file, packageNameOf(specifier), found)
    }),
  )
}
