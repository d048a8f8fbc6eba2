import { Day, isDecimal, type Text, type Value } from '@shuniu/contracts'
import { resultOf, type TableShape } from '@shuniu/infra/config'
import { types, type Type } from '@shuniu/infra/expressions'
import { park } from '../run/standing.ts'
import { tableTag } from '../tags.ts'
import type { LookUp, LookUpGround } from './ground.ts'

/** `table("department", key, day?)`: the row of the project's table that counts on that day. */
export function tableLookUp({ tables }: Pick<LookUpGround, 'tables'>): LookUp {
  return {
    parameters: [types.string, types.dyn, types.dyn, types.dyn, types.dyn],
    optional: 3,
    asynchronous: true,
    returns: ([name]) => (typeof name === 'string' ? rowType(tables.shape(name)) : types.dyn),
    help: { en: 'Value of a table for a key, on a day.', zh: '按键（与日期）查映射表。' },
    call: (asked, context) => {
      const table = String(asked[0])
      const { keys, day } = keysAndDay(asked)
      return context.learn('look-up', ['table', ...asked], () => {
        const row = tables.find(table, keys, day)
        if (!row) throw unmapped(table, keys, day, context.path)
        const shape = tables.shape(table)
        return { answer: shape ? resultOf(shape, row) : row.values, version: row.version }
      })
    },
  }
}

/** What stands behind the table's name. */
function keysAndDay(asked: readonly Value[]): { keys: string[]; day: Day | undefined } {
  const last = asked.at(-1)
  const day = last instanceof Day ? last : undefined
  const keys: string[] = []
  for (let at = 1; at < (day ? asked.length - 1 : asked.length); at++) keys.push(keyText(asked[at] ?? null))
  return { keys, day }
}

function keyText(value: Value): string {
  if (typeof value === 'string') return value
  return isDecimal(value) ? value.toString() : String(value ?? '')
}

function rowType(shape: TableShape | undefined): Type {
  if (!shape) return types.dyn
  if (shape.values.length === 1) return types.string
  return types.record(Object.fromEntries(shape.values.map((name) => [name, { type: types.string }])))
}

function unmapped(table: string, keys: readonly string[], day: Day | undefined, step: string): Error {
  const what = `${keys.join(' / ')}${day ? ` (${day.text})` : ''}`
  const message: Text = {
    en: `Table ${table} has no row for ${what}. Add it: shuniu tables set ${table} ${keys.join(' ')} <value>`,
    zh: `映射表 ${table} 中没有“${what}”。请补充：shuniu tables set ${table} ${keys.join(' ')} <值>`,
  }
  return park('unmapped', { step, message }, tableTag(table, keys))
}
