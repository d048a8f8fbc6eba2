import { HubError } from '@shuniu/contracts'
import { z } from 'zod'
import type { ConsolePorts } from './ports.ts'

export const readyQuery = z.strictObject({
  verbose: z
    .literal('')
    .or(z.enum(['true', 'false']))
    .optional(),
})
export const ready = z.object({ ready: z.boolean(), notReady: z.array(z.string()).optional() })

type Ready = z.output<typeof ready>

/** Ready for work: the store can write and nothing says otherwise. Only `verbose` tells what is missing. */
export async function readiness(
  { store, clock, status }: Pick<ConsolePorts, 'store' | 'clock' | 'status'>,
  { verbose }: z.output<typeof readyQuery>,
): Promise<Ready> {
  const notReady = [...(await status()).notReady, ...(await unwritable({ store, clock }))]
  const isReady = notReady.length === 0
  if (verbose !== undefined && verbose !== 'false') return { ready: isReady, notReady }
  if (!isReady) throw new HubError('api.not-ready')
  return { ready: true }
}

/** A row is written, for reading tells nothing: a full disk can be read, and so can a store that belongs to a later start. */
async function unwritable({ store, clock }: Pick<ConsolePorts, 'store' | 'clock'>): Promise<string[]> {
  const row = { name: 'probe', value: String(clock.now()) }
  const outcome = await store.commit([{ upsert: 'meta', row }]).catch(() => undefined)
  return outcome?.is === 'done' ? [] : ['store']
}
