import { Decimal, isRecord, type Value } from '@shuniu/contracts'
import type { Macro } from './ast.ts'
import type { Frame } from './budget.ts'
import { after, awaited, direct, inTurn, type Code } from './code.ts'
import { add } from './arithmetic.ts'
import { bool, wrongType } from './values.ts'
import type { Site } from './site.ts'

/** How a macro gathers its result: `take` sees each element with the value of the body, `true` = go no further. */
interface Gathering {
  take(element: Value, result: Value): boolean
  result(): Value
}

const zero = new Decimal('0')

const gatherings: Readonly<Record<Macro, (site: Site, frame: Frame) => Gathering>> = {
  all: (site) => deciding(site, false),
  exists: (site) => deciding(site, true),
  exists_one(site) {
    let count = 0
    return {
      take(_, result) {
        if (bool(site, result)) count++
        return false
      },
      result: () => count === 1,
    }
  },
  filter(site) {
    const kept: Value[] = []
    return {
      take(element, result) {
        if (bool(site, result)) kept.push(element)
        return false
      },
      result: () => kept,
    }
  },
  map() {
    const results: Value[] = []
    return {
      take(_, result) {
        results.push(result)
        return false
      },
      result: () => results,
    }
  },
  sum(site, frame) {
    let total: Value | undefined
    return {
      take(_, result) {
        if (!(result instanceof Decimal)) throw wrongType(site, 'decimal', result)
        total = total === undefined ? result : add(site, frame, total, result)
        return false
      },
      result: () => total ?? zero,
    }
  },
}

/** Ends as soon as a result is `decisive`; until then the answer is the opposite. */
function deciding(site: Site, decisive: boolean): Gathering {
  let answer = !decisive
  return {
    take(_, result) {
      if (bool(site, result) === decisive) answer = decisive
      return answer === decisive
    },
    result: () => answer,
  }
}

/** What a macro goes over: the elements of a list, the names of a record. */
export function elementsOf(site: Site, over: Value): readonly Value[] {
  if (Array.isArray(over)) return over
  if (isRecord(over)) return Object.keys(over)
  throw wrongType(site, 'list | record', over)
}

export interface MacroParts {
  readonly macro: Macro
  readonly site: Site
  readonly over: Code
  readonly body: Code
  /** Where the frame keeps the element. */
  readonly slot: number
  /** Steps that one element costs. */
  readonly cost: number
}

/** Each element in turn; an error of the body ends it, whatever the other elements say. */
export function compileMacro(parts: MacroParts): Code {
  const { site, over, body, slot, cost } = parts
  const gathering = gatherings[parts.macro]
  if (over.asynchronous || body.asynchronous) {
    return awaited((frame) => {
      const gathered = gathering(site, frame)
      const take = (element: Value): boolean | Promise<boolean> => {
        frame.spend(site, cost)
        frame.slots[slot] = element
        return after(body.run(frame), (result) => !gathered.take(element, result))
      }
      const done = after(over.run(frame), (elements) => inTurn(elementsOf(site, elements), take))
      return after(done, () => gathered.result())
    })
  }
  return direct((frame) => {
    const gathered = gathering(site, frame)
    for (const element of elementsOf(site, over.run(frame))) {
      frame.spend(site, cost)
      frame.slots[slot] = element
      if (gathered.take(element, body.run(frame))) break
    }
    return gathered.result()
  })
}
