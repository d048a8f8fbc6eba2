import type { Change, EventRow, Where } from '../store/port.ts'
import { columnsOf, conditionSql, identityOf, quote, type Parameter, type Places } from '../store/sql.ts'
import type { TableName } from '../store/tables.ts'
import type { Answer, Statement, Value } from './driver.ts'

/** What a change gave: the id of its row, if it has one, or why its commit is refused. */
export type Applied = { readonly id: number | undefined } | { readonly refused: 'exists' | 'guard' }

export type Ids = readonly (number | undefined)[]

/**
 * The statement of a change; none for counts, which a group adds up, and for fences, which it looks at first. `ids`: those of
 * earlier changes of the same commit.
 */
export function statementOf(change: Change, ids: Ids): Statement | undefined {
  if ('count' in change || 'fence' in change) return undefined
  const values = new Values()
  return { text: textOf(change, values, ids), values: values.list }
}

function textOf(change: Exclude<Change, { count: string } | { fence: number }>, values: Values, ids: Ids): string {
  if ('insert' in change) {
    const isQuiet = change.ifAbsent === true || change.orSkip === true
    return `${insertSql(change.insert, change.row, values, ids)}${isQuiet ? unlessThere(change.insert) : ''} RETURNING id`
  }
  if ('append' in change) return `${appendSql(change.append, values)}${unlessThere('outbox')} RETURNING id`
  if ('upsert' in change) {
    const insert = insertSql(change.upsert, change.row, values, ids)
    return `${insert} ON CONFLICT (${listOf(identityOf(change.upsert))}) DO UPDATE SET ${excluded(change)} RETURNING id`
  }
  if ('update' in change) {
    const set = Object.entries(change.set).map(([column, value]) => `${quote(column)} = ${values.of(value, ids)}`)
    return `UPDATE ${quote(change.update)} SET ${set.join(', ')} WHERE ${conditionSql(change.where, values)}`
  }
  if ('remove' in change) return `DELETE FROM ${quote(change.remove)} WHERE ${conditionSql(change.where, values)}`
  // A row that is expected stays as it is until the commit; that none is there is held by locks (locks.ts).
  return `${findSql(change.expect, change.where, values)} LIMIT 1${change.none ? '' : ' FOR SHARE'}`
}

const listOf = (columns: readonly string[]): string => columns.map(quote).join(', ')
const unlessThere = (table: TableName): string => ` ON CONFLICT (${listOf(identityOf(table))}) DO NOTHING`

function insertSql(table: TableName, row: object, values: Values, ids: Ids): string {
  const given = row as Readonly<Record<string, unknown>>
  const columns = columnsOf(table).filter((column) => column !== 'id')
  const places = columns.map((column) => values.of(given[column], ids))
  return `INSERT INTO ${quote(table)} (${listOf(columns)}) VALUES (${places.join(', ')})`
}

/** An event is a row of the outbox; the relay publishes it. */
function appendSql({ eventId, topic, key, data, attributes, time }: EventRow, values: Values): string {
  const its = { event_id: eventId, aggregatetype: topic, aggregateid: key, type: typeIn(attributes), payload: data }
  return insertSql('outbox', { ...its, attributes, time, state: 'waiting' }, values, [])
}

function typeIn(attributes: string): string {
  const { ce_type } = { ...(JSON.parse(attributes) as { ce_type?: unknown }) }
  return typeof ce_type === 'string' ? ce_type : ''
}

function excluded({ upsert, row }: Extract<Change, { upsert: string }>): string {
  const identity = identityOf(upsert)
  const columns = Object.keys(row).filter((column) => !identity.includes(column))
  return columns.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(', ')
}

function findSql<T extends TableName>(table: T, where: Where<T>, values: Values): string {
  return `SELECT 1 FROM ${quote(table)} WHERE ${conditionSql(where, values)}`
}

/** Values of one statement, by place. */
export class Values implements Places {
  readonly list: Value[] = []

  one(value: Value): string {
    this.list.push(value)
    return `$${this.list.length}`
  }

  /** One parameter for the whole list: the text, and with it the prepared statement, is the same for lists of any length. */
  oneOf(column: string, values: readonly Parameter[]): string {
    return `${column} = ANY(${this.one(values)})`
  }

  of(value: unknown, ids: Ids): string {
    if (value === undefined || value === null) return this.one(null)
    if (typeof value === 'object' && 'idOf' in value) return this.one(ids[Number(value.idOf)] ?? null)
    return this.one(value as Parameter)
  }
}

/** Whether the statement of a change can be written only when earlier ones of its commit have answered. */
export function usesIds(change: Change): boolean {
  const values = 'row' in change ? change.row : 'set' in change ? change.set : {}
  return Object.values(values).some((value) => typeof value === 'object' && value !== null && 'idOf' in value)
}

/** What the server's answer to the statement of a change means. */
export function appliedOf(change: Change, reply: Answer): Applied {
  const { count, rows } = reply
  if ('insert' in change) {
    if (count === 0 && !change.orSkip) return { refused: 'exists' }
    return { id: idOf(rows) }
  }
  if ('update' in change && count !== 1 && !change.orSkip && !change.many) return { refused: 'guard' }
  if ('expect' in change && (count === 0) !== change.none) return { refused: 'guard' }
  return { id: 'append' in change || 'upsert' in change ? idOf(rows) : undefined }
}

function idOf(rows: readonly Readonly<Record<string, unknown>>[]): number | undefined {
  const id = rows[0]?.['id']
  return typeof id === 'number' ? id : undefined
}
