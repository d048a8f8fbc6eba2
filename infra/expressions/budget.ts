import type { Value } from '@shuniu/contracts'
import type { Site } from './site.ts'

/** What an expression may be and may use at most; beyond, it is refused when compiled or stopped when it runs. */
export const limits = {
  /** Characters of source. */
  source: 10_000,
  /** Parts of the parsed expression. */
  nodes: 5_000,
  /** Brackets, arguments and branches inside one another. */
  nesting: 64,
  /** Operators in a row, which nest on the left: `a + b + c …`. */
  height: 250,
  /** Steps of one evaluation: parts evaluated by macros, elements looked at, characters made (16 a step). */
  steps: 250_000,
  /** Steps of one evaluation of a template, all its expressions together. */
  templateSteps: 2_500_000,
  /** Characters of a text that is made. */
  text: 1_000_000,
  /** Elements of a list that is made. */
  items: 100_000,
  /** Digits of a number, before and after its point together. */
  digits: 390,
  /** Values inside one another that are compared. */
  depth: 256,
} as const

/** The values by name that an expression may read. */
export interface Scope {
  readonly [name: string]: Value
}

/** A look-up that was made, for `explain`. */
export interface LookUpMade {
  readonly name: string
  readonly arguments: readonly Value[]
  readonly value: Value
}

/** Calls a host function by name. */
export type Host = (name: string, given: readonly Value[]) => Value | Promise<Value>

/** The state of one evaluation: what it reads, the variables of its macros, and how many steps it still has. */
export class Frame {
  /** What has a place: the variables of the environment once they have been read, then those of macros and `each`. */
  readonly slots: Value[]
  /** When present, every look-up is noted here. */
  lookups: LookUpMade[] | undefined
  readonly scope: Scope
  readonly host: Host
  private left: number

  /** `places`: how many slots there probably are. */
  constructor(scope: Scope, host: Host, steps: number, places = 0) {
    // oxlint-disable-next-line unicorn/no-new-array -- every other way to make room costs several times as much
    this.slots = new Array<Value>(places)
    this.scope = scope
    this.host = host
    this.left = steps
  }

  /** Takes steps from the budget; `expression.budget` when it is used up. */
  spend(site: Site, steps: number): void {
    this.left -= steps
    if (this.left < 0) throw site.fail('expression.budget', { budget: 'steps' })
  }
}

/** A frame for constants: nothing to read and nobody to ask. */
export function emptyFrame(): Frame {
  return new Frame({}, () => null, limits.steps)
}

/** A text that was just made: counted, and refused when too long. */
export function madeText(site: Site, frame: Frame, text: string): string {
  checkTextLength(site, text.length)
  if (text.length > 15) frame.spend(site, text.length >> 4)
  return text
}

/** Refuses a text before it is made. */
export function checkTextLength(site: Site, length: number): void {
  if (length > limits.text) throw site.fail('expression.budget', { budget: `text ${limits.text}` })
}

/** A list that was just made, or is about to be: counted, and refused when too long. */
export function checkItems(site: Site, frame: Frame, count: number): void {
  if (count > limits.items) throw site.fail('expression.budget', { budget: `list ${limits.items}` })
  frame.spend(site, count)
}
