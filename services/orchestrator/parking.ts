import { HubError } from '@shuniu/contracts'
import { commitAudited, type Change, type Row, type Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import type { Connection } from '@shuniu/sdk'
import { documentNamed, type Settlement } from './by-hand.ts'
import { unsettled } from './ledger/outcome.ts'
import { traceLine } from './ledger/rows.ts'
import { oneByOne } from './one-by-one.ts'
import { documentsOf, markedRuns, undoNow } from './undo.ts'

/** Who decides, and why: both are kept. */
export interface Decision {
  readonly actor: string
  readonly reason: string
}

export interface ParkingGround {
  readonly store: Store
  readonly clock: Clock
  readonly connections: ReadonlyMap<string, Connection>
  /** Its row says that it may go on. */
  readonly released: (run: Row<'runs'>) => void
  /** It has ended. */
  readonly ended: (run: Row<'runs'>) => void
  /** Somebody brought what runs wait for: those just being executed may be about to wait for it. */
  readonly brought: (tags: readonly string[]) => void
  /** What a run becomes under today's version of its flow; undefined when the flow is gone. */
  readonly currentVersion: (run: Row<'runs'>) => Promise<Partial<Row<'runs'>> | undefined>
}

/** Tags asked for in one question: a database takes only so many parameters. */
const mostTags = 1_000

/** What a person does with a parked run: retry, resolve, drop. Each is one guarded commit with its audit line. */
export class Parking {
  /** One decision after the other: many at once would all want to be the next line of the audit log. */
  private readonly inTurn = oneByOne()

  constructor(private readonly ground: ParkingGround) {}

  /**
   * Builds and sends what certainly does not exist; what is in doubt is looked up again, or, where nobody can look, taken
   * for absent on this person's word. For an undo: undo now. `currentFlow`: by today's version of the flow, for a run
   * that has made and emitted nothing.
   */
  async retry(id: number, decision: Decision & { readonly currentFlow?: boolean }): Promise<void> {
    const run = await this.parked(id)
    const version = decision.currentFlow === true ? await this.currentVersion(run) : {}
    const absent = run.reason === 'in-doubt' ? await this.takenForAbsent(run, decision) : []
    await this.decide(run, { ...released(run), after_run: null, ...version }, decision, 'retry', absent)
    this.ground.released(run)
  }

  /** A person names the document; it is read and compared. A different one needs `accept`. */
  async resolve(id: number, document: string, decision: Decision & { readonly accept: boolean }): Promise<void> {
    const run = await this.parked(id)
    const effects = await this.effectsOf(run)
    const isUndone = run.kind === 'undo' && !effects.some(({ state }) => unsettled.includes(state))
    const { changes, learned } = isUndone
      ? await this.undoneByHand(run, effects, document)
      : await this.confirmed(run, effects, document, decision.accept)
    await this.decide(run, { state: 'queued', reason: null, detail: null, attempts: 0 }, decision, 'resolve', changes)
    this.ground.released(run)
    if (learned !== undefined) await this.wake([learned], 'a document was named')
  }

  /** Skipped, with who and why. Never while an effect is sending or in doubt. */
  async drop(id: number, decision: Decision): Promise<void> {
    const run = await this.parked(id)
    const effects = await this.effectsOf(run)
    const open = effects.find(({ state }) => unsettled.includes(state))
    if (open) throw new HubError('park.effect-unsettled', { run: id, reference: open.reference })
    const set = { state: 'skipped', reason: 'dropped', waits_for: null, finished_at: this.ground.clock.now() }
    const more = [...this.givenUp(effects), { count: 'deliveries.skipped', by: 1 }]
    await this.decide(run, set, decision, 'drop', more)
    this.ground.ended(run)
  }

  /** Parked runs that wait for one of these tags go on by themselves: a table's row, an open period, a connection. */
  async wake(tags: readonly string[], why: string): Promise<number> {
    this.ground.brought(tags)
    let woken = 0
    for (let from = 0; from < tags.length; from += mostTags) {
      const waits_for = tags.slice(from, from + mostTags)
      for (const run of await this.ground.store.select('runs', { open: 'parked', waits_for }))
        if (await this.wakeOne(run, { actor: 'hub', reason: why })) woken++
    }
    return woken
  }

  /** False when somebody else decided about it at the same moment. */
  private async wakeOne(run: Row<'runs'>, decision: Decision): Promise<boolean> {
    try {
      await this.decide(run, released(run), decision, 'wake')
    } catch (error) {
      if (error instanceof HubError && error.code === 'park.changed-meanwhile') return false
      throw error
    }
    this.ground.released(run)
    return true
  }

  private async parked(id: number): Promise<Row<'runs'>> {
    const run = await this.ground.store.get('runs', id)
    if (!run) throw new HubError('park.unknown', { run: id })
    if (run.state !== 'parked') throw new HubError('park.not-parked', { run: id, state: run.state })
    return run
  }

  private effectsOf({ id }: Row<'runs'>): Promise<Row<'effects'>[]> {
    return this.ground.store.select('effects', { run: id }, { order: { by: 'id' } })
  }

  private givenUp(effects: readonly Row<'effects'>[]): Change[] {
    const set = { state: 'given up', settled_at: this.ground.clock.now() }
    return effects
      .filter(({ state }) => state === 'prepared')
      .map(({ id }) => ({ update: 'effects', where: { id, state: 'prepared' }, set }))
  }

  /** Parked as `in-doubt` with an effect in doubt: nobody can look it up, so the person who did says that nothing came. */
  private async takenForAbsent(run: Row<'runs'>, { actor, reason }: Decision): Promise<Change[]> {
    const doubtful = (await this.effectsOf(run)).filter(({ state }) => state === 'in doubt')
    return doubtful.flatMap(({ id, reference, sends }): Change[] => [
      {
        update: 'effects',
        where: { id, state: 'in doubt' },
        set: { state: 'prepared', sends: Math.max(0, sends - 1) },
      },
      traceLine(this.ground, reference, 'absent, says a person', { actor, reason }),
    ])
  }

  private async currentVersion(run: Row<'runs'>): Promise<Partial<Row<'runs'>>> {
    const made = (await this.effectsOf(run)).some(({ state }) => state !== 'prepared' && state !== 'rejected')
    const [emitted] = await this.ground.store.select('journal', { run: run.id }, { limit: 1 })
    if (made || emitted || run.kind === 'undo') throw new HubError('park.made-something', { run: run.id })
    const columns = await this.ground.currentVersion(run)
    if (!columns) throw new HubError('park.flow-gone', { run: run.id, flow: run.flow })
    return columns
  }

  /** The document an undo run stands at was undone by a person; the run goes on with what is left. */
  private async undoneByHand(run: Row<'runs'>, own: readonly Row<'effects'>[], document: string): Promise<Settlement> {
    const { store } = this.ground
    const [last] = await documentsOf(store, await markedRuns(store, run))
    const set = { undone_by: `by hand: ${document}` }
    const undone: Change[] = last ? [{ update: 'effects', where: { id: last.effect.id, undone_by: null }, set }] : []
    return { changes: [...undone, ...this.givenUp(own)] }
  }

  private async confirmed(
    run: Row<'runs'>,
    effects: readonly Row<'effects'>[],
    document: string,
    accept: boolean,
  ): Promise<Settlement> {
    const effect = effects.findLast(({ state }) => state !== 'confirmed' && state !== 'given up')
    if (!effect) throw new HubError('park.no-effect', { run: run.id })
    const { store } = this.ground
    const [undone] = run.kind === 'undo' ? await documentsOf(store, await markedRuns(store, run)) : []
    return documentNamed(this.ground, { run, effect, document, accept, undone: undone?.effect })
  }

  private decide(
    run: Row<'runs'>,
    set: Partial<Row<'runs'>>,
    { actor, reason }: Decision,
    action: string,
    more: readonly Change[] = [],
  ): Promise<void> {
    return this.inTurn(async () => {
      const line = { actor, reason, action: `park ${action}`, target: `run ${run.id}` }
      const outcome = await commitAudited(this.ground, line, [
        { update: 'runs', where: { id: run.id, state: 'parked' }, set: { next_at: null, noticed_at: null, ...set } },
        { count: 'deliveries.parked', by: -1 },
        ...more,
      ])
      if (outcome !== 'done') throw new HubError('park.changed-meanwhile', { run: run.id })
    })
  }
}

/** Back into its queue. An undo that was told once to undo does not ask again. */
function released({ kind }: Row<'runs'>): Partial<Row<'runs'>> {
  return { state: 'queued', reason: null, detail: null, attempts: 0, waits_for: kind === 'undo' ? undoNow : null }
}
