import { hash } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HubError } from '@shuniu/contracts'
import { LARGEST_TABLE } from './table.ts'
import { readText, reasonOf } from './text-file.ts'
import { writeAtomically } from './write-atomic.ts'

/**
 * What of a project several processes share, by path in its folder: connections, flows, tables, contracts. `hub.yaml` and
 * secrets are each machine's own, tests are for the desk.
 */
export type Snapshot = ReadonlyMap<string, string>

const shared = { connections: '.yaml', flows: '.yaml', tables: '.csv', contracts: '.avsc' } as const
const known = new RegExp(
  `^(?:${Object.entries(shared)
    .map(([folder, suffix]) => `${folder}/[^/.][^/]*\\${suffix}`)
    .join('|')})$`,
)

/** Reads the shared files of a project's folder, as they are. Throws `config.*` for one that cannot be read. */
export async function readSnapshot(dir: string): Promise<Snapshot> {
  const files = new Map<string, string>()
  for (const folder of Object.keys(shared)) {
    for (const path of await pathsIn(dir, folder)) {
      const { text, problems } = await readText(join(dir, path), path, LARGEST_TABLE)
      if (text === undefined) throw problems[0].error
      files.set(path, text)
    }
  }
  return files
}

/** One hash of all of it: equal for equal files, whatever their order. */
export function hashOf(snapshot: Snapshot): string {
  const entries = [...snapshot].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return hash('sha256', JSON.stringify(entries), 'hex')
}

/** What would have to be done to the first to make it the second. */
export interface SnapshotChange {
  readonly path: string
  readonly change: 'added' | 'changed' | 'removed'
}

export function changesTo(from: Snapshot, to: Snapshot): SnapshotChange[] {
  const paths = [...new Set([...from.keys(), ...to.keys()])].toSorted()
  return paths.flatMap((path): SnapshotChange[] => {
    if (from.get(path) === to.get(path)) return []
    return [{ path, change: !from.has(path) ? 'added' : to.has(path) ? 'changed' : 'removed' }]
  })
}

/** Makes the shared files of a folder those of the snapshot; whoever watches the folder sees whole files only. */
export async function writeSnapshot(dir: string, snapshot: Snapshot): Promise<void> {
  for (const folder of Object.keys(shared)) await mkdir(join(dir, folder), { recursive: true })
  const present = (await Promise.all(Object.keys(shared).map((folder) => pathsIn(dir, folder)))).flat()
  for (const path of present) if (!snapshot.has(path)) await rm(join(dir, path))
  for (const [path, text] of snapshot) {
    const { text: old } = await readText(join(dir, path), path, LARGEST_TABLE)
    if (old === text) continue
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeAtomically(join(dir, path), text)
  }
}

/** As a row keeps it. */
export const packSnapshot = (snapshot: Snapshot): string => JSON.stringify(Object.fromEntries(snapshot))

/** What `packSnapshot` wrote. Throws `internal.bug` for a path that is no file of a project. */
export function unpackSnapshot(text: string): Snapshot {
  const files = new Map<string, string>()
  for (const [path, content] of Object.entries(JSON.parse(text) as Record<string, unknown>)) {
    if (!known.test(path) || typeof content !== 'string') throw new HubError('internal.bug', { what: `file ${path}` })
    files.set(path, content)
  }
  return files
}

async function pathsIn(dir: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(dir, folder)).catch((error: unknown) => {
    if (reasonOf(error) === 'ENOENT') return []
    throw new HubError('config.unreadable', { file: folder, because: reasonOf(error) }, { cause: error })
  })
  return entries
    .map((entry) => `${folder}/${entry}`)
    .filter((path) => known.test(path))
    .toSorted()
}
