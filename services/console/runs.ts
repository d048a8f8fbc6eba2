import { runStates, type Language } from '@shuniu/contracts'
import type { Row, Where } from '@shuniu/infra/store'
import { z } from 'zod'
import { text } from './input.ts'
import { allAsked, mapPage, newest, pageAsks, pageOf, type Page } from './page.ts'
import type { ConsolePorts } from './ports.ts'
import { standingOf, timeOf } from './standing.ts'
import { skipWords } from './words.ts'

export const runsQuery = z.strictObject({
  state: z.enum(runStates).optional(),
  flow: text('Name of a flow').optional(),
  number: text('Number of the document, as people know it').optional(),
  reason: text('Why it is parked or skipped').optional(),
  key: text('Business key: id of the approval').optional(),
  all: allAsked,
  ...pageAsks,
})

export const runItem = z.object({
  id: z.int(),
  kind: z.enum(['flow', 'undo']).meta({ description: 'undo: the delivery of a withdrawal or of a higher revision' }),
  flow: z.string(),
  version: z.string().meta({ description: 'Hash of the meaning of the flow it runs on' }),
  key: z.string(),
  number: z.string().optional(),
  revision: z.int(),
  source: z.string(),
  state: z.enum(runStates),
  reason: z.string().optional(),
  message: z.string().optional(),
  step: z.string().optional(),
  attempts: z.int(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().optional(),
  nextAt: z.iso.datetime().optional(),
})
export const runPage = pageOf(runItem)
export type RunItem = z.output<typeof runItem>

/** States a run leaves again: a small index finds these. */
const openStates: readonly string[] = ['queued', 'running', 'waiting', 'parked']

/** Runs, newest first. */
export async function listRuns(
  ports: Pick<ConsolePorts, 'store' | 'hashes'>,
  ask: z.output<typeof runsQuery>,
  language: Language,
): Promise<Page<RunItem>> {
  const { state, flow, number, reason, key, all } = ask
  const open = state !== undefined && openStates.includes(state)
  const where: Where<'runs'> = {
    ...(state === undefined ? {} : open ? { open: state } : { state }),
    ...(flow === undefined ? {} : { flow }),
    ...(number === undefined ? {} : { number }),
    ...(reason === undefined ? {} : { reason }),
    ...(key === undefined ? {} : { key, key_hash: await hashesOf(ports, key) }),
  }
  const indexed = open || number !== undefined || key !== undefined
  const everything = all === 'true' || indexed || state !== undefined || reason !== undefined
  const page = await newest(ports.store, 'runs', where, ask, indexed, everything ? undefined : hasFlow)
  return mapPage(page, (row) => itemOfRun(row, language))
}

/** Of an event that no flow wants there is a run too: promise 2 counts it. */
const hasFlow = ({ flow }: Row<'runs'>): boolean => flow !== ''

/** The hashes under which any flow keeps this business key. */
export async function hashesOf(
  { store, hashes }: Pick<ConsolePorts, 'store' | 'hashes'>,
  key: string,
): Promise<number[]> {
  const flows = Object.keys(await store.tally('flows', 'flow'))
  return ['', ...flows].map((flow) => hashes.key(flow, key))
}

/** A run for people and programs. */
export function itemOfRun(row: Row<'runs'>, language: Language): RunItem {
  const standing = standingOf(row.detail, language)
  const message = standing?.message ?? (row.state === 'skipped' ? skipWords[row.reason ?? '']?.[language] : undefined)
  const { finished_at, next_at, number, reason } = row
  return {
    id: row.id,
    kind: row.kind === 'undo' ? 'undo' : 'flow',
    flow: row.flow,
    version: row.version,
    key: row.key,
    revision: row.revision,
    source: row.source,
    state: runStates.find((state) => state === row.state) ?? 'queued',
    attempts: row.attempts,
    createdAt: timeOf(row.created_at),
    ...(number === null ? {} : { number }),
    ...(reason === null ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(standing?.step === undefined ? {} : { step: standing.step }),
    ...(finished_at === null ? {} : { finishedAt: timeOf(finished_at) }),
    ...(next_at === null ? {} : { nextAt: timeOf(next_at) }),
  }
}
