import type { Change, CommitOutcome } from '../store/port.ts'
import { sqlState, type Reply, type Session } from './driver.ts'
import { inOrder } from './order.ts'
import { appliedOf, statementOf, usesIds } from './statements.ts'

/** What became of one commit inside a transaction that goes on: what it counts, or why it has to be undone. */
export type Outcome =
  | { readonly is: 'done'; readonly ids: readonly (number | undefined)[]; readonly counts: readonly Counted[] }
  | Exclude<CommitOutcome, { is: 'done' }>
  | { readonly is: 'failed'; readonly error: unknown }

export interface Counted {
  readonly count: string
  readonly by: number
}

/**
 * Applies one commit. Its statements are all sent before this function first waits, unless one needs the id that an earlier
 * one gets (`usesIds`).
 */
export async function applyCommit(session: Session, changes: readonly Change[]): Promise<Outcome> {
  const sent: (Promise<Reply> | undefined)[] = Array.from({ length: changes.length })
  let ids: readonly (number | undefined)[] = []
  for (const at of inOrder(changes)) {
    const change = changes[at]
    if (!change) continue
    if (usesIds(change)) ids = idsOf(changes, await Promise.all(sent))
    const statement = statementOf(change, ids)
    if (statement) sent[at] = session.send(statement.text, statement.values)
  }
  return outcomeOf(changes, await Promise.all(sent))
}

type Replies = readonly (Reply | undefined)[]

/** Said of every statement behind one that failed. */
const failedBefore = '25P02'

function outcomeOf(changes: readonly Change[], replies: Replies): Outcome {
  const errors = replies.flatMap((reply) => (reply && 'error' in reply ? [reply.error] : []))
  for (const [at, change] of changes.entries()) {
    const reply = replies[at]
    const applied = reply && !('error' in reply) ? appliedOf(change, reply) : undefined
    if (applied && 'refused' in applied) return { is: 'refused', at, why: applied.refused }
    if (reply && 'error' in reply && sqlState(reply.error) !== failedBefore) return { is: 'failed', error: reply.error }
  }
  if (errors.length > 0) return { is: 'failed', error: errors[0] }
  return { is: 'done', ids: idsOf(changes, replies), counts: changes.flatMap((one) => ('count' in one ? [one] : [])) }
}

function idsOf(changes: readonly Change[], replies: Replies): (number | undefined)[] {
  return changes.map((change, at) => {
    const reply = replies[at]
    const applied = reply && !('error' in reply) ? appliedOf(change, reply) : undefined
    return applied && 'id' in applied ? applied.id : undefined
  })
}
