import { hash } from 'node:crypto'
import { HubError } from '@shuniu/contracts'
import type { ActiveProject, Decision } from '@shuniu/console'
import { hashOf, packSnapshot, unpackSnapshot, type Snapshot } from '@shuniu/infra/config'
import { commitAudited, type Change, type Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'

/** A project that was taken into use; the highest number is the active one. */
export interface AppliedProject {
  readonly number: number
  readonly hash: string
  readonly files: Snapshot
  readonly actor: string
  /** ms since 1970, UTC. */
  readonly appliedAt: number
}

type Shown = Awaited<ReturnType<ActiveProject['active']>>

interface Ground {
  readonly store: Store
  readonly clock: Clock
}

/** The project that is active in this store; undefined before the first. */
export async function activeProject(store: Store): Promise<AppliedProject | undefined> {
  const [row] = await store.select('projects', {}, { order: { by: 'id', down: true }, limit: 1 })
  if (!row) return undefined
  const { id, files, actor, applied_at } = row
  return { number: id, hash: row.hash, files: unpackSnapshot(files), actor, appliedAt: applied_at }
}

/** As the API shows it. */
export function shownProject({ files, ...rest }: AppliedProject, running: number): Shown {
  const hashes = [...files].map(([path, text]) => [path, hash('sha256', text, 'hex')] as const)
  return { ...rest, running, files: Object.fromEntries(hashes) }
}

/** Makes a project the active one, with a line in the audit log; the one that is active already stays. */
export async function applyProject(ground: Ground, files: Snapshot, decision: Decision): Promise<AppliedProject> {
  for (;;) {
    const before = await activeProject(ground.store)
    if (before?.hash === hashOf(files)) return before
    const applied = await applyBehind(ground, before?.number ?? 0, files, decision)
    if (applied) return applied
  }
}

/** The same, if the project with this number is still the active one; undefined when another came between. */
export async function applyBehind(
  ground: Ground,
  number: number,
  files: Snapshot,
  { actor, reason }: Decision,
): Promise<AppliedProject | undefined> {
  const row = { hash: hashOf(files), files: packSnapshot(files), actor, applied_at: ground.clock.now() }
  const line = { actor, action: 'apply', target: 'project', reason, detail: row.hash }
  const isLast: Change = { expect: 'projects', where: { id: { above: number } }, none: true }
  const outcome = await commitAudited(ground, line, [isLast, { insert: 'projects', row }])
  if (outcome === 'stale') throw new HubError('store.owned', { folder: '' })
  return outcome === 'done' ? activeProject(ground.store) : undefined
}
