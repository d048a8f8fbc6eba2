import { hashOf, packSnapshot, unpackSnapshot, type Snapshot } from '@shuniu/infra/config'
import { commitAudited, type Store } from '@shuniu/infra/store'
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

interface Ground {
  readonly store: Store
  readonly clock: Clock
}

/** The project that is active in this store; undefined before the first. */
export async function activeProject(store: Store): Promise<AppliedProject | undefined> {
  const [row] = await store.select('projects', {}, { order: { by: 'id', down: true }, limit: 1 })
  if (!row) return undefined
  const { id, hash, files, actor, applied_at } = row
  return { number: id, hash, files: unpackSnapshot(files), actor, appliedAt: applied_at }
}

/** Makes a project the active one, with a line in the audit log; the one that is active already stays. */
export async function applyProject(
  ground: Ground,
  files: Snapshot,
  { actor, reason }: { readonly actor: string; readonly reason: string },
): Promise<AppliedProject> {
  const hash = hashOf(files)
  const before = await activeProject(ground.store)
  if (before?.hash === hash) return before
  const row = { hash, files: packSnapshot(files), actor, applied_at: ground.clock.now() }
  const line = { actor, action: 'apply', target: 'project', reason, detail: hash }
  await commitAudited(ground, line, [{ insert: 'projects', row }])
  const after = await activeProject(ground.store)
  return after?.hash === hash ? after : applyProject(ground, files, { actor, reason })
}
