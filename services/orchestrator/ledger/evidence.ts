import { isRecord, type ValueRecord } from '@shuniu/contracts'
import type { Change, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import type { Effect, RunInHand } from './ground.ts'
import { traceLine, unpackRecord } from './rows.ts'

const answeredLate = 'answered late'

/**
 * Answers that came after the run's partition was lost: what they confirm can only be written by its new owner, so they are
 * laid beside the ledger. Returns whether there was any.
 */
export async function leaveEvidence(ground: { store: Store; clock: Clock }, run: RunInHand): Promise<boolean> {
  const changes = [...run.effects.values()]
    .filter((effect) => effect.state === 'confirmed' && isPending(run, effect))
    .map(({ reference, sent_at, output }) =>
      traceLine(ground, reference, answeredLate, { sentAt: String(sent_at), output: unpackRecord(output) }),
    )
  if (changes.length > 0) await ground.store.commit(changes)
  return changes.length > 0
}

function isPending({ pending }: RunInHand, { id }: Effect): boolean {
  return pending.some((change: Change) => 'update' in change && change.update === 'effects' && change.where.id === id)
}

/** What the answer to this very send said, when it came to somebody who had lost the partition meanwhile. */
export async function evidenceOf(store: Store, { reference, sent_at }: Effect): Promise<ValueRecord | undefined> {
  const lines = await store.select('traces', { effect: reference, what: answeredLate })
  const found = lines.map(({ detail }) => unpackRecord(detail)).find(({ sentAt }) => sentAt === String(sent_at))
  const output = found?.['output']
  return isRecord(output) ? output : undefined
}
