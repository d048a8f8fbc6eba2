import type { Database, Statement } from 'better-sqlite3'
import type { Settled } from '../store/committer.ts'
import type { Append, Change, Expect, Fence, Insert, Remove, Update, Upsert } from '../store/port.ts'
import { columnsOf, identityOf, quote, type Parameter } from '../store/sql.ts'
import type { TableName } from '../store/tables.ts'
import { behindColumns, bindWhere, Shape } from './shape.ts'
import { whereSql } from './sql.ts'

class Refused extends Error {
  constructor(
    readonly at: number,
    readonly why: 'exists' | 'guard',
  ) {
    super(why)
  }
}

class Lost extends Error {
  constructor(readonly part: number) {
    super(`partition ${part} is somebody else's`)
  }
}

type Ids = (number | undefined)[]

/**
 * Applies groups of commits to the data file, each group in one transaction with one fsync, each commit in a savepoint
 * of its own. Runs on the main thread or in a worker: it knows nothing but the database and the data it is given.
 */
export class Writer {
  private readonly statements = new Map<string, Statement>()
  private readonly shapes = new Shape()
  private counts = new Map<string, number>()
  /** Whether the commit being applied has changed a row. */
  private wrote = false

  constructor(
    private readonly database: Database,
    private readonly epoch: number,
  ) {}

  /** Throws when the transaction itself failed (disk full): then nothing of the group happened. */
  flush(commits: readonly (readonly Change[])[]): Settled[] {
    return this.transact(commits, (changes) => this.applyAlone(changes)) ?? this.flushInSavepoints(commits)
  }

  /** The slow way, for a group in which a commit was refused after it had written something. */
  private flushInSavepoints(commits: readonly (readonly Change[])[]): Settled[] {
    return this.transact(commits, (changes) => this.attempt(changes)) ?? []
  }

  /** One transaction around a group; undefined when it was rolled back because a commit has to be undone alone. */
  private transact(
    commits: readonly (readonly Change[])[],
    settle: (changes: readonly Change[]) => Settled | undefined,
  ): Settled[] | undefined {
    this.counts = new Map()
    this.run('BEGIN IMMEDIATE')
    try {
      const stale = this.isStale()
      const settled: Settled[] = []
      for (const changes of commits) {
        const one = stale ? ({ outcome: { is: 'stale' } } as const) : settle(changes)
        if (!one) return this.abandon()
        settled.push(one)
      }
      for (const [name, by] of this.counts) this.addTotal(name, by)
      this.run('COMMIT')
      return settled
    } catch (error) {
      if (this.database.inTransaction) this.run('ROLLBACK')
      throw error
    }
  }

  /** A full disk may have ended the transaction already. */
  private abandon(): undefined {
    if (this.database.inTransaction) this.run('ROLLBACK')
    return undefined
  }

  private isStale(): boolean {
    const row = this.prepared(`SELECT value FROM meta WHERE name = 'epoch'`).get() as { value: string } | undefined
    return row?.value !== String(this.epoch)
  }

  /** Without a savepoint: a commit that is refused before it wrote anything needs none. Undefined: it needs one. */
  private applyAlone(changes: readonly Change[]): Settled | undefined {
    const counted = new Map<string, number>()
    this.wrote = false
    try {
      const ids = this.apply(changes, counted)
      this.addCounts(counted)
      return { outcome: { is: 'done', ids } }
    } catch (error) {
      if (this.wrote || !this.database.inTransaction) return undefined
      return settledBy(error)
    }
  }

  private addCounts(counted: ReadonlyMap<string, number>): void {
    for (const [name, by] of counted) this.counts.set(name, (this.counts.get(name) ?? 0) + by)
  }

  private attempt(changes: readonly Change[]): Settled {
    const counted = new Map<string, number>()
    this.run('SAVEPOINT one')
    try {
      const ids = this.apply(changes, counted)
      this.run('RELEASE one')
      this.addCounts(counted)
      return { outcome: { is: 'done', ids } }
    } catch (error) {
      // A full disk may have ended the whole transaction: then nothing is left to go back to.
      if (!this.database.inTransaction) throw error
      this.run('ROLLBACK TO one')
      this.run('RELEASE one')
      return settledBy(error)
    }
  }

  private apply(changes: readonly Change[], counted: Map<string, number>): Ids {
    const ids: Ids = []
    for (let at = 0; at < changes.length; at++) {
      const change = changes[at]!
      ids.push(undefined)
      if ('insert' in change) ids[at] = this.insert(change, at, ids)
      else if ('update' in change) this.update(change, at, ids)
      else if ('append' in change) ids[at] = this.append(change)
      else if ('count' in change) counted.set(change.count, (counted.get(change.count) ?? 0) + change.by)
      else if ('upsert' in change) ids[at] = this.upsert(change, ids)
      else if ('expect' in change) this.expect(change, at)
      else if ('fence' in change) this.mind(change)
      else this.remove(change)
    }
    return ids
  }

