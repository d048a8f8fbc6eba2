import { parkReasons, type Language } from '@shuniu/contracts'
import type { Row, Store } from '@shuniu/infra/store'
import { z } from 'zod'
import { actor, reason, rowId, text } from './input.ts'
import { newest, pageAsks, pageOf, type Page, type PageAsk } from './page.ts'
import type { ConsolePorts } from './ports.ts'
import { itemOfReceipt } from './receipts.ts'
import { itemOfRun } from './runs.ts'
import { parkReasonOf, standingOf, timeOf } from './standing.ts'
import { nextForReceipt, nextForRuns } from './words.ts'

export const parkedQuery = z.strictObject({
  reason: z.enum(parkReasons).optional(),
  limit: pageAsks.limit,
  cursor: z
    .string()
    .regex(/^(run|receipt):\d{1,15}$/)
    .optional(),
})

/** Above every id: the first page of receipts. */
const beyondAll = 999_999_999_999_999

const parkActions = ['retry', 'resolve', 'drop'] as const

export const parkedItem = z.object({
  kind: z.enum(['run', 'receipt']),
  id: z.int(),
  number: z.string().optional(),
  flow: z.string().optional(),
  connection: z.string().optional(),
  reason: z.enum(parkReasons),
  message: z.string(),
  next: z.string().meta({ description: 'What a person should do' }),
  actions: z.array(z.enum(parkActions)),
  effect: z.string().optional().meta({ description: 'Reference of the effect it is about' }),
  since: z.iso.datetime().meta({ description: 'When it came to us' }),
})
export const parkedPage = pageOf(parkedItem)
export type ParkedItem = z.output<typeof parkedItem>

export const parkedParams = z.strictObject({ kind: z.enum(['run', 'receipt']), id: rowId })
export const parkedRunParams = z.strictObject({ id: rowId })
export const decisionBody = z.strictObject({ reason, actor })
export const resolveBody = z.strictObject({
  document: text('Id or number of the document in the target'),
  accept: z.boolean().default(false).meta({ description: 'Take it although it differs from what was to be saved' }),
  reason,
  actor,
})

/** What waits for a person: runs first, then receipts, each newest first. */
export async function listParked(
  store: Store,
  { reason: why, limit, cursor }: z.output<typeof parkedQuery>,
  language: Language,
): Promise<Page<ParkedItem>> {
  const [kind, from] = cursor?.split(':') ?? ['run']
  const where = { open: 'parked', ...(why === undefined ? {} : { reason: why }) }
  const ask: PageAsk = { limit, ...(from === undefined ? {} : { cursor: Number(from) }) }
  if (kind === 'receipt') return receiptsPage(await newest(store, 'receipts', where, ask, true), language)
  const runs = await newest(store, 'runs', where, ask, true)
  const items = await parkedRuns(store, runs.items, language)
  if (runs.next !== undefined) return { items, next: `run:${runs.next}` }
  if (items.length === limit) return { items, next: `receipt:${beyondAll}` }
  const receipts = await newest(store, 'receipts', where, { limit: limit - items.length }, true)
  const page = receiptsPage(receipts, language)
  return { ...page, items: [...items, ...page.items] }
}

function receiptsPage({ items, next }: Page<Row<'receipts'>>, language: Language): Page<ParkedItem> {
  const shown = items.map((row) => parkedReceipt(row, language))
  return next === undefined ? { items: shown } : { items: shown, next: `receipt:${next}` }
}

async function parkedRuns(store: Store, rows: readonly Row<'runs'>[], language: Language): Promise<ParkedItem[]> {
  const effects = await store.select('effects', { run: rows.map(({ id }) => id) }, { order: { by: 'id' } })
  const byRun = Map.groupBy(effects, ({ run }) => run)
  return rows.map((row) => parkedRun(row, byRun.get(row.id) ?? [], language))
}

/** A parked run as it stands before a person; also for `trace`. */
export function parkedRun(row: Row<'runs'>, effects: readonly Row<'effects'>[], language: Language): ParkedItem {
  const { id, number, flow, message = '' } = itemOfRun(row, language)
  const why = parkReasonOf(row.reason)
  const effect = standingOf(row.detail, language)?.effect ?? unsettled(effects)?.reference
  return {
    kind: 'run',
    id,
    flow,
    reason: why,
    message,
    next: nextForRuns[why][language],
    actions: actionsFor(row, effects),
    since: timeOf(row.created_at),
    ...(number === undefined ? {} : { number }),
    ...(effect === undefined ? {} : { effect }),
  }
}

function actionsFor(row: Row<'runs'>, effects: readonly Row<'effects'>[]): ParkedItem['actions'] {
  const undecided = effects.some(({ state }) => ['sending', 'in doubt', 'accepted'].includes(state))
  const can = { retry: true, resolve: row.kind === 'undo' || unsettled(effects) !== undefined, drop: !undecided }
  return parkActions.filter((action) => can[action])
}

function unsettled(effects: readonly Row<'effects'>[]): Row<'effects'> | undefined {
  return effects.findLast(({ state }) => state !== 'confirmed' && state !== 'given up')
}

/** A parked receipt as it stands before a person. */
export function parkedReceipt(row: Row<'receipts'>, language: Language): ParkedItem {
  const { id, connection, number, message = '' } = itemOfReceipt(row, language)
  const why = parkReasonOf(row.reason)
  return {
    kind: 'receipt',
    id,
    connection,
    reason: why,
    message,
    next: nextForReceipt(why)[language],
    actions: ['retry', 'drop'],
    since: timeOf(row.received_at),
    ...(number === undefined ? {} : { number }),
  }
}

export type Decided = z.output<typeof decided>
export const decided = z.object({ kind: z.enum(['run', 'receipt']), id: z.int(), state: z.string() })

type Parking = Pick<ConsolePorts, 'store' | 'parking' | 'receiptParking'>

/** Once more, from the top. */
export async function retryParked(
  ports: Parking,
  { kind, id, ...decision }: z.output<typeof parkedParams> & z.output<typeof decisionBody>,
): Promise<Decided> {
  await (kind === 'run' ? ports.parking : ports.receiptParking).retry(id, decision)
  return stateNow(ports.store, kind, id)
}

/** Skipped, with who and why. */
export async function dropParked(
  ports: Parking,
  { kind, id, ...decision }: z.output<typeof parkedParams> & z.output<typeof decisionBody>,
): Promise<Decided> {
  await (kind === 'run' ? ports.parking : ports.receiptParking).drop(id, decision)
  return stateNow(ports.store, kind, id)
}

/** A person names the document that settles it. */
export async function resolveParked(
  ports: Parking,
  { id, document, ...decision }: z.output<typeof parkedRunParams> & z.output<typeof resolveBody>,
): Promise<Decided> {
  await ports.parking.resolve(id, document, decision)
  return stateNow(ports.store, 'run', id)
}

async function stateNow(store: Store, kind: Decided['kind'], id: number): Promise<Decided> {
  const row = await store.get(kind === 'run' ? 'runs' : 'receipts', id)
  return { kind, id, state: row?.state ?? '' }
}
