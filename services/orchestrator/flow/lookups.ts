import { Day, HubError, isDecimal, type Text, type Value } from '@shuniu/contracts'
import { resultOf, type TableShape, type Tables } from '@shuniu/infra/config'
import { types, type HostFunction, type Type } from '@shuniu/infra/expressions'
import type { Store } from '@shuniu/infra/store'
import { hash52 } from '@shuniu/infra/store'
import type { Connection } from '@shuniu/sdk'
import { park } from '../run/standing.ts'
import type { RunContext } from './plan.ts'

export interface LookUpGround {
  readonly tables: Pick<Tables, 'shapes' | 'shape' | 'find'>
  readonly store: Store
  readonly connections: ReadonlyMap<string, Connection>
}

type LookUp = HostFunction<RunContext>

/** The look-ups of flows. Each answers from the run's journal once it has been asked; a miss parks the run. */
export function lookUps(ground: LookUpGround): Readonly<Record<'table' | 'crosswalk' | 'openDate', LookUp>> {
  return { table: tableLookUp(ground), crosswalk: crosswalkLookUp(ground), openDate: openDateLookUp(ground) }
}

/** `table("department", key, day?)`: the row of the project's table that counts on that day. */
function tableLookUp({ tables }: LookUpGround): LookUp {
  return {
    parameters: [types.string, types.dyn, types.dyn, types.dyn, types.dyn],
    optional: 3,
    asynchronous: true,
    returns: ([name]) => (typeof name === 'string' ? rowType(tables.shape(name)) : types.dyn),
    help: { en: 'Value of a table for a key, on a day.', zh: '按键（与日期）查映射表。' },
    call: ([name, ...given], context) => {
      const { keys, day } = keysAndDay(given)
      return context.learn('look-up', ['table', String(name), ...given], async () => {
        const row = tables.find(String(name), keys, day)
        if (!row) throw unmapped(String(name), keys, day, context.path)
        const shape = tables.shape(String(name))
        return { answer: shape ? resultOf(shape, row) : row.values, version: row.version }
      })
    },
  }
}

function keysAndDay(given: readonly Value[]): { keys: string[]; day: Day | undefined } {
  const last = given.at(-1)
  const day = last instanceof Day ? last : undefined
  const keys = day ? given.slice(0, -1) : given
  return { keys: keys.map((one) => (isDecimal(one) ? one.toString() : String(one ?? ''))), day }
}

function rowType(shape: TableShape | undefined): Type {
  if (!shape) return types.dyn
  if (shape.values.length === 1) return types.string
  return types.record(Object.fromEntries(shape.values.map((name) => [name, { type: types.string }])))
}

/** Tag of the parks that a new row of a table wakes. */
export function tableTag(table: string, keys: readonly string[]): string {
  return `table:${JSON.stringify([table, ...keys])}`
}

function unmapped(table: string, keys: readonly string[], day: Day | undefined, step: string): Error {
  const what = `${keys.join(' / ')}${day ? ` (${day.text})` : ''}`
  const message: Text = {
    en: `Table ${table} has no row for ${what}. Add it: shuniu tables set ${table} ${keys.join(' ')} <value>`,
    zh: `映射表 ${table} 中没有“${what}”。请补充：shuniu tables set ${table} ${keys.join(' ')} <值>`,
  }
  return park('unmapped', { step, message }, tableTag(table, keys))
}

/** `crosswalk(kind, id, from, to)`: the id of the same thing in another system, learned by earlier runs. */
function crosswalkLookUp({ store }: LookUpGround): LookUp {
  return {
    parameters: [types.string, types.string, types.string, types.string],
    returns: types.string,
    asynchronous: true,
    help: { en: 'Id of the same thing in another system.', zh: '同一对象在另一系统中的编号。' },
    call: (given, context) => {
      const [kind, id, from, to] = given.map(String) as [string, string, string, string]
      return context.learn('look-up', ['crosswalk', kind, id, from, to], async () => {
        const where = {
          from_hash: crosswalkHash(kind, from, id),
          to_connection: to,
          kind,
          from_connection: from,
          from_id: id,
        }
        const [row] = await store.select('crosswalk', where)
        if (!row) throw unknownPair(kind, id, from, to, context.path)
        return { answer: row.to_id, version: String(row.id) }
      })
    },
  }
}

export function crosswalkHash(kind: string, from: string, id: string): number {
  return hash52('crosswalk', kind, from, id)
}

function unknownPair(kind: string, id: string, from: string, to: string, step: string): Error {
  const message: Text = {
    en: `Nobody knows yet which ${kind} of ${to} is ${id} of ${from}.`,
    zh: `尚不知道 ${from} 的 ${id} 对应 ${to} 的哪个 ${kind}。`,
  }
  return park('unmapped', { step, message }, crosswalkTag(kind, id, from, to))
}

/** Tag of the parks that wake when a pair of the crosswalk is written. */
export function crosswalkTag(kind: string, id: string, from: string, to: string): string {
  return `crosswalk:${JSON.stringify([kind, id, from, to])}`
}

/** `openDate(connection, book, day)`: the day itself, or the first open day after it in the same year. */
function openDateLookUp({ connections }: LookUpGround): LookUp {
  return {
    parameters: [types.string, types.string, types.date],
    returns: types.date,
    asynchronous: true,
    help: {
      en: 'First open day of a book from a day on, in the same year.',
      zh: '账簿自某日起（同年内）第一个未结账的日期。',
    },
    call: ([name, book, day], context) =>
      context.learn('look-up', ['openDate', name ?? null, book ?? null, day ?? null], async () => {
        const connection = connections.get(String(name))
        const periods = connection?.definition.periods
        if (!connection || !periods || !(day instanceof Day))
          throw new HubError('flow.no-periods', { connection: String(name) })
        const open = await periods.openDay(connection.link, String(book), day)
        if (open) return { answer: open.day, version: open.version }
        throw closed(connection.name, String(book), day, context.path)
      }),
  }
}

/** Tag of the parks that wake when a book's period is open again. */
export function periodTag(connection: string, book: string, day: string): string {
  return `period:${connection}:${book}:${day}`
}

function closed(connection: string, book: string, day: Day, step: string): Error {
  const message: Text = {
    en: `Book ${book} has no open period from ${day.text} on in ${day.year}.`,
    zh: `账簿 ${book} 自 ${day.text} 起在 ${day.year} 年内没有未结账期间。`,
  }
  return park('period-closed', { step, message }, periodTag(connection, book, day.text))
}