  private insert(change: Insert, at: number, ids: Ids): number | undefined {
    const values = this.values(change.insert, change.row, ids)
    const quiet = change.ifAbsent === true || change.orSkip === true
    const result = this.inserting(change.insert, quiet).run(values)
    if (result.changes === 1) {
      this.wrote = true
      return Number(result.lastInsertRowid)
    }
    if (change.orSkip) return undefined
    throw new Refused(at, 'exists')
  }

  private upsert({ upsert: table, row }: Upsert, ids: Ids): number {
    const shape = behindColumns(this.shapes.at('upsert').at(table), row)
    const statement = (shape.statement ??= this.database.prepare(upsertSql(table, Object.keys(row))))
    this.wrote = true
    return Number(statement.run(this.values(table, row, ids)).lastInsertRowid)
  }

  private update(change: Update, at: number, ids: Ids): void {
    const { update: table, set, where } = change
    const values: Parameter[] = []
    for (const column in set) values.push(resolve((set as Readonly<Record<string, unknown>>)[column], ids))
    const shape = bindWhere(behindColumns(this.shapes.at('update').at(table), set), where, values)
    const result = (shape.statement ??= this.database.prepare(updateSql(change))).run(values)
    if (result.changes > 0) this.wrote = true
    if (result.changes !== 1 && !change.orSkip && !change.many) throw new Refused(at, 'guard')
  }

  private append({ append: { eventId, topic, key, time, attributes, data } }: Append): number | undefined {
    const values = this.values('events', { event_id: eventId, topic, key, time, attributes, data }, [])
    const result = this.inserting('events', true).run(values)
    if (result.changes !== 1) return undefined
    this.wrote = true
    return Number(result.lastInsertRowid)
  }

  private expect({ expect: table, where, none }: Expect, at: number): void {
    const values: Parameter[] = []
    const shape = bindWhere(this.shapes.at('expect').at(table), where, values)
    shape.statement ??= this.database.prepare(`SELECT 1 FROM ${quote(table)} WHERE ${whereSql(where).sql} LIMIT 1`)
    if ((shape.statement.get(values) === undefined) !== none) throw new Refused(at, 'guard')
  }

  private mind({ fence, epoch }: Fence): void {
    const held = this.prepared('SELECT 1 FROM leases WHERE part = ? AND epoch = ?').get(fence, epoch)
    if (held === undefined) throw new Lost(fence)
  }

  private remove({ remove: table, where }: Remove): void {
    const values: Parameter[] = []
    const shape = bindWhere(this.shapes.at('remove').at(table), where, values)
    shape.statement ??= this.database.prepare(`DELETE FROM ${quote(table)} WHERE ${whereSql(where).sql}`)
    this.wrote = true
    shape.statement.run(values)
  }

  private addTotal(name: string, by: number): void {
    this.prepared(
      'INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
    ).run(name, by)
  }

  private values(table: TableName, row: object, ids: Ids): Parameter[] {
    const given = row as Readonly<Record<string, unknown>>
    const values: Parameter[] = []
    for (const column of this.columns(table)) values.push(column === 'id' ? null : resolve(given[column], ids))
    return values
  }

  private inserting(table: TableName, quiet: boolean): Statement {
    const shape = this.shapes.at(quiet ? 'insert quietly' : 'insert').at(table)
    return (shape.statement ??= this.database.prepare(insertSql(table, quiet ? 'DO NOTHING' : undefined)))
  }

  private readonly columnLists = new Map<TableName, readonly string[]>()

  private columns(table: TableName): readonly string[] {
    let list = this.columnLists.get(table)
    if (!list) this.columnLists.set(table, (list = columnsOf(table)))
    return list
  }

  private run(sql: string): void {
    this.prepared(sql).run()
  }

  private prepared(sql: string): Statement {
    let statement = this.statements.get(sql)
    if (!statement) this.statements.set(sql, (statement = this.database.prepare(sql)))
    return statement
  }
}

function settledBy(error: unknown): Settled {
  if (error instanceof Refused) return { outcome: { is: 'refused', at: error.at, why: error.why } }
  return error instanceof Lost ? { outcome: { is: 'stale', part: error.part } } : { error }
}

function resolve(value: unknown, ids: Ids): Parameter {
  if (value === undefined || value === null) return null
  if (typeof value === 'object' && 'idOf' in value) return ids[Number(value.idOf)] ?? null
  return value as Parameter
}

function insertSql(table: TableName, onConflict: string | undefined): string {
  const columns = columnsOf(table)
  const conflict = onConflict ? ` ON CONFLICT (${identityOf(table).map(quote).join(', ')}) ${onConflict}` : ''
  return `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})${conflict}`
}

function upsertSql(table: TableName, columns: readonly string[]): string {
  const identity = identityOf(table)
  const set = columns
    .filter((column) => !identity.includes(column))
    .map((column) => `${quote(column)} = excluded.${quote(column)}`)
  return insertSql(table, `DO UPDATE SET ${set.join(', ')}`)
}

function updateSql({ update, set, where }: Update): string {
  const columns = Object.keys(set).map((column) => `${quote(column)} = ?`)
  return `UPDATE ${quote(update)} SET ${columns.join(', ')} WHERE ${whereSql(where).sql}`
}
