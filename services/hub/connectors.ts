import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConnectorDefinition } from '@shuniu/sdk'
import type { SimulatorDefinition } from '@shuniu/sdk/simulator'

interface Manifest {
  readonly name: string
  readonly shuniu?: { readonly connector?: string; readonly simulator?: string }
}

/**
 * The connectors installed beside the hub or beside the project: npm packages whose `package.json` says
 * `"shuniu": { "connector": … }`. Nothing registers them elsewhere.
 */
export async function findConnectors(project?: string): Promise<ReadonlyMap<string, ConnectorDefinition>> {
  const found = new Map<string, ConnectorDefinition>()
  for (const manifest of manifests(project)) {
    if (!manifest.shuniu?.connector) continue
    const module = (await import(resolveFrom(manifest.name, project))) as { default: ConnectorDefinition }
    found.set(module.default.name, module.default)
  }
  return found
}

/** The simulators that installed connectors bring along, by the system's name. */
export async function findSimulators(): Promise<ReadonlyMap<string, SimulatorDefinition>> {
  const found = new Map<string, SimulatorDefinition>()
  for (const manifest of manifests(undefined)) {
    if (!manifest.shuniu?.simulator) continue
    const module = (await import(`${manifest.name}/simulator`)) as { simulator: SimulatorDefinition }
    found.set(module.simulator.name, module.simulator)
  }
  return found
}

function resolveFrom(name: string, project: string | undefined): string {
  if (name.startsWith('@shuniu/') || !project) return name
  return createRequire(join(project, 'package.json')).resolve(name)
}

function* manifests(project: string | undefined): Generator<Manifest> {
  const seen = new Set<string>()
  for (const folder of moduleFolders(project)) {
    for (const file of packagesIn(folder)) {
      const manifest = readManifest(file)
      if (!manifest?.shuniu || seen.has(manifest.name)) continue
      seen.add(manifest.name)
      yield manifest
    }
  }
}

/** `node_modules` of the hub's own place and of the project's, up to the root. */
function* moduleFolders(project: string | undefined): Generator<string> {
  for (const start of [dirname(fileURLToPath(import.meta.url)), ...(project ? [project] : [])]) {
    for (let folder = start; ; folder = dirname(folder)) {
      yield join(folder, 'node_modules')
      if (folder === dirname(folder)) break
    }
  }
}

function* packagesIn(folder: string): Generator<string> {
  for (const name of namesIn(folder)) {
    if (!name.startsWith('@')) yield join(folder, name, 'package.json')
    else for (const inner of namesIn(join(folder, name))) yield join(folder, name, inner, 'package.json')
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function readManifest(file: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest
  } catch {
    return undefined
  }
}
