import { HubError } from '@shuniu/contracts'
import { sleep } from '@shuniu/infra/time'
import { z } from 'zod'
import type { ConsolePorts } from './ports.ts'

export const readyQuery = z.strictObject({
  verbose: z
    .literal('')
    .or(z.enum(['true', 'false']))
    .optional(),
})
const check = z.object({ name: z.string(), ok: z.boolean(), because: z.string().optional() })
export const ready = z.object({
  ready: z.boolean(),
  notReady: z.array(z.string()).optional(),
  partitions: z.array(z.int()).optional().meta({ description: 'Partitions of the work that are done here, of 64' }),
  checks: z
    .array(check)
    .optional()
    .meta({ description: 'The hub itself, its store, and everything else it stands on' }),
})

type Ready = z.output<typeof ready>

/** How the hub and what it stands on are. */
export interface Look {
  readonly ready: boolean
  /** It has taken up what an earlier life left; once true, it stays so. */
  readonly started: boolean
  readonly checks: readonly z.output<typeof check>[]
  readonly partitions?: readonly number[] | undefined
}

type Looked = Pick<ConsolePorts, 'store' | 'clock' | 'status' | 'dependencies'>

/** A dependency that says nothing for so long counts as gone, ms: the one who asks gives up soon after. */
const patience = 2_000

/** Looks at everything at once; takes no longer than one that does not answer. */
export async function lookAt({ store, clock, status, dependencies = {} }: Looked): Promise<Look> {
  const { notReady, partitions } = await status()
  const own = notReady.length === 0 ? [{ name: 'hub', ok: true }] : notReady.map((name) => ({ name, ok: false }))
  const asks = Object.entries({ store: () => write({ store, clock }), ...dependencies })
  const found = await Promise.all(asks.map(([name, ask]) => checkOf(name, ask, clock)))
  const checks = [...own, ...found]
  return { ready: checks.every(({ ok }) => ok), started: !notReady.includes('starting'), checks, partitions }
}

/** Ready for work: the store can write, what it stands on answers, and nothing else says otherwise. Only `verbose` tells what is missing. */
export async function readiness(ports: Looked, { verbose }: z.output<typeof readyQuery>): Promise<Ready> {
  const look = await lookAt(ports)
  const notReady = look.checks.flatMap(({ name, ok }) => (ok ? [] : [name]))
  if (verbose !== undefined && verbose !== 'false') return verboseOf(look, notReady)
  if (!look.ready) throw new HubError('api.not-ready')
  return { ready: true }
}

function verboseOf({ ready: isReady, checks, partitions }: Look, notReady: string[]): Ready {
  return { ready: isReady, notReady, ...(partitions && { partitions: [...partitions] }), checks: [...checks] }
}

async function checkOf(name: string, ask: () => Promise<unknown>, clock: ConsolePorts['clock']) {
  const enough = new AbortController()
  const late = sleep(clock, patience, enough.signal).then(() => 'late' as const)
  try {
    const isLate = (await Promise.race([ask(), late])) === 'late'
    return { name, ok: !isLate, ...(isLate ? { because: `no answer within ${patience} ms` } : {}) }
  } catch (error) {
    return { name, ok: false, because: error instanceof Error ? error.message : String(error) }
  } finally {
    enough.abort()
  }
}

/** A row is written, for reading tells nothing: a full disk can be read, and so can a store that belongs to a later start. */
async function write({ store, clock }: Pick<ConsolePorts, 'store' | 'clock'>): Promise<void> {
  const row = { name: 'probe', value: String(clock.now()) }
  const outcome = await store.commit([{ upsert: 'meta', row }])
  if (outcome.is !== 'done') throw new Error(`the probe's row was refused (${outcome.is})`)
}
