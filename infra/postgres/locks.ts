import { hash52 } from '../store/hash.ts'
import type { Change } from '../store/port.ts'
import { quote } from '../store/sql.ts'
import type { TableName } from '../store/tables.ts'
import type { Statement } from './driver.ts'

/**
 * What a group of commits locks before it reads or writes anything, in one order, so that groups wait for each other
 * instead of passing each other by. A row that is there is locked by whoever changes it; but that *no* row is there
 * (no mark, nothing being sent) stays true only if everybody who could write it takes the same lock first:
 *
 * - a (flow, key), by its `key_hash`: marks and whoever expects none, effects as they begin or are sent, ends of runs;
 * - a root document: revisions and whoever expects none;
 * - a (topic, key) of the outbox: events, so that the order of their ids is that of their commits;
 * - a whole table, for expectations that say neither. Right, and slow: nobody else writes to it meanwhile.
 */
export interface Locks {
  readonly keys: ReadonlySet<number>
  /** Runs and effects whose key has to be looked up. */
  readonly runs: ReadonlySet<number>
  readonly effects: ReadonlySet<number>
  readonly tables: ReadonlySet<TableName>
}

interface Gathered {
  readonly keys: Set<number>
  readonly runs: Set<number>
  readonly effects: Set<number>
  readonly tables: Set<TableName>
}

/** States in which a run is never executed again. */
const ended: readonly unknown[] = ['done', 'skipped']

export function locksOf(commits: readonly (readonly Change[])[]): Locks {
  const locks = {
    keys: new Set<number>(),
    runs: new Set<number>(),
    effects: new Set<number>(),
    tables: new Set<TableName>(),
  }
  for (const changes of commits) for (const change of changes) gather(change, changes, locks)
  return locks
}

function gather(change: Change, changes: readonly Change[], locks: Gathered): void {
  if ('append' in change) return void locks.keys.add(hash52('outbox', change.append.topic, change.append.key))
  if ('expect' in change) return change.none ? absence(change.expect, change.where, locks) : undefined
  if ('insert' in change || 'upsert' in change) return written(change, changes, locks)
  if (!('update' in change)) return
  const where: Record<string, unknown> = change.where
  const { state, run }: Record<string, unknown> = change.set
  if (change.update === 'runs' && ended.includes(state)) ofRun(where, locks)
  if (change.update !== 'effects' || state !== 'sending') return
  if (typeof run === 'number') locks.runs.add(run)
  else if (typeof where['id'] === 'number') locks.effects.add(where['id'])
}

/** A row whose absence others may count on. */
function written(change: Change, changes: readonly Change[], { keys, runs }: Gathered): void {
  const table = 'insert' in change ? change.insert : 'upsert' in change ? change.upsert : undefined
  const row: Record<string, unknown> = 'row' in change ? change.row : {}
  if (table === 'marks' && typeof row['key_hash'] === 'number') keys.add(row['key_hash'])
  if (table === 'revisions') keys.add(rootOf(row))
  if (table !== 'effects') return
  if (typeof row['run'] === 'number') return void runs.add(row['run'])
  const { idOf } = { ...(row['run'] as { idOf?: number }) }
  const made = idOf === undefined ? undefined : changes[idOf]
  if (made && 'insert' in made && made.insert === 'runs') keys.add(Number(made.row.key_hash))
}

function absence(table: TableName, where: Readonly<Record<string, unknown>>, locks: Gathered): void {
  if (table === 'marks' && typeof where['key_hash'] === 'number') locks.keys.add(where['key_hash'])
  else if (table === 'effects' && typeof where['run'] === 'number') locks.runs.add(where['run'])
  else if (table === 'revisions' && typeof where['connection'] === 'string' && typeof where['root'] === 'string')
    locks.keys.add(rootOf(where))
  else locks.tables.add(table)
}

function ofRun({ id, key_hash }: Readonly<Record<string, unknown>>, { keys, runs }: Gathered): void {
  if (typeof key_hash === 'number') keys.add(key_hash)
  else if (typeof id === 'number') runs.add(id)
}

const rootOf = ({ connection, root }: Readonly<Record<string, unknown>>): number =>
  hash52('revisions', String(connection), String(root))

/** Taken in the order of the numbers and names; kept until the transaction ends. */
export function lockStatements({ keys, runs, effects, tables }: Locks): Statement[] {
  const whole = [...tables].toSorted().map(quote).join(', ')
  const statements: Statement[] = []
  if (whole !== '') statements.push({ text: `LOCK TABLE ${whole} IN SHARE ROW EXCLUSIVE MODE`, values: [] })
  if (keys.size + runs.size + effects.size > 0)
    statements.push({ text: lockKeys, values: [[...keys], [...runs], [...effects]] })
  return statements
}

const lockKeys = `SELECT count(pg_advisory_xact_lock(key)) FROM (
  SELECT unnest($1::bigint[]) AS key
  UNION SELECT key_hash FROM runs WHERE id = ANY($2::bigint[])
  UNION SELECT runs.key_hash FROM effects JOIN runs ON runs.id = effects.run WHERE effects.id = ANY($3::bigint[])
  ORDER BY key) AS keys`
