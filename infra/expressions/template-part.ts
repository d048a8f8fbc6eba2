import type { Value } from '@shuniu/contracts'
import { checkItems, type Frame } from './budget.ts'
import { after, appended, awaited, direct, filled, inTurn, type Code, type Fill } from './code.ts'
import { listOf } from './functions/define.ts'
import { bool } from './values.ts'
import type { Prepared } from './prepare.ts'
import type { Site } from './site.ts'
import type { Type } from './types.ts'

/** A compiled piece of a template: the type of what it gives, how it is computed, and what it is made of. */
export interface Part {
  readonly type: Type
  readonly code: Code
  readonly made: Made
}

export type Made =
  | { readonly of: 'constant' }
  /** `source` as the user wrote it. */
  | { readonly of: 'expression'; readonly source: string }
  | { readonly of: 'record'; readonly fields: readonly FieldPart[] }
  | { readonly of: 'list'; readonly items: readonly (Part | EachPart)[] }

export interface FieldPart {
  readonly name: string
  readonly part: Part
  /** The target knows "absent", but not null: so a null is left out. */
  readonly dropsNull: boolean
}

/** `each: list as name`: one record per element, without those for which `when` does not hold. */
export interface EachPart {
  readonly over: Prepared
  readonly when: Prepared | undefined
  readonly part: Part
  /** Where the frame keeps the element. */
  readonly slot: number
  /** Steps that one element costs. */
  readonly cost: number
  readonly site: Site
}

export function isEach(item: Part | EachPart): item is EachPart {
  return 'over' in item
}

/** The record of a map; its keys were checked, so they can be assigned. */
export function recordCode(fields: readonly FieldPart[]): Code {
  if (fields.some(({ part }) => part.code.asynchronous)) {
    const fills = fields.map(assigned)
    return awaited((frame) => filled<Record<string, Value>>(fills, frame, {}))
  }
  const runs = fields.map(({ name, part, dropsNull }) => ({ name, dropsNull, run: syncRun(part.code) }))
  return direct((frame) => {
    const record: Record<string, Value> = {}
    for (const { name, dropsNull, run } of runs) {
      const value = run(frame)
      if (value !== null || !dropsNull) record[name] = value
    }
    return record
  })
}

/** The value of a part as a field of a record. */
function assigned({ name, part, dropsNull }: FieldPart): Fill<Record<string, Value>> {
  const { run } = part.code
  const assign = (record: Record<string, Value>, value: Value): void => {
    if (value !== null || !dropsNull) record[name] = value
  }
  return (frame, record) => {
    const value = run(frame)
    if (value instanceof Promise) return value.then((late) => assign(record, late))
    assign(record, value)
  }
}

export function listCode(items: readonly (Part | EachPart)[]): Code {
  if (items.some(isAsynchronous)) {
    const fills = items.map((item) => (isEach(item) ? eachLater(item) : appended(item.code)))
    return awaited((frame) => filled<Value[]>(fills, frame, []))
  }
  const fills = items.map((item) => (isEach(item) ? eachNow(item) : appendedNow(syncRun(item.code))))
  return direct((frame) => {
    const values: Value[] = []
    for (const fill of fills) fill(frame, values)
    return values
  })
}

function isAsynchronous(item: Part | EachPart): boolean {
  if (!isEach(item)) return item.code.asynchronous
  return item.over.code.asynchronous || item.part.code.asynchronous || item.when?.code.asynchronous === true
}

function appendedNow(run: (frame: Frame) => Value): (frame: Frame, values: Value[]) => void {
  return (frame, values) => void values.push(run(frame))
}

function eachNow({ over, when, part, slot, cost, site }: EachPart): (frame: Frame, values: Value[]) => void {
  const [list, record, holds] = [syncRun(over.code), syncRun(part.code), when && syncRun(when.code)]
  return (frame, values) => {
    for (const element of listOf(site, list(frame))) {
      frame.spend(site, cost)
      frame.slots[slot] = element
      if (!holds || bool(site, holds(frame))) values.push(record(frame))
    }
    checkItems(site, frame, values.length)
  }
}

function eachLater({ over, when, part, slot, cost, site }: EachPart): Fill<Value[]> {
  const { run } = part.code
  return (frame, values) => {
    const append = (value: Value): boolean => values.push(value) > 0
    const take = (element: Value): boolean | Promise<boolean> => {
      frame.spend(site, cost)
      frame.slots[slot] = element
      if (!when) return after(run(frame), append)
      return after(when.code.run(frame), (holds) => !bool(site, holds) || after(run(frame), append))
    }
    const done = after(over.code.run(frame), (list) => inTurn(listOf(site, list), take))
    return after(done, () => checkItems(site, frame, values.length))
  }
}

function syncRun(code: Code): (frame: Frame) => Value {
  if (code.asynchronous) throw new TypeError('an asynchronous part in a synchronous template')
  return code.run
}
