import { HubError, type ValueRecord } from '@shuniu/contracts'
import type { Row, Store } from '@shuniu/infra/store'
import type { FlowEvent, FlowPlan, Scope, UndoPlan } from './flow/plan.ts'
import { unpackRecord } from './ledger/rows.ts'
import type { LiveRun } from './run/live.ts'
import { Interrupt, park } from './run/standing.ts'

export interface UndoGround {
  readonly store: Store
  /** The flow as it was when a run began. */
  readonly planOf: (version: string) => Promise<FlowPlan | undefined>
  /** The event at a place of the log. */
  readonly eventAt: (position: number) => Promise<FlowEvent>
}

const unsettled = ['prepared', 'sending', 'in doubt', 'accepted']

/**
 * The work of an undo run: waits until nothing up to its revision is under way any more, then undoes the confirmed
 * effects of money, the last one first. What cannot be undone by itself stands still for a person.
 */
export async function undo(ground: UndoGround, row: Row<'runs'>, event: FlowEvent, run: LiveRun): Promise<void> {
  const runs = await ground.store.select('runs', { key_hash: row.key_hash, flow: row.flow, key: row.key, kind: 'flow' })
  const marked = runs.filter((one) => one.revision <= row.revision)
  const effects = await effectsOf(ground.store, marked)
  waitForThem(marked, effects)
  for (const effect of effects.filter((one) => needsUndo(one, run)).reverse()) {
    const begun = marked.find((one) => one.id === effect.run)
    if (begun) await undoOne(ground, { row, event, run, effect, begun })
  }
}

async function effectsOf(store: Store, runs: readonly Row<'runs'>[]): Promise<Row<'effects'>[]> {
  const lists = await Promise.all(runs.map((one) => store.select('effects', { run: one.id })))
  return lists.flat().sort((a, b) => a.id - b.id)
}

/** Not before every marked run has ended, or stands still without anything that may still come to exist. */
function waitForThem(runs: readonly Row<'runs'>[], effects: readonly Row<'effects'>[]): void {
  const underWay = runs.some((one) => ['queued', 'running', 'waiting'].includes(one.state))
  const open = effects.some((effect) => unsettled.includes(effect.state) && effect.state !== 'prepared')
  if (underWay || open) throw new Interrupt({ is: 'waiting', because: 'runs under way', after: 1_000, attempt: false })
}

/** What another undo run has undone is done; what this one has undone is told again from its journal. */
function needsUndo(effect: Row<'effects'>, run: LiveRun): boolean {
  const open = effect.undone_by === null || run.effects.has(effect.undone_by)
  return effect.state === 'confirmed' && effect.kind === 'money' && open
}

interface OneUndo {
  readonly row: Row<'runs'>
  readonly event: FlowEvent
  readonly run: LiveRun
  readonly effect: Row<'effects'>
  /** The run that made it. */
  readonly begun: Row<'runs'>
}

async function undoOne(ground: UndoGround, one: OneUndo): Promise<void> {
  const { effect, event, run, row } = one
  const leg = JSON.parse(effect.leg) as string[]
  const path = leg[1] ?? ''
  const plan = (await ground.planOf(one.begun.version))?.undos.get(path)
  run.path = `undo ${path}`
  if (!plan || (plan.mode === 'park' && !released(row))) throw forAPerson(effect, plan)
  const output = await run.call({
    path: run.path,
    leg: [...leg, 'undo'],
    connection: plan.connection,
    operation: plan.operation,
    input: { id: effect.document },
    onTrouble: 'park',
    undone: effect,
  })
  if (!plan.emit || !plan.data) return
  const original = await ground.eventAt(one.begun.event)
  const scope: Scope = { event: event.data, effect: effectValue(effect), original: original.data, undone: output }
  const data = await plan.data(scope, run)
  run.emit(`${run.path} emit`, plan.emit, data)
}

/** A person pressed retry: undo now. */
function released(row: Row<'runs'>): boolean {
  return row.waits_for === 'undo now'
}

/** The confirmed effect as expressions see it: what its operation returned, and our reference. */
export function effectValue(effect: Row<'effects'>): ValueRecord {
  return { ...unpackRecord(effect.output), reference: effect.reference }
}

function forAPerson(effect: Row<'effects'>, plan: UndoPlan | undefined): HubError | Interrupt {
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
