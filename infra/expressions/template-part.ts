import type { Value } from '@shuniu/contracts'
import { checkItems, type Frame } from './budget.ts'
import { awaited, direct, type Code } from './code.ts'
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
    return awaited(async (frame) => {
      const record: Record<string, Value> = {}
      for (const { name, part, dropsNull } of fields) {
        const value = await part.code.run(frame)
        if (value !== null || !dropsNull) record[name] = value
      }
      return record
    })
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

export function listCode(items: readonly (Part | EachPart)[]): Code {
  if (items.some(isAsynchronous)) {
    return awaited(async (frame) => {
      const values: Value[] = []
      for (const item of items) {
        if (isEach(item)) await eachLater(item, frame, values)
        else values.push(await item.code.run(frame))
      }
      return values
    })
  }
  const fills = items.map((item) => (isEach(item) ? eachNow(item) : one(syncRun(item.code))))
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

type Fill = (frame: Frame, values: Value[]) => void

function one(run: (frame: Frame) => Value): Fill {
  return (frame, values) => void values.push(run(frame))
}

function eachNow({ over, when, part, slot, cost, site }: EachPart): Fill {
  const [list, record, holds] = [syncRun(over.code), syncRun(part.code), when && syncRun(when.code)]
  return (frame, values) => {
    for (const element of listOf(site, list(frame))) {
      frame.spend(site, cost)
      frame.locals[slot] = element
      if (!holds || bool(site, holds(frame))) values.push(record(frame))
    }
    checkItems(site, frame, values.length)
  }
}

async function eachLater(
  { over, when, part, slot, cost, site }: EachPart,
  frame: Frame,
  values: Value[],
): Promise<void> {
  for (const element of listOf(site, await over.code.run(frame))) {
    frame.spend(site, cost)
    frame.locals[slot] = element
    if (!when || bool(site, await when.code.run(frame))) values.push(await part.code.run(frame))
  }
  checkItems(site, frame, values.length)
}

function syncRun(code: Code): (frame: Frame) => Value {
  if (code.asynchronous) throw new TypeError('an asynchronous part in a synchronous template')
  return code.run
}
