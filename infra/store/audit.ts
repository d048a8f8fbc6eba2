import { hash } from 'node:crypto'
import type { Clock } from '../time/index.ts'
import type { Change, Store } from './port.ts'

export interface AuditLine {
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly reason: string
  readonly detail?: string
}

/** The next line of the audit log; each holds the hash of the one before, so that a missing one shows. */
export async function auditChange(ground: { store: Store; clock: Clock }, line: AuditLine): Promise<Change> {
  const [last] = await ground.store.select('audit', {}, { order: { by: 'id', down: true }, limit: 1 })
  const previous = last?.hash ?? ''
  const row = { at: ground.clock.now(), detail: '', ...line, previous }
  return { insert: 'audit', row: { ...row, hash: auditHash(row) } }
}

export function auditHash(row: Required<AuditLine> & { at: number; previous: string }): string {
  const { at, actor, action, target, reason, detail, previous } = row
  return hash('sha256', JSON.stringify([at, actor, action, target, reason, detail, previous]), 'hex')
}
