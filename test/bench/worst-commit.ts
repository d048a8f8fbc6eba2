import { openEmbedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore } from '@shuniu/infra/store'

const seconds = 10
const producers = 64

/**
 * The longest a commit took in a data folder, ms: 64 runs at once, each writing what precedes a send and what settles it,
 * for ten seconds, checkpoints included. The hub must be down; what is written stays.
 */
export async function worstCommit(folder: string): Promise<number> {
  const embedded = await openEmbedded({ folder })
  const store = openEmbeddedStore(embedded)
  const [model] = await store.select('effects', { state: 'confirmed' }, { order: { by: 'id' }, limit: 1 })
  if (!model) throw new Error('the ledger is empty')
  let worst = 0
  const timed = async (commit: Promise<unknown>): Promise<void> => {
    const before = performance.now()
    await commit
    worst = Math.max(worst, performance.now() - before)
  }
  const end = performance.now() + seconds * 1000
  let made = 0
  const producer = async (): Promise<void> => {
    while (performance.now() < end) {
      const reference = `SN-WORST-COMMIT-${store.epoch}-${made++}`
      await timed(store.commit([{ insert: 'effects', row: { ...model, reference, state: 'sending' }, ifAbsent: true }]))
      await timed(
        store.commit([{ update: 'effects', where: { reference, state: 'sending' }, set: { state: 'confirmed' } }]),
      )
    }
  }
  await Promise.all(Array.from({ length: producers }, producer))
  await embedded.close()
  return worst
}
