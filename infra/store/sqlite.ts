import type { Statement } from 'better-sqlite3'
import { quote, whereSql, type Embedded } from '../embedded/index.ts'
import type { SelectOptions, Store, Where } from './port.ts'
import type { Row, TableName } from './tables.ts'

/** The store in the embedded file. */
export function openEmbeddedStore(embedded: Embedded): Store {
  const statements = new Map<string, Statement>()
  const prepared = (sql: string): Statement => {
    let statement = statements.get(sql)
    if (!statement) statements.set(sql, (statement = embedded.reader.prepare(sql)))
    return statement
  }
  const all = <T extends TableName>(table: T, where: Where<T>, { order, limit }: SelectOptions<T> = {}): Row<T>[] => {
    const condition = whereSql(where)
    const by = order ? ` ORDER BY ${quote(order.by)}${order.down ? ' DESC' : ''}` : ''
    const sql = `SELECT * FROM ${quote(table)} WHERE ${condition.sql}${by}${limit === undefined ? '' : ' LIMIT ?'}`
    const parameters = limit === undefined ? condition.parameters : [...condition.parameters, limit]
    // The columns and their types are those the schema was made from.
    return prepared(sql).all(parameters) as Row<T>[]
  }
  const grouped = <T extends TableName>(
    what: string,
    table: T,
    by: keyof Row<T> & string,
    where: Where<T> = {},
  ): Record<string, number> => {
    const condition = whereSql(where)
    const sql = `SELECT ${quote(by)} AS word, ${what} AS value FROM ${quote(table)} WHERE ${condition.sql} GROUP BY 1`
    const rows = prepared(sql).all(condition.parameters) as { word: string; value: number }[]
    return Object.fromEntries(rows.map(({ word, value }) => [String(word), value]))
  }
  return {
    epoch: embedded.epoch,
    commit: (changes) => embedded.commit(changes),
    get: async (table, id) => prepared(`SELECT * FROM ${quote(table)} WHERE id = ?`).get(id) as never,
    select: async (table, where, options) => all(table, where, options),
    tally: async (table, by, where) => grouped('count(*)', table, by, where),
    oldest: async (table, by, where) => grouped('min(id)', table, by, where),
  }
}
