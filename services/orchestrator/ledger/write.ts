import type { Change, Store } from '@shuniu/infra/store'
import { OutOfStep } from '../run/standing.ts'
import { mustBeOurs, refusal, unlessWithdrawn } from './commit.ts'
import type { Effect, Hand, RunInHand } from './ground.ts'
import type { NewEffect } from './rows.ts'

/** The row as it stands; `adopted` when another run has made this effect before: then that one counts. */
export interface Written {
  readonly adopted: boolean
  readonly effect: Effect
}

/** The one commit before the first byte: the row, the journal with it, and that nobody has withdrawn the document. */
export async function writeEffect(
  store: Store,
  hand: Hand,
  existing: Effect | undefined,
  row: NewEffect,
  more: readonly Change[] = [],
): Promise<Written> {
  const { run, reference } = hand
  mustBeOurs(run)
  const guard = unlessWithdrawn(run)
  const part = run.journal.unwritten()
  const write: Change = existing
    ? { update: 'effects', where: { id: existing.id, state: existing.state }, set: row }
    : { insert: 'effects', row, ifAbsent: true }
  const outcome = await store.commit([...guard, write, ...running(run), ...more, ...run.hold.fence])
  if (outcome.is === 'refused' && outcome.at === guard.length)
    return { adopted: true, effect: await adopt(store, hand) }
  if (outcome.is !== 'done') throw refusal(outcome, guard)
  run.journal.wrote(part)
  run.running = true
  const effect = { ...row, id: existing?.id ?? outcome.ids[guard.length] ?? 0 }
  run.effects.set(reference, effect)
  return { adopted: false, effect }
}

function running({ row, running: said }: RunInHand): Change[] {
  return said ? [] : [{ update: 'runs', where: { id: row.id }, set: { state: 'running' } }]
}

/** The row of this reference, whoever wrote it. */
export async function adopt(store: Store, { run, reference }: Hand): Promise<Effect> {
  const [effect] = await store.select('effects', { reference })
  if (!effect) throw new OutOfStep(`there is no effect ${reference}`)
  run.effects.set(reference, effect)
  return effect
}
