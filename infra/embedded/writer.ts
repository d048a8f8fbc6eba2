import type { Database, Statement } from 'better-sqlite3'
import type { Settled } from '../store/committer.ts'
import type { Append, Change, Expect, Fence, Insert, Remove, Update, Upsert } from '../store/port.ts'
import { columnsOf, identityOf, quote, type Parameter } from '../store/sql.ts'
import type { TableName } from '../store/tables.ts'
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
    const ids: Ids = Array.from({ length: changes.length })
    changes.forEach((change, at) => {
      if ('insert' in change) ids[at] = this.insert(change, at, ids)
      else if ('update' in change) this.update(change, at, ids)
      else if ('append' in change) ids[at] = this.append(change)
      else if ('count' in change) counted.set(change.count, (counted.get(change.count) ?? 0) + change.by)
      else if ('upsert' in change) ids[at] = this.upsert(change, ids)
      else if ('expect' in change) this.expect(change, at)
      else if ('fence' in change) this.mind(change)
      else this.remove(change)
    })
    return ids
  }

  private insert(change: Insert, at: number, ids: Ids): number | undefined {
    const values = this.values(change.insert, change.row, ids)
    const quiet = change.ifAbsent === true || change.orSkip === true
    const result = this.prepared(this.insertSql(change.insert, quiet ? 'DO NOTHING' : undefined)).run(values)
    if (result.changes === 1) {
      this.wrote = true
      return Number(result.lastInsertRowid)
    }
    if (change.orSkip) return undefined
    throw new Refused(at, 'exists')
  }

  private upsert(change: Upsert, ids: Ids): number {
    const identity = identityOf(change.upsert)
    const set = Object.keys(change.row)
      .filter((column) => !identity.includes(column))
      .map((column) => `${quote(column)} = excluded.${quote(column)}`)
    const sql = this.insertSql(change.upsert, `DO UPDATE SET ${set.join(', ')}`)
    this.wrote = true
    return Number(this.prepared(sql).run(this.values(change.upsert, change.row, ids)).lastInsertRowid)
  }

  private update(change: Update, at: number, ids: Ids): void {
    const where = whereSql(change.where)
    const columns = Object.keys(change.set)
    const set = columns.map((column) => `${quote(column)} = ?`).join(', ')
    const values = columns.map((column) => resolve((change.set as Record<string, unknown>)[column], ids))
    const sql = `UPDATE ${quote(change.update)} SET ${set} WHERE ${where.sql}`
    const result = this.prepared(sql).run([...values, ...where.parameters])
    if (result.changes > 0) this.wrote = true
    if (result.changes !== 1 && !change.orSkip && !change.many) throw new Refused(at, 'guard')
  }

  private append({ append: event }: Append): number | undefined {
    const row = {
      event_id: event.eventId,
      topic: event.topic,
      key: event.key,
      time: event.time,
      attributes: event.attributes,
      data: event.data,
    }
    const result = this.prepared(this.insertSql('events', 'DO NOTHING')).run(this.values('events', row, []))
    if (result.changes !== 1) return undefined
    this.wrote = true
    return Number(result.lastInsertRowid)
  }

  private expect(change: Expect, at: number): void {
    const where = whereSql(change.where)
    const found = this.prepared(`SELECT 1 FROM ${quote(change.expect)} WHERE ${where.sql} LIMIT 1`).get(
      where.parameters,
    )
    if ((found === undefined) !== change.none) throw new Refused(at, 'guard')
  }

  private mind({ fence, epoch }: Fence): void {
    const held = this.prepared('SELECT 1 FROM leases WHERE part = ? AND epoch = ?').get(fence, epoch)
    if (held === undefined) throw new Lost(fence)
  }

  private remove(change: Remove): void {
    const where = whereSql(change.where)
    this.wrote = true
    this.prepared(`DELETE FROM ${quote(change.remove)} WHERE ${where.sql}`).run(where.parameters)
  }

  private addTotal(name: string, by: number): void {
    this.prepared(
      'INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
    ).run(name, by)
  }

  private values(table: TableName, row: object, ids: Ids): Parameter[] {
    const given = row as Readonly<Record<string, unknown>>
    return this.columns(table).map((column) => (column === 'id' ? null : resolve(given[column], ids)))
  }

  private readonly insertTexts = new Map<string, string>()

  private insertSql(table: TableName, onConflict: string | undefined): string {
    const key = `${table} ${onConflict}`
    let text = this.insertTexts.get(key)
    if (!text) this.insertTexts.set(key, (text = this.makeInsert(table, onConflict)))
    return text
  }

  private makeInsert(table: TableName, onConflict: string | undefined): string {
    const columns = this.columns(table)
    const conflict = onConflict ? ` ON CONFLICT (${identityOf(table).map(quote).join(', ')}) ${onConflict}` : ''
    return `INSERT INTO ${quote(table)} (${columns.map(quote).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})${conflict}`
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
