import { isAway, unreachable, type Database } from '../postgres/driver.ts'
import { Values } from '../postgres/statements.ts'
import { ask } from '../postgres/transaction.ts'
import { Writer, type Seen } from '../postgres/writer.ts'
import { Committer, type Flushed } from './committer.ts'
import type { SelectOptions, Store, Where } from './port.ts'
import { conditionSql, quote } from './sql.ts'
import { tables, type Row, type TableName } from './tables.ts'

/** Groups of commits under way at once. More of them would wait for each other's rows and for the same disk. */
const lanes = 4

/**
 * The store in PostgreSQL, as one that counts on this epoch (`joinStore`). A database that failed over, or was restored, is
 * another one: commits are `stale`. `seen`: what was seen of it before. Closing it closes the database.
 */
export function openPostgresStore(
  database: Database,
  epoch: number,
  flushed: Flushed = () => undefined,
  seen?: Seen,
): Store & { close(): Promise<void> } {
  const committer = new Committer(new Writer(database, epoch, seen), flushed, lanes)
  return {
    epoch,
    commit: (changes) => committer.commit(changes),
    async get(table, id) {
      const [row] = await select(database, table, { id } as Where<typeof table>, {})
      return row
    },
    select: (table, where, options = {}) => select(database, table, where, options),
    tally: (table, by, where) => grouped(database, 'count(*)', table, by, where),
    oldest: (table, by, where) => grouped(database, 'min(id)', table, by, where),
    close: () => committer.close(),
  }
}

async function select<T extends TableName>(
  database: Database,
  table: T,
  where: Where<T>,
  { order, limit }: SelectOptions<T>,
): Promise<Row<T>[]> {
  const values = new Values()
  // Named one by one: a release that adds columns may come while this one reads.
  const columns = Object.keys(tables[table].columns).map(quote).join(', ')
  const condition = conditionSql(where, values)
  const down = order?.down ? ' DESC' : ''
  // Rows of PostgreSQL have no order of their own: those of equal rank come by their ids.
  const by = order ? `${quote(order.by)}${down}, id${down}` : 'id'
  const last = limit === undefined ? '' : ` LIMIT ${values.one(limit)}`
  const sql = `SELECT ${columns} FROM ${quote(table)} WHERE ${condition} ORDER BY ${by}${last}`
  // The columns and their types are those the schema was made from.
  return (await read(database, sql, values)) as Row<T>[]
}

async function grouped<T extends TableName>(
  database: Database,
  what: string,
  table: T,
  by: keyof Row<T> & string,
  where: Where<T> = {},
): Promise<Record<string, number>> {
  const values = new Values()
  const condition = conditionSql(where, values)
  const sql = `SELECT ${quote(by)} AS word, ${what} AS value FROM ${quote(table)} WHERE ${condition} GROUP BY 1`
  const rows = await read(database, sql, values)
  return Object.fromEntries(rows.map(({ word, value }) => [String(word), Number(value)]))
}

async function read(database: Database, sql: string, { list }: Values): Promise<readonly Record<string, unknown>[]> {
  const session = await database.session()
  try {
    return (await ask(session, sql, list)).rows
  } catch (error) {
    throw isAway(error) ? unreachable(database.name, error) : error
  } finally {
    session.release()
  }
}
