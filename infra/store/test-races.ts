import { expect, test } from 'vitest'
import type { Change, CommitOutcome, EventRow, Store } from './port.ts'
import { anEffect, aRun } from './test-rows.ts'

/** One installation of a store under test; `reopen` is a new start of the same installation. */
export interface StoreUnderTest {
  readonly store: Store
  /** Every event that was appended, oldest first, from where the adapter keeps them. */
  appended(): Promise<readonly EventRow[]>
  /** A second handle that still believes in an older epoch. */
  reopen(): Promise<Store>
  /**
   * Two writers of this epoch, as two processes have them. `second` begins when `first` has come as far as its COMMIT, and
   * has come as far itself, or waits for `first`, when `first` is let go; it is let go when `first` is done.
   */
  race(first: readonly Change[], second: readonly Change[]): Promise<readonly [CommitOutcome, CommitOutcome]>
  close(): Promise<void>
}

const done = { is: 'done' } as const

const lease: Change = { insert: 'leases', row: { part: 3, owner: 'one', epoch: 1 } }
const take: Change = { update: 'leases', where: { part: 3, epoch: 1 }, set: { owner: 'other', epoch: 2 } }
const held: Change = { fence: 3, epoch: 1 }

/** What two writers must never both bring about. */
export function raceCases(under: () => StoreUnderTest): void {
  const mark: Change = { insert: 'marks', row: { flow: 'f', key: 'A-1', key_hash: 11, up_to: 1 } }
  const notMarked: Change = { expect: 'marks', where: { key_hash: 11, up_to: { atLeast: 1 } }, none: true }
  const open = ['queued', 'running', 'parked']
  const runs: Change = { update: 'runs', where: { id: 1, state: open }, set: { state: 'running' } }
  const send = [notMarked, anEffect(), runs]

  test('what was marked before a send commits is not sent', async () => {
    await under().store.commit([aRun()])
    expect(await under().race([mark], send)).toMatchObject([done, { is: 'refused', at: 0, why: 'guard' }])
    expect(await under().store.select('effects', {})).toEqual([])
  })

  test('whoever marks what is being sent sees the send as soon as the mark is set', async () => {
    await under().store.commit([aRun()])
    expect(await under().race(send, [mark])).toMatchObject([done, done])
    const again: Change = { update: 'effects', where: { id: 1, state: 'sending' }, set: { state: 'sending', sends: 2 } }
    expect(await under().store.commit([notMarked, again])).toMatchObject({ is: 'refused', at: 0 })
  })

  test('a run that is being dropped sends nothing, and one that sends is not dropped', async () => {
    await under().store.commit([aRun({ state: 'parked' })])
    const drop: Change[] = [
      { expect: 'effects', where: { run: 1, state: ['sending', 'in doubt'] }, none: true },
      { update: 'runs', where: { id: 1, state: open }, set: { state: 'skipped' } },
    ]
    // As an undo run sends, whom no mark stops.
    expect(await under().race([anEffect(), runs], drop)).toMatchObject([done, { is: 'refused', at: 0, why: 'guard' }])
    const prepared: Change = { update: 'effects', where: { id: 1 }, set: { state: 'prepared' } }
    const again: Change = { update: 'effects', where: { id: 1, state: 'prepared' }, set: { state: 'sending' } }
    await under().store.commit([prepared])
    expect(await under().race([again], drop)).toMatchObject([done, { is: 'refused', at: 0, why: 'guard' }])
    await under().store.commit([prepared])
    expect(await under().race(drop, [again, runs])).toMatchObject([done, { is: 'refused', at: 1, why: 'guard' }])
  })

  test('what comes behind a take-over of its partition is refused, and what came before it is done', async () => {
    await under().store.commit([aRun(), lease])
    const end: Change[] = [{ update: 'runs', where: { id: 1 }, set: { state: 'done' } }, held]
    expect(await under().race(end, [take])).toMatchObject([done, done])
    await under().store.commit([{ update: 'leases', where: { part: 3 }, set: { epoch: 1 } }])
    expect(await under().race([take], end)).toMatchObject([done, { is: 'stale', part: 3 }])
  })

  test('of two that take over a partition one has it', async () => {
    await under().store.commit([lease])
    expect(await under().race([take], [take])).toMatchObject([done, { is: 'refused', at: 0, why: 'guard' }])
  })

  test('of two that claim a pair of the crosswalk one has it, and the other is told', async () => {
    const claim = (to_id: string): Change[] => {
      const from = { from_connection: 'dingtalk', from_id: 'A-1', from_hash: 7 }
      return [{ insert: 'crosswalk', row: { kind: 'payee', ...from, to_connection: 'kingdee', to_id }, ifAbsent: true }]
    }
    expect(await under().race(claim('1'), claim('2'))).toMatchObject([done, { is: 'refused', at: 0, why: 'exists' }])
    expect((await under().store.select('crosswalk', {})).map((row) => row.to_id)).toEqual(['1'])
  })

  test('of two changes of one document only one gets the revision', async () => {
    const give = (document: string, revision: number): [Change, Change] => [
      { expect: 'revisions', where: { connection: 'c', root: 'R', revision }, none: true },
      { insert: 'revisions', row: { connection: 'c', root: 'R', document, kind: 'modify', revision }, ifAbsent: true },
    ]
    const refused = { is: 'refused', at: 0, why: 'guard' }
    expect(await under().race(give('A', 2), give('B', 2))).toMatchObject([done, refused])
    const [, unasked] = give('C', 3)
    expect(await under().race([unasked], give('D', 3))).toMatchObject([done, refused])
  })

  test('where nothing is to be, nothing comes meanwhile, in any table', async () => {
    const only = (name: string): Change[] => [
      { expect: 'cursors', where: { connection: 'c' }, none: true },
      { insert: 'cursors', row: { connection: 'c', name, value: '' } },
    ]
    expect(await under().race(only('a'), only('b'))).toMatchObject([done, { is: 'refused', at: 0, why: 'guard' }])
  })

  test('what a commit counts on stays as it is until it is done', async () => {
    await under().store.commit([aRun()])
    const wanted: Change[] = [
      { expect: 'runs', where: { id: 1, state: 'queued' }, none: false },
      { count: 'seen', by: 1 },
    ]
    const end: Change[] = [{ update: 'runs', where: { id: 1 }, set: { state: 'done' } }]
    expect(await under().race(end, wanted)).toMatchObject([done, { is: 'refused', at: 0, why: 'guard' }])
  })
}
