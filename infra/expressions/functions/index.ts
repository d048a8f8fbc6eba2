import type { BuiltIn } from './define.ts'
import { listFunctions } from './lists.ts'
import { numberFunctions } from './numbers.ts'
import { join, textFunctions } from './text.ts'
import { timeFunctions } from './time.ts'

/** Every function of the language, in the order of the reference. */
export const builtIns: readonly BuiltIn[] = [
  ...numberFunctions,
  ...textFunctions,
  join,
  ...listFunctions,
  ...timeFunctions,
]

const byName = new Map(builtIns.map((one) => [one.name, one]))

export function builtIn(name: string): BuiltIn | undefined {
  return byName.get(name)
}

/** Functions of CEL that are left out, and what to write instead. */
export const leftOut: Readonly<Record<string, string>> = {
  int: 'round(x, 0, "down")',
  uint: 'round(x, 0, "down")',
  double: 'decimal(x)',
  bytes: 'string(x)',
  bool: 'x == "true"',
  type: 'dyn(x)',
  matches: 'contains, startsWith, endsWith, split',
  getFullYear: 'date(x, zone).year()',
  getMonth: 'date(x, zone).month()',
  getDate: 'date(x, zone).dayOfMonth()',
  getDayOfMonth: 'date(x, zone).dayOfMonth()',
}
