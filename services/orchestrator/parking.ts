import { HubError } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import { auditChange, type Change, type Row, type Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import type { Connection } from '@shuniu/sdk'
import { documentOf, outputRecord, traceLine } from './ledger/rows.ts'

/** Who decides, and why: both are kept. */
export interface Decision {
  readonly actor: string
  readonly reason: string
}

export interface ParkingGround {
  readonly store: Store
  readonly clock: Clock
  readonly connections: ReadonlyMap<string, Connection>
  readonly woken: (run: number) => void
  readonly ended: (run: number) => void
}

/** What a person does with a parked run: retry, resolve, drop. Each is one guarded commit with its audit line. */
export class Parking {
  constructor(private readonly ground: ParkingGround) {}

  /** Builds and sends what certainly does not exist; what is in doubt is looked up again. For an undo: undo now. */
  async retry(id: number, decision: Decision): Promise<void> {
    const run = await this.parked(id)
    const release = run.kind === 'undo' ? { waits_for: 'undo now' } : { waits_for: null }
    await this.settle(run, { state: 'queued', reason: null, detail: null, attempts: 0, ...release }, decision, 'retry')
    this.ground.woken(id)
  }

  /** A person names the document; it is read and compared. A different one needs `accept`. */
  async resolve(id: number, document: string, decision: Decision & { accept: boolean }): Promise<void> {
    const run = await this.parked(id)
    if (run.kind === 'undo') return this.undoneByHand(run, document, decision)
    const effect = await this.unsettled(run)
    const settled = await this.confirmedBy(effect, document, decision.accept)
    await this.settle(run, { state: 'queued', reason: null, detail: null, attempts: 0 }, decision, 'resolve', settled)
    this.ground.woken(id)
  }

  /** Skipped, with who and why. Never while an effect is sending or in doubt. */
  async drop(id: number, decision: Decision): Promise<void> {
    const run = await this.parked(id)
    const effects = await this.ground.store.select('effects', { run: id })
    const open = effects.find(({ state }) => ['sending', 'in doubt', 'accepted'].includes(state))
    if (open) throw new HubError('park.effect-unsettled', { run: id, reference: open.reference })
    const set = { state: 'skipped', reason: 'dropped', finished_at: this.ground.clock.now() }
    const given: Change[] = effects
      .filter(({ state }) => state === 'prepared')
      .map((effect) => ({ update: 'effects', where: { id: effect.id }, set: { state: 'given up' } }))
    await this.settle(run, set, decision, 'drop', [...given, { count: 'deliveries.skipped', by: 1 }])
    this.ground.ended(id)
  }

  /** Parked runs that wait for one of these tags wake by themselves: a table's row, an open period, a connection. */
  async wake(tags: readonly string[], why: string): Promise<number> {
    if (tags.length === 0) return 0
    const waiting = await this.ground.store.select('runs', { open: 'parked', waits_for: tags })
    const decision = { actor: 'hub', reason: why }
    for (const run of waiting) {
      const set = { state: 'queued', reason: null, detail: null, waits_for: null, attempts: 0 }
      await this.settle(run, set, decision, 'wake')
      this.ground.woken(run.id)
    }
    return waiting.length
  }

  private async undoneByHand(run: Row<'runs'>, document: string, decision: Decision): Promise<void> {
    const set = {
      state: 'done',
      reason: 'undone by hand',
      detail: packValue({ document }),
      finished_at: this.ground.clock.now(),
    }
    const runs = await this.ground.store.select('runs', {
      key_hash: run.key_hash,
      key: run.key,
      flow: run.flow,
      kind: 'flow',
    })
    const ids = runs.filter(({ revision }) => revision <= run.revision).map(({ id }) => id)
    const undone: Change = {
      update: 'effects',
      where: { run: ids, state: 'confirmed', kind: 'money', undone_by: null },
      set: { undone_by: `by hand: ${document}` },
      many: true,
    }
    await this.settle(run, set, decision, 'resolve', [undone, { count: 'deliveries.done', by: 1 }])
    this.ground.ended(run.id)
  }

  private async parked(id: number): Promise<Row<'runs'>> {
    const run = await this.ground.store.get('runs', id)
    if (!run) throw new HubError('park.unknown', { run: id })
    if (run.state !== 'parked') throw new HubError('park.not-parked', { run: id, state: run.state })
    return run
  }

  private async unsettled(run: Row<'runs'>): Promise<Row<'effects'>> {
    const effects = await this.ground.store.select('effects', { run: run.id }, { order: { by: 'id', down: true } })
    const effect = effects.find(({ state }) => state !== 'confirmed' && state !== 'given up')
    if (!effect) throw new HubError('park.no-effect', { run: run.id })
    return effect
  }

  private async confirmedBy(effect: Row<'effects'>, document: string, accept: boolean): Promise<Change[]> {
    const connection = this.ground.connections.get(effect.connection)
    const operation = connection?.operations.get(effect.operation)
    const found = await operation?.definition.readById?.(connection?.link, document)
    if (!operation || !found || !operation.definition.outputOf)
      throw new HubError('park.document-unknown', { document, connection: effect.connection })
    const same = operation.definition.fingerprintFound?.(found) === effect.fingerprint
    if (!same && !accept) throw new HubError('park.document-differs', { document, reference: effect.reference })
    const output = outputRecord(operation, operation.definition.outputOf(found))
    const now = this.ground.clock.now()
    const set = { state: 'confirmed', output: packValue(output), ...documentOf(output), settled_at: now }
    return [
      { update: 'effects', where: { id: effect.id, state: effect.state }, set },
      traceLine(this.ground, effect.reference, 'resolved by a person', { document, same }),
    ]
  }

  private async settle(
    run: Row<'runs'>,
    set: Partial<Row<'runs'>>,
    decision: Decision,
    action: string,
    more: readonly Change[] = [],
  ): Promise<void> {
    const outcome = await this.ground.store.commit([
      { update: 'runs', where: { id: run.id, state: 'parked' }, set: { next_at: null, noticed_at: null, ...set } },
      { count: 'deliveries.parked', by: -1 },
      ...more,
      await auditChange(this.ground, { ...decision, action: `park ${action}`, target: `run ${run.id}` }),
    ])
    if (outcome.is !== 'done') throw new HubError('park.changed-meanwhile', { run: run.id })
  }
}
