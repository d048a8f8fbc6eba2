import type { Store, TableName } from '@shuniu/infra/store'
import { z } from 'zod'
import { breathe } from './stretches.ts'

const received = z.object({
  accepted: z.int(),
  published: z.int(),
  skipped: z.int(),
  parked: z.int(),
  inFlight: z.int(),
  gap: z.int().meta({ description: 'accepted less all the others; always 0' }),
})
const delivered = received.omit({ published: true }).extend({ done: z.int() })
const both = z.object({ receipts: received, deliveries: delivered })

export const conservationQuery = z.strictObject({
  recount: z.enum(['true', 'false']).optional().meta({ description: 'Also count every row again' }),
})
export const conservation = both.extend({ recounted: both.optional() })
export type Conservation = z.output<typeof conservation>

const openReceipts = ['received'] as const
const openRuns = ['queued', 'running', 'waiting'] as const

/** Promise 2's two identities, from the totals and the rows in flight; on demand also from every row. */
export async function readConservation(
  store: Store,
  { recount }: z.output<typeof conservationQuery>,
): Promise<Conservation> {
  const counted = await fromTotals(store)
  return recount === 'true' ? { ...counted, recounted: await fromRows(store) } : counted
}

/** Readings that a commit may come between; then it is read again. */
const readings = 5

/** The totals as their commits count them, with what the small indexes know to be open. */
async function fromTotals(store: Store): Promise<z.output<typeof both>> {
  let totals = await readTotals(store)
  for (let turn = 1; ; turn++) {
    const receipts = sum(await store.tally('receipts', 'open', { open: openReceipts }))
    const runs = sum(await store.tally('runs', 'open', { open: openRuns }))
    const after = await readTotals(store)
    if (turn === readings || JSON.stringify(after) === JSON.stringify(totals)) return balanced(after, receipts, runs)
    totals = after
  }
}

async function readTotals(store: Store): Promise<Record<string, number>> {
  const rows = await store.select('counters', {}, { order: { by: 'name' } })
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}

function balanced(totals: Readonly<Record<string, number>>, receipts: number, runs: number): z.output<typeof both> {
  const of = (name: string): number => totals[name] ?? 0
  const ofReceipts = {
    accepted: of('receipts.accepted'),
    published: of('receipts.published'),
    skipped: of('receipts.skipped'),
    parked: of('receipts.parked'),
    inFlight: receipts,
  }
  const short = { done: ofShort(totals, 'done'), skipped: ofShort(totals, 'skipped') }
  const ofDeliveries = {
    accepted: of('deliveries.accepted') + short.done + short.skipped,
    done: of('deliveries.done') + short.done,
    skipped: of('deliveries.skipped') + short.skipped,
    parked: of('deliveries.parked'),
    inFlight: runs,
  }
  return {
    receipts: { ...ofReceipts, gap: gapOf(ofReceipts) },
    deliveries: { ...ofDeliveries, gap: gapOf(ofDeliveries) },
  }
}

/** Deliveries of flows that only compute and emit have no rows; each flow counts its own. */
function ofShort(totals: Readonly<Record<string, number>>, outcome: 'done' | 'skipped'): number {
  return sum(Object.fromEntries(Object.entries(totals).filter(([name]) => name.startsWith(`short.${outcome} `))))
}

function gapOf({ accepted, ...became }: Readonly<Record<string, number>> & { readonly accepted: number }): number {
  return accepted - sum(became)
}

/** What has no row is taken from the totals. */
async function fromRows(store: Store): Promise<z.output<typeof both>> {
  const withoutRows = Object.entries(await readTotals(store)).filter(([name]) => name.startsWith('short.'))
  const receipts = await countStates(store, 'receipts')
  const runs = await countStates(store, 'runs')
  const totals = {
    ...Object.fromEntries(withoutRows),
    ...named('receipts', receipts),
    ...named('deliveries', runs),
    'receipts.accepted': sum(receipts),
    'deliveries.accepted': sum(runs),
  }
  const open = (states: Readonly<Record<string, number>>, among: readonly string[]): number =>
    among.reduce((total, state) => total + (states[state] ?? 0), 0)
  return balanced(totals, open(receipts, openReceipts), open(runs, openRuns))
}

function named(stage: string, states: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(states).map(([state, count]) => [`${stage}.${state}`, count]))
}

/** Rows counted in one go; other work gets its turn in between. */
const stretch = 50_000

async function countStates(store: Store, table: 'receipts' | 'runs'): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const last = await lastId(store, table)
  for (let from = 0; from <= last; from += stretch) {
    const id = { atLeast: from, below: Math.min(from + stretch, last + 1) }
    const part = await store.tally(table, 'state', { id })
    for (const [state, count] of Object.entries(part)) counts[state] = (counts[state] ?? 0) + count
    await breathe()
  }
  return counts
}

async function lastId(store: Store, table: TableName): Promise<number> {
  const [row] = await store.select(table, {}, { order: { by: 'id', down: true }, limit: 1 })
  return row?.id ?? 0
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, one) => total + one, 0)
