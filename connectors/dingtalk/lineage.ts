import type { Instant } from '@shuniu/contracts'
import { isFailure } from './failures.ts'
import { isFinal, readInstance, UnreadableInstance, type Instance } from './instance.ts'
import type { Change, Session } from './session.ts'

/** Where a document stands in the chain of its changes (dingtalk.md §2.4). */
export interface Lineage {
  readonly root: string
  /** When the first approval was given, or else made. */
  readonly rootAt: Instant
  /** Agreed changes finished up to this one, itself included when it is one. */
  readonly agreedChanges: number
}

const DEEPEST = 10

/** A new document costs no call; a change or revocation one for its root and one for each unknown other change. */
export async function lineageOf(session: Session, instance: Instance): Promise<Lineage> {
  if (instance.main === undefined) {
    return { root: instance.id, rootAt: instance.finishedAt ?? instance.createdAt, agreedChanges: 0 }
  }
  const { root, attached } = await ancestry(session, instance.main)
  const self = changeOf(instance)
  const others = [...attached].filter((id) => id !== instance.id)
  const changes = [self]
  for (const id of others) changes.push(await readChange(session, id))
  const isBefore = (one: Change): boolean => (instance.kind === 'revoke' ? one.at <= self.at : compare(one, self) <= 0)
  const agreedChanges = changes.filter((one) => one.isAgreedChange && isBefore(one)).length
  return { root: root.id, rootAt: root.finishedAt ?? root.createdAt, agreedChanges }
}

/** From an instance up to the first of its chain, with everything attached on the way. */
async function ancestry(session: Session, main: string): Promise<{ root: Instance; attached: ReadonlySet<string> }> {
  const attached = new Set<string>()
  let root = await readInstance(session, main)
  for (let depth = 1; ; depth++) {
    for (const id of root.attached) attached.add(id)
    if (root.main === undefined) return { root, attached }
    if (depth === DEEPEST) throw new UnreadableInstance(`more than ${DEEPEST} changes of changes above ${main}`)
    root = await readInstance(session, root.main)
  }
}

async function readChange(session: Session, id: string): Promise<Change> {
  const known = session.changes.get(id)
  if (known) return known
  const instance = await readIfThere(session, id)
  if (!instance) return { id, isAgreedChange: false, at: Infinity }
  const change = changeOf(instance)
  if (isFinal(instance)) session.changes.set(id, change)
  return change
}

/** A change that was deleted counts no more. */
async function readIfThere(session: Session, id: string): Promise<Instance | undefined> {
  try {
    return await readInstance(session, id)
  } catch (error) {
    if (isFailure(error, 'not-found')) return undefined
    throw error
  }
}

function changeOf({ id, kind, status, result, finishedAt }: Instance): Change {
  const isAgreedChange = kind === 'modify' && status === 'COMPLETED' && result === 'agree'
  return { id, isAgreedChange, at: finishedAt?.ms ?? Infinity }
}

/**
 * Order of changes: when they finished, then their ids, since times have minutes only. A revocation needs no id:
 * nothing can be changed after it, so what was agreed in its minute was agreed before it.
 */
function compare(one: Change, other: Change): number {
  return one.at - other.at || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0)
}
