import { isRecord } from '@shuniu/contracts'
import { packValue, unpackValue } from '@shuniu/infra/json'
import type { Hold } from '@shuniu/infra/leases'
import type { Change, Row, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { staleness } from './ledger/commit.ts'
import { unsettled } from './ledger/outcome.ts'
import { OutOfStep } from './run/standing.ts'

export interface WithdrawalGround {
  readonly store: Store
  readonly clock: Clock
  /** A waiting run is to be tried now: it may have nothing to wait for any more. */
  readonly woken: (run: number) => void
  /** A run has ended. */
  readonly ended: (run: Row<'runs'>) => void
  /** The partition of a run, as it is held now. Throws `NotOurs`. */
  readonly holdOf: (run: Row<'runs'>) => Pick<Hold, 'fence'>
}

/**
 * What a withdrawal means to the runs it speaks of, once its mark is on disk. Runs under way look at the mark before
 * each send; a parked one of which nothing is unsettled ends as `skipped: withdrawn`; one with an unsettled effect stays
 * parked until a person has settled it, and says so.
 */
export class Withdrawals {
  constructor(private readonly ground: WithdrawalGround) {}

  /** True while one of them may still make something. `first`: nobody has told them yet. */
  async withdraw(runs: readonly Row<'runs'>[], first: boolean): Promise<boolean> {
    let open = false
    for (const run of runs) {
      if (run.state === 'parked') open = !(await this.end(run)) || open
      else if (run.state !== 'done' && run.state !== 'skipped') {
        open = true
        if (first) this.ground.woken(run.id)
      }
    }
    return open
  }

  /** Ends a parked run; false when a person has to settle an effect of it before. */
  private async end(run: Row<'runs'>): Promise<boolean> {
    const effects = await this.ground.store.select('effects', { run: run.id })
    if (effects.some(({ state }) => unsettled.includes(state))) return this.tell(run)
    const now = this.ground.clock.now()
    const givenUp = effects
      .filter(({ state }) => state === 'prepared')
      .map(({ id }): Change => ({ update: 'effects', where: { id }, set: { state: 'given up', settled_at: now } }))
    const set = { state: 'skipped', reason: 'withdrawn', waits_for: null, finished_at: now }
    await this.commit(run, [
      { update: 'runs', where: { id: run.id, state: 'parked' }, set },
      { count: 'deliveries.parked', by: -1 },
      { count: 'deliveries.skipped', by: 1 },
      ...givenUp,
    ])
    this.ground.ended(run)
    return true
  }

  /** Whoever settles the effect shall know what comes after it. */
  private async tell(run: Row<'runs'>): Promise<false> {
    const detail = run.detail === null ? null : unpackValue(run.detail)
    const message = isRecord(detail) ? detail['message'] : undefined
    if (!isRecord(detail) || !isRecord(message) || detail['withdrawn'] === true) return false
    const said = { en: `${String(message['en'])} ${words.en}`, zh: `${String(message['zh'])}${words.zh}` }
    const set = { detail: packValue({ ...detail, message: said, withdrawn: true }) }
    await this.commit(run, [{ update: 'runs', where: { id: run.id, state: 'parked' }, set }])
    return false
  }

  private async commit(run: Row<'runs'>, changes: readonly Change[]): Promise<void> {
    const outcome = await this.ground.store.commit([...changes, ...this.ground.holdOf(run).fence])
    if (outcome.is === 'stale') throw staleness(outcome)
    if (outcome.is === 'refused') throw new OutOfStep('a parked run was changed meanwhile')
  }
}

const words = {
  en: 'The approval was withdrawn meanwhile: once this is settled, what exists is undone.',
  zh: '审批已被撤销：此项确定之后，已生成的单据将被冲销。',
} as const
