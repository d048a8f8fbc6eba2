import type { Change, Row, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'

export interface WithdrawalGround {
  readonly store: Store
  readonly clock: Clock
  readonly woken: (run: number) => void
  readonly ended: (run: number) => void
}

const mayExist = ['sending', 'in doubt', 'accepted', 'confirmed']

/**
 * After a mark was set: runs under way look at it before their next send; a parked run of which nothing may exist ends
 * as `skipped: withdrawn`; one with an unsettled effect stays parked until a person has settled it.
 */
export class Withdrawals {
  constructor(private readonly ground: WithdrawalGround) {}

  async marked(keyHash: number): Promise<void> {
    const { store } = this.ground
    const marks = await store.select('marks', { key_hash: keyHash })
    const runs = await store.select('runs', { key_hash: keyHash, kind: 'flow', open: ['queued', 'waiting', 'parked'] })
    for (const run of runs) {
      const mark = marks.find(({ flow, key, up_to }) => flow === run.flow && key === run.key && up_to >= run.revision)
      if (mark) await this.tell(run)
    }
  }

  private async tell(run: Row<'runs'>): Promise<void> {
    if (run.state !== 'parked') return this.ground.woken(run.id)
    const effects = await this.ground.store.select('effects', { run: run.id })
    if (effects.some(({ state }) => mayExist.includes(state))) return
    const set = { state: 'skipped', reason: 'withdrawn', finished_at: this.ground.clock.now() }
    const givenUp = effects.map(({ id }): Change => ({
      update: 'effects',
      where: { id, state: 'prepared' },
      set: { state: 'given up' },
      orSkip: true,
    }))
    const outcome = await this.ground.store.commit([
      { update: 'runs', where: { id: run.id, state: 'parked' }, set },
      { count: 'deliveries.parked', by: -1 },
      { count: 'deliveries.skipped', by: 1 },
      ...givenUp,
    ])
    if (outcome.is === 'done') this.ground.ended(run.id)
  }
}
