import { openEmbedded, type EmbeddedOptions } from '../embedded/index.ts'
import { ownEverything } from '../leases/everything.ts'
import { openEmbeddedLog } from '../log/embedded.ts'
import { openEmbeddedStore } from '../store/sqlite.ts'
import type { Clock } from '../time/index.ts'
import type { Ground } from './port.ts'

/** Everything in one folder. Rejects with `store.owned` when another hub has it. */
export async function openEmbeddedGround({
  clock,
  ...options
}: EmbeddedOptions & { readonly clock: Clock }): Promise<Ground> {
  const embedded = await openEmbedded(options)
  return {
    store: openEmbeddedStore(embedded),
    log: openEmbeddedLog(embedded, clock),
    ownership: ownEverything(),
    installation: embedded.installation,
    get resync() {
      return embedded.resync
    },
    openResync: () => embedded.openResync(),
    closeResync: () => embedded.closeResync(),
    onFlushed: (listener) => embedded.onFlushed(listener),
    backup: (file) => embedded.backup(file),
    close: () => embedded.close(),
  }
}
