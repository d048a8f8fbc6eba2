import type { Value } from '@shuniu/contracts'
import { checkItems, type Frame } from './budget.ts'
import { after, appended, appendedNow, awaited, direct, filled, type Code, type Fill } from './code.ts'
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
  const assign = (record: Record<string, Value>, value: Value): void => {
    if (value !== null || !dropsNull) record[name] = value
  }
  if (!part.code.asynchronous) {
    const now = part.code.run
    return (frame, record) => assign(record, now(frame))
  }
  const { run } = part.code
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
  const append = appended(part.code)
  const take = (frame: Frame, values: Value[], element: Value): void | Promise<void> => {
    frame.spend(site, cost)
    frame.slots[slot] = element
    if (!when) return append(frame, values)
    return after(when.code.run(frame), (holds) => (bool(site, holds) ? append(frame, values) : undefined))
  }
  const takeLater = async (first: Promise<void>, rest: readonly Value[], frame: Frame, values: Value[]) => {
    await first
    for (const element of rest) await take(frame, values, element)
    checkItems(site, frame, values.length)
  }
  return (frame, values) =>
    after(over.code.run(frame), (found) => {
      const list = listOf(site, found)
      for (let at = 0; at < list.length; at++) {
        const waits = take(frame, values, list[at] ?? null)
        if (waits) return takeLater(waits, list.slice(at + 1), frame, values)
      }
      checkItems(site, frame, values.length)
    })
}

function syncRun(code: Code): (frame: Frame) => Value {
  if (code.asynchronous) throw new TypeError('an asynchronous part in a synchronous template')
  return code.run
}
