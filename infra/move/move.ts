import { isDeepStrictEqual } from 'node:util'
import { HubError } from '@shuniu/contracts'
import { incarnationOf, placeOf } from '../log/place.ts'
import type { EventLog } from '../log/port.ts'
import type { Change, EventRow, Row, TableName } from '../store/index.ts'
import type { Source } from './source.ts'
import type { Target } from './target.ts'

/** Rows that are moved as they are. What is not here is made by the new installation itself: positions, leases, its epoch. */
const moved: readonly TableName[] = [
  'counters',
  'receipts',
  'revisions',
  'cursors',
  'events',
  'schemas',
  'subjects',
  'subject_rules',
  'flows',
  'projects',
  'runs',
  'journal',
  'effects',
  'traces',
  'marks',
  'tokens',
  'crosswalk',
  'audit',
]

const rowsAtOnce = 200
const eventsAtOnce = 400

export interface MoveGround {
  readonly source: Source
  readonly target: Target
  /** The new event log. */
  readonly log: Pick<EventLog, 'append'>
  /** Moves the named reader behind everything that stands in the log now. */
  readonly skipTo: (reader: string) => Promise<void>
  readonly progress: (step: string, done: number, of: number) => void
}

/**
 * Brings an embedded installation to a new ground with its history: rows with their ids, so that dedupe keys, positions,
 * references and what is in doubt stay what they are; then its events, in order; then every row is compared. It may die at
 * any moment and be begun again. Throws `store.differs` when a row is not what it was.
 */
export async function move(ground: MoveGround): Promise<Readonly<Record<string, number>>> {
  ground.source.mark()
  for (const table of moved) await copy(ground, table)
  await publish(ground)
  await ground.target.continueIds([...moved, 'outbox'])
  const counts: Record<string, number> = {}
  for (const table of moved) counts[table] = await compare(ground, table)
  await ground.target.finish()
  return counts
}

async function copy({ source, target, progress }: MoveGround, table: TableName): Promise<void> {
  const total = source.count(table)
  let done = 0
  for (let after = await target.progress(table); ;) {
    const rows = source.rows(table, after, rowsAtOnce)
    const last = rows.at(-1)
    if (!last) return
    await target.write(table, rows, table, last.id)
    after = last.id
    done += rows.length
    progress(table, done, total)
  }
}

/**
 * What had been taken in is published first, and the reader is put behind it; the rest goes through the outbox, like any
 * event. One that is published twice because the move died in between carries the same id.
 */
async function publish({ source, target, log, skipTo, progress }: MoveGround): Promise<void> {
  const total = source.count('events')
  let done = 0
  for (let after = await target.progress('publish'); ;) {
    const rows = source.rows('events', after, eventsAtOnce).filter(({ id }) => id < source.position)
    const last = rows.at(-1)
    if (!last) break
    await log.append(rows.map(eventOf))
    await target.note('publish', (after = last.id))
    progress('publish', (done += rows.length), total)
  }
  if ((await target.progress('skip')) === 0) {
    await skipTo('orchestrator')
    await target.note('skip', 1)
  }
  for (let after = Math.max(source.position - 1, await target.progress('outbox')); ;) {
    const rows = source.rows('events', after, rowsAtOnce)
    const last = rows.at(-1)
    if (!last) return
    await target.write('outbox', rows.map(waiting), 'outbox', (after = last.id))
  }
}

function eventOf({ event_id: eventId, topic, key, time, attributes, data }: Row<'events'>): EventRow {
  return { eventId, topic, key, time, attributes, data }
}

function waiting({ id, event_id, topic, key, time, attributes, data }: Row<'events'>) {
  const { ce_type: type } = JSON.parse(attributes) as { ce_type?: string }
  const routed = { aggregatetype: topic, aggregateid: key, type: type ?? '', payload: data }
  return { id, event_id, ...routed, attributes, time, state: 'waiting', sent_at: null }
}

/** Every row, cell by cell. */
async function compare({ source, target, progress }: MoveGround, table: TableName): Promise<number> {
  const total = source.count(table)
  let same = 0
  for (let after = 0; ;) {
    const ours = source.rows(table, after, rowsAtOnce)
    const theirs = await target.rows(table, after, rowsAtOnce)
    const wrong = ours.findIndex((row, at) => !isDeepStrictEqual(cellsOf(row), cellsOf(theirs[at])))
    if (wrong !== -1 || theirs.length > ours.length)
      throw new HubError('store.differs', { table, row: ours[wrong]?.id ?? Number(theirs[ours.length]?.['id'] ?? 0) })
    const last = ours.at(-1)
    if (!last) return same
    after = last.id
    progress(`compare ${table}`, (same += ours.length), total)
  }
}

function cellsOf(row: object | undefined): Record<string, unknown> {
  const cells = Object.entries(row ?? {}).map(([name, cell]) => [
    name,
    cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cell,
  ])
  return Object.fromEntries(cells)
}

/** Reads on from where a reader stands and takes nothing: afterwards it stands behind what there was. */
export async function skipAll(
  log: Pick<EventLog, 'subscribe' | 'ends' | 'read'>,
  reader: string,
  topics: readonly string[],
  commit: (moved: Change) => Promise<void>,
): Promise<void> {
  const ahead = new Set<number>()
  for (const end of await log.ends(topics)) if (await holds(log, topics, end)) ahead.add(end)
  if (ahead.size === 0) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const subscription = await log.subscribe(reader, topics, async ({ moved: change }) => {
    await commit(change)
    const at = 'upsert' in change && change.upsert === 'places' ? Number(change.row.position) : 0
    for (const end of ahead) if (incarnationOf(end) === incarnationOf(at) && at >= end) ahead.delete(end)
    if (ahead.size === 0) resolve()
  })
  await promise
  await subscription.close()
}

/** Whether anything stands in the partition of this end. */
async function holds(log: Pick<EventLog, 'read'>, topics: readonly string[], end: number): Promise<boolean> {
  const [first] = await log.read({ topics, from: placeOf(incarnationOf(end), 0), limit: 1 })
  return first !== undefined && incarnationOf(first.position) === incarnationOf(end)
}
