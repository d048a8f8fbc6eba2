import { hash } from 'node:crypto'
import type { Clock } from '../time/index.ts'
import type { Change, CommitOutcome, Store } from './port.ts'

export interface AuditLine {
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly reason: string
  readonly detail?: string
}

interface AuditGround {
  readonly store: Store
  readonly clock: Clock
}

/**
 * Commits changes with their line of the audit log; each line holds the hash of the one before, so that a missing one shows.
 * When another line comes between, it is made again behind that: lines of two writers never follow the same one.
 */
export async function commitAudited(
  ground: AuditGround,
  line: AuditLine,
  changes: readonly Change[] = [],
): Promise<CommitOutcome['is']> {
  for (;;) {
    const [last] = await ground.store.select('audit', {}, { order: { by: 'id', down: true }, limit: 1 })
    const isLast: Change = { expect: 'audit', where: { id: { above: last?.id ?? 0 } }, none: true }
    const outcome = await ground.store.commit([isLast, ...changes, lineAfter(last?.hash ?? '', ground, line)])
    if (outcome.is !== 'refused' || outcome.at > 0) return outcome.is
  }
}

function lineAfter(previous: string, { clock }: AuditGround, line: AuditLine): Change {
  const row = { at: clock.now(), detail: '', ...line, previous }
  return { insert: 'audit', row: { ...row, hash: auditHash(row) } }
}

export function auditHash(row: Required<AuditLine> & { at: number; previous: string }): string {
  const { at, actor, action, target, reason, detail, previous } = row
  return hash('sha256', JSON.stringify([at, actor, action, target, reason, detail, previous]), 'hex')
}
