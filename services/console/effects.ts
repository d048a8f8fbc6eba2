import { effectStates, grades } from '@shuniu/contracts'
import { maskText } from '@shuniu/infra/telemetry'
import type { Row, Store, Where } from '@shuniu/infra/store'
import { z } from 'zod'
import { rowId, text } from './input.ts'
import { mapPage, newest, pageAsks, pageOf, type Page } from './page.ts'
import { timeOf, unpackRecord } from './standing.ts'

export const effectsQuery = z.strictObject({
  state: z.enum(effectStates).optional(),
  connection: text('Name of a connection').optional(),
  number: text('Number of the document that caused it').optional(),
  run: rowId.optional().meta({ type: 'string', description: 'Id of the run' }),
  reference: text('Our reference: SN and 26 characters').optional(),
  ...pageAsks,
})

export const effectItem = z.object({
  reference: z.string(),
  run: z.int(),
  flow: z.string(),
  step: z.string(),
  key: z.string(),
  number: z.string().optional(),
  revision: z.int(),
  leg: z.array(z.string()).meta({ description: 'Flow, step, and the key of each list entry on the way to it' }),
  connection: z.string(),
  operation: z.string(),
  kind: z.enum(['money', 'notice']),
  grade: z.enum(grades).meta({ description: 'A the target enforces our reference, B it can be looked up, C neither' }),
  state: z.enum(effectStates),
  document: z.string().optional(),
  documentNumber: z.string().optional(),
  sends: z.int(),
  attempts: z.int(),
  lookUps: z.int(),
  sentAt: z.iso.datetime().optional(),
  settledAt: z.iso.datetime().optional(),
  undoneBy: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
})
export const effectPage = pageOf(effectItem)
export type EffectItem = z.output<typeof effectItem>

const openStates: readonly string[] = ['prepared', 'sending', 'in doubt', 'accepted']

/** The ledger, newest first. */
export async function listEffects(store: Store, ask: z.output<typeof effectsQuery>): Promise<Page<EffectItem>> {
  const { state, connection, number, run, reference } = ask
  const open = state !== undefined && openStates.includes(state)
  const runs = number === undefined ? undefined : await runsOf(store, number)
  const where: Where<'effects'> = {
    ...(state === undefined ? {} : open ? { open: state } : { state }),
    ...(connection === undefined ? {} : { connection }),
    ...(reference === undefined ? {} : { reference }),
    ...(runs === undefined ? {} : { number: number ?? null, run: runs }),
    ...(run === undefined ? {} : { run }),
  }
  const indexed = open || [number, run, reference].some((one) => one !== undefined)
  return mapPage(await newest(store, 'effects', where, ask, indexed), itemOfEffect)
}

async function runsOf(store: Store, number: string): Promise<number[]> {
  const rows = await store.select('runs', { number }, { order: { by: 'id', down: true }, limit: 500 })
  return rows.map(({ id }) => id)
}

/** A row of the ledger for people and programs. */
export function itemOfEffect(row: Row<'effects'>): EffectItem {
  const leg = legOf(row.leg)
  const { number, document, document_number, sent_at, settled_at, undone_by } = row
  const error = unpackRecord(row.error)
  return {
    reference: row.reference,
    run: row.run,
    flow: row.flow,
    step: leg.slice(1).join('/'),
    key: row.key,
    revision: row.revision,
    leg,
    connection: row.connection,
    operation: row.operation,
    kind: row.kind === 'money' ? 'money' : 'notice',
    grade: grades.find((grade) => grade === row.grade) ?? 'C',
    state: effectStates.find((state) => state === row.state) ?? 'in doubt',
    sends: row.sends,
    attempts: row.attempts,
    lookUps: row.look_ups,
    ...(number === null ? {} : { number }),
    ...(document === null ? {} : { document }),
    ...(document_number === null ? {} : { documentNumber: document_number }),
    ...(sent_at === null ? {} : { sentAt: timeOf(sent_at) }),
    ...(settled_at === null ? {} : { settledAt: timeOf(settled_at) }),
    ...(undone_by === null ? {} : { undoneBy: undone_by }),
    ...(row.error === null
      ? {}
      : { error: { code: String(error['code']), message: maskText(String(error['message'])) } }),
  }
}

export function legOf(column: string): string[] {
  const leg: unknown = JSON.parse(column)
  return Array.isArray(leg) ? leg.map(String) : []
}
