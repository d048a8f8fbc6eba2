import { HubError, Instant, nearest } from '@shuniu/contracts'
import type { LogRecord } from '@shuniu/infra/log'
import { commitAudited } from '@shuniu/infra/store'
import { z } from 'zod'
import { effectItem, itemOfEffect, type EffectItem } from './effects.ts'
import { actor, reason, text } from './input.ts'
import type { ConsolePorts } from './ports.ts'
import { dayIn } from './reconcile/period.ts'
import { recordsFrom } from './stretches.ts'

const moment = z.iso.datetime({ offset: true }).or(z.iso.date())

export const replayBody = z.strictObject({
  flow: text('Name of the flow'),
  from: moment.optional().meta({ description: 'Facts from this day or moment on' }),
  to: moment.optional().meta({ description: 'Facts before this day or moment' }),
  key: text('Only this business key').optional(),
  apply: z.boolean().default(false).meta({ description: 'false: only tell what would be delivered' }),
  reason,
  actor,
})
export const replayed = z.object({
  events: z.int().meta({ description: 'Events that match' }),
  existing: z.array(effectItem).meta({ description: 'Confirmed and not undone: its document stands in the target' }),
  others: z.array(effectItem).meta({ description: 'Everything else the ledger holds for them, each with its state' }),
  delivered: z.int().meta({ description: 'Events the flow had not had yet' }),
})
export type Replayed = z.output<typeof replayed>

/** Larger replays are done in parts, each with its reason. */
const mostEvents = 10_000
const mostEffects = 500

type ReplayGround = Pick<ConsolePorts, 'store' | 'log' | 'clock' | 'hashes' | 'flows' | 'zone' | 'contracts' | 'status'>

/** Shows, or delivers, older events of a flow. The ledger decides what is sent: what exists is not sent again. */
export async function replay(ports: ReplayGround, ask: z.output<typeof replayBody>): Promise<Replayed> {
  const records = await matching(ports, ask)
  const effects = await effectsFor(ports, ask.flow, records)
  const shown = {
    events: records.length,
    existing: effects.filter(stands),
    others: effects.filter((effect) => !stands(effect)),
  }
  if (!ask.apply) return { ...shown, delivered: 0 }
  const { actor: who, reason: why, flow } = ask
  const line = { actor: who, action: 'replay', target: `flow ${flow}`, reason: why, detail: `${records.length} events` }
  await commitAudited(ports, line)
  let delivered = 0
  for (const record of records) if (await ports.flows.deliver(flow, record)) delivered++
  return { ...shown, delivered }
}

async function matching(ports: ReplayGround, ask: z.output<typeof replayBody>): Promise<LogRecord[]> {
  const topics = await topicsOf(ports, ask.flow)
  const records: LogRecord[] = []
  for await (const record of recordsFrom(ports.log, topics, 0)) {
    if (isWanted(ports, record, ask)) records.push(record)
    if (records.length > mostEvents) throw new HubError('api.too-many-events', { most: mostEvents })
  }
  return records
}

async function topicsOf({ flows, contracts, status }: ReplayGround, flow: string): Promise<string[]> {
  const events = flows.events(flow)
  if (events) {
    const types = [events.on, ...events.undoOn]
    return contracts.filter(({ type }) => types.includes(type)).map(({ topic }) => topic)
  }
  const names = (await status()).flows.map(({ name }) => name)
  throw new HubError('api.unknown-flow', { flow, nearest: nearest(flow, names, Infinity) ?? '—' })
}

function isWanted(
  { flows, zone }: ReplayGround,
  record: LogRecord,
  { flow, from, to, key }: z.output<typeof replayBody>,
): boolean {
  if (from !== undefined && isBefore(record.time, from, zone)) return false
  if (to !== undefined && !isBefore(record.time, to, zone)) return false
  return key === undefined || flows.keyOf(flow, record) === key
}

/** A bare day begins at midnight in the project's own zone. */
function isBefore(ms: number, given: string, zone: string): boolean {
  const instant = Instant.parse(given)
  return instant ? ms < instant.ms : dayIn(zone, ms) < given
}

/** A notice is no document; an undone one was taken back. */
function stands({ kind, state, undoneBy }: EffectItem): boolean {
  return kind === 'money' && state === 'confirmed' && undoneBy === undefined
}

async function effectsFor(ports: ReplayGround, flow: string, records: readonly LogRecord[]): Promise<EffectItem[]> {
  const keys = new Set(records.flatMap((record) => ports.flows.keyOf(flow, record) ?? []))
  const found: EffectItem[] = []
  for (const key of keys) {
    if (found.length >= mostEffects) break
    const runs = await ports.store.select('runs', { key, key_hash: ports.hashes.key(flow, key) })
    const run = runs.map(({ id }) => id)
    const effects = run.length > 0 ? await ports.store.select('effects', { run }, { order: { by: 'id' } }) : []
    found.push(...effects.map(itemOfEffect))
  }
  return found.slice(0, mostEffects)
}
