import { eventIdBytes } from '@shuniu/contracts'
import type { LogRecord } from '@shuniu/infra/log'
import type { Row } from '@shuniu/infra/store'
import { newest } from '../page.ts'
import type { ConsolePorts } from '../ports.ts'
import { receiptsAbout } from '../receipts.ts'
import { hashesOf } from '../runs.ts'

export type TraceGround = Pick<
  ConsolePorts,
  'store' | 'log' | 'hashes' | 'connections' | 'flows' | 'contracts' | 'tables' | 'readEvent'
>

/** What stands behind a number: business keys of flows, receipts, and the event whose id it is. */
export interface Seeds {
  readonly keys: ReadonlySet<string>
  readonly receipts: readonly Row<'receipts'>[]
  readonly record?: LogRecord | undefined
}

/** Different documents that one number may mean (记-27 exists every month). */
const mostMeant = 5

/**
 * Finds the business keys behind any number: approval number or id, our reference, id of an event, voucher id or
 * number, run id (`12` when it is nothing else, `run 12` always). Indexes answer all of it but the voucher's number.
 */
export async function seedsOf(ground: TraceGround, number: string): Promise<Seeds> {
  const { store } = ground
  const run = /^(?:run[ :-]?|#)(\d{1,15})$/.exec(number)?.[1]
  if (run !== undefined) return { keys: await keysOfRun(ground, run), receipts: [] }
  const where = { number }
  const runs = await store.select('runs', where, { order: { by: 'id', down: true }, limit: mostMeant })
  const same = await store.select('runs', { key: number, key_hash: await hashesOf(ground, number) }, { limit: 1 })
  const made = await store.select('effects', { reference: number })
  const documents = await store.select(
    'effects',
    { document: number },
    { order: { by: 'id', down: true }, limit: mostMeant },
  )
  const keys = new Set([...runs, ...same, ...made, ...documents].map(({ key }) => key))
  const receipts = [...(await store.select('receipts', where)), ...(await receiptsAbout(ground, number))]
  const record = await recordOf(ground, number)
  for (const key of record ? await keysIn(ground, record) : []) keys.add(key)
  if (keys.size === 0 && receipts.length === 0) return { keys: await keysOfLast(ground, number), receipts }
  return { keys, receipts, record }
}

/** What is looked at last because it is dear or ambiguous: a voucher's number, and a bare run id. */
async function keysOfLast(ground: TraceGround, number: string): Promise<Set<string>> {
  const { items } = await newest(ground.store, 'effects', { document_number: number }, { limit: mostMeant }, false)
  if (items.length > 0) return new Set(items.map(({ key }) => key))
  return /^\d{1,15}$/.test(number) ? keysOfRun(ground, number) : new Set()
}

async function keysOfRun({ store }: TraceGround, id: string): Promise<Set<string>> {
  const run = await store.get('runs', Number(id))
  return new Set(run ? [run.key] : [])
}

/** The event with this id. */
export async function recordOf({ log }: TraceGround, id: string): Promise<LogRecord | undefined> {
  const bytes = eventIdBytes(id)
  return bytes && log.find(bytes)
}

/**
 * The keys under which an event's business is known: each flow's own, the correlation it carries from its first cause
 * on, and for the delivery to no flow the event's own id.
 */
export async function keysIn(ground: TraceGround, record: LogRecord): Promise<Set<string>> {
  const flows = Object.keys(await ground.store.tally('flows', 'flow'))
  const keys = flows.flatMap((flow) => ground.flows.keyOf(flow, record) ?? [])
  const { id, correlation } = ground.readEvent(record)
  return new Set([...keys, correlation, id])
}
