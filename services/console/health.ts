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

/** Ready for work: the store can be read and nothing says otherwise. Only `verbose` tells what is missing. */
export async function readiness(
  { store, status }: Pick<ConsolePorts, 'store' | 'status'>,
  { verbose }: z.output<typeof readyQuery>,
): Promise<z.output<typeof ready>> {
  const notReady = [...(await status()).notReady, ...(await readable(store))]
  if (notReady.length > 0 && (verbose === undefined || verbose === 'false')) throw new HubError('api.not-ready')
  return { ready: notReady.length === 0, ...(verbose === undefined || verbose === 'false' ? {} : { notReady }) }
}

async function readable(store: ConsolePorts['store']): Promise<string[]> {
  try {
    await store.select('meta', {}, { limit: 1 })
    return []
  } catch {
    return ['store']
  }
}
