import type { Row, Store } from '@shuniu/infra/store'
import type { FlowEvent, FlowPlan, Scope, UndoPlan } from './flow/plan.ts'
import type { Effect } from './ledger/ground.ts'
import { legOf, unpackRecord } from './ledger/rows.ts'
import { pathIn } from './flow/path.ts'
import type { LiveRun } from './run/live.ts'
import { Interrupt, park } from './run/standing.ts'
import type { ValueRecord } from '@shuniu/contracts'

export interface UndoGround {
  readonly store: Store
  /** The flow as it was when a run began. Throws where the run stands when it is gone. */
  readonly planOf: (run: Row<'runs'>) => Promise<FlowPlan>
  /** The event at a place of the log. */
  /** What a run is about. */
  readonly eventOf: (run: Row<'runs'>) => Promise<FlowEvent>
  /** Ends what a withdrawal ends; true while one of these runs may still make something. */
  readonly withdraw: (runs: readonly Row<'runs'>[], first: boolean) => Promise<boolean>
}

/** The waits_for of an undo run that a person has told to go on. */
export const undoNow = 'undo now'

/**
 * The work of an undo run: ends the runs up to its revision, waits until nothing of them is under way any more, then undoes
 * their confirmed documents, the last one first. What cannot be undone by itself stands still for a person.
 */
export async function undo(ground: UndoGround, row: Row<'runs'>, event: FlowEvent, run: LiveRun): Promise<void> {
  const marked = await markedRuns(ground.store, row)
  if (await ground.withdraw(marked, row.state === 'queued'))
    throw new Interrupt({ is: 'waiting', because: 'runs under way', attempt: false })
  for (const { effect, begun } of await documentsOf(ground.store, marked, run.effects))
    await undoOne(ground, { row, event, run, effect, begun })
}

/** The runs an undo run speaks of: those of its document up to its revision. */
export function markedRuns(store: Store, { key_hash, flow, key, revision }: Row<'runs'>): Promise<Row<'runs'>[]> {
  return store.select(
    'runs',
    { key_hash, flow, key, kind: 'flow', revision: { atMost: revision } },
    { order: { by: 'id' } },
  )
}

/** A document that is to be undone, and the run that made it. */
export interface Made {
  readonly effect: Row<'effects'>
  readonly begun: Row<'runs'>
}

/** Documents that stand, last made first; with those that the undo run of `own` effects has undone itself before. */
export async function documentsOf(
  store: Store,
  marked: readonly Row<'runs'>[],
  own: ReadonlyMap<string, unknown> = new Map(),
): Promise<Made[]> {
  const made = await Promise.all(
    marked.map(async (begun) => {
      const effects = await store.select('effects', { run: begun.id, state: 'confirmed', kind: 'money' })
      return effects.map((effect) => ({ effect, begun }))
    }),
  )
  return made
    .flat()
    .filter(({ effect: { undone_by } }) => undone_by === null || own.has(undone_by))
    .toSorted((a, b) => b.effect.id - a.effect.id)
}

interface OneUndo extends Made {
  readonly row: Row<'runs'>
  readonly event: FlowEvent
  readonly run: LiveRun
}

async function undoOne(ground: UndoGround, one: OneUndo): Promise<void> {
  const { effect, event, run, row, begun } = one
  const { flow, step, keys } = legOf(effect)
  const path = pathIn(`undo ${step}`, keys)
  run.path = path
  const plan = (await ground.planOf(begun)).undos.get(step)
  if (!plan || (plan.mode === 'park' && row.waits_for !== undoNow && effect.undone_by === null))
    throw forAPerson(effect, plan)
  const output = await run.call({
    path,
    leg: [flow, step, ...keys, 'undo'],
    connection: plan.connection,
    operation: plan.operation,
    input: { id: effect.document },
    onTrouble: 'park',
    undone: effect,
  })
  if (!plan.emit || !plan.data) return
  const original = await ground.eventOf(begun)
  const scope: Scope = { event: event.data, effect: effectValue(effect), original: original.data, undone: output }
  run.path = path
  run.emit(`${path} emit`, plan.emit, await plan.data(scope, run))
}

/** The confirmed effect as expressions see it: what its operation returned, and our reference. */
function effectValue({ output, reference }: Effect): ValueRecord {
  return { ...unpackRecord(output), reference }
}

function forAPerson(effect: Effect, plan: UndoPlan | undefined): Interrupt {
  const document = effect.document_number ?? effect.document ?? effect.reference
  const why = plan
    ? { en: 'The flow asks a person to decide.', zh: '流程要求人工决定。' }
    : { en: 'The flow does not say how to undo it.', zh: '流程没有声明如何冲销。' }
  return park('human', {
    step: 'undo',
    effect: effect.reference,
    message: {
      en: `The approval was withdrawn or changed after ${document} was made. ${why.en} retry = undo now, resolve = undone by hand, drop = the document stays.`,
      zh: `审批在单据 ${document} 生成之后被撤销或变更。${why.zh} 重试＝立即冲销，确认＝已手工冲销，放弃＝保留单据。`,
    },
  })
}
