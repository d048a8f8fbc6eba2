import type { Change, CommitOutcome, Store } from '@shuniu/infra/store'
import { packEntries } from '../run/journal.ts'
import { NotOurs, OutOfStep, Stale, withdrawn } from '../run/standing.ts'
import type { RunInHand } from './ground.ts'

/** Put first into a commit: refuses it when the document was withdrawn. An undo is what a withdrawal asks for. */
export function unlessWithdrawn({ row }: RunInHand): Change[] {
  if (row.kind === 'undo') return []
  const { flow, key, key_hash, revision } = row
  return [{ expect: 'marks', where: { flow, key, key_hash, up_to: { atLeast: revision } }, none: true }]
}

const existing: readonly string[] = ['sending', 'in doubt', 'accepted', 'confirmed']

/** Whether the run has made, or may have made, a document that would have to be undone. */
export function mayHaveMade({ effects }: RunInHand): boolean {
  return effects.values().some(({ kind, state }) => kind === 'money' && existing.includes(state))
}

/**
 * Commits what the run has pending: settled effects, emitted events, and — because an event once emitted is not emitted
 * again — what was learned up to the last of them; then `changes`. Refused, nothing of it is forgotten.
 */
export async function commitWith(
  store: Store,
  run: RunInHand,
  guard: readonly Change[],
  changes: readonly Change[],
): Promise<CommitOutcome> {
  const pending = [...run.pending]
  const part = run.journal.emitted()
  const row = part && { run: run.row.id, first: part.first, entries: packEntries(part.entries) }
  const learned: Change[] = row ? [{ insert: 'journal', row }] : []
  const outcome = await store.commit([...guard, ...pending, ...learned, ...changes, ...run.hold.fence])
  if (outcome.is !== 'done') return outcome
  run.pending.splice(0, pending.length)
  if (part) run.journal.wrote(part)
  return outcome
}

/** Writes what the run has pending, now. Events of a withdrawn document leave only when there is something to tell of. */
export async function flush(store: Store, run: RunInHand): Promise<void> {
  const emits = run.pending.some((change) => 'append' in change)
  const guard = emits && !mayHaveMade(run) ? unlessWithdrawn(run) : []
  const outcome = await commitWith(store, run, guard, [])
  if (outcome.is !== 'done') throw refusal(outcome, guard)
}

/** Nothing of a run may be sent any more when its partition is lost, half its lease is over, or it is handed over. */
export function mustBeOurs({ hold, row }: Pick<RunInHand, 'hold' | 'row'>): void {
  if (!hold.mayStart()) throw new NotOurs(`run ${row.id} is not to be gone on with here`)
}

export function staleness({ part }: Extract<CommitOutcome, { is: 'stale' }>): Error {
  if (part === undefined) return new Stale('the store belongs to a later start')
  return new NotOurs(`partition ${part} is somebody else's now`)
}

/** What a commit that was not done means to the run. `guard` = `unlessWithdrawn`, which it began with. */
export function refusal(outcome: Exclude<CommitOutcome, { is: 'done' }>, guard: readonly Change[]): Error {
  if (outcome.is === 'stale') return staleness(outcome)
  if (outcome.at < guard.length) return withdrawn()
  return new OutOfStep(`change ${outcome.at} of a commit was refused: ${outcome.why}`)
}
