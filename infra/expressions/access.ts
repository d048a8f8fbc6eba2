import { Decimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { isForbidden } from './ast.ts'
import type { Frame } from './budget.ts'
import type { Site } from './site.ts'
import { clip, data, wholeNumber, wrongType } from './values.ts'

/** What a record itself has under a name; never what it inherits. */
export function ownValue(of: ValueRecord, name: string): Value | undefined {
  const value = of[name]
  return value === undefined || Object.hasOwn(of, name) ? value : undefined
}

/** Reads the value under a name of a record. Records inherit nothing but what every object has. */
export function selector(site: Site, name: string): (of: Value) => Value {
  const isInherited = name in Object.prototype
  return (of) => {
    if (!isRecord(of)) throw wrongType(site, 'record', of)
    const value = isInherited ? ownValue(of, name) : of[name]
    if (value === undefined) throw site.fail('expression.no-such-field', { field: name })
    return data(site, value)
  }
}

export function hasField(site: Site, name: string, of: Value): boolean {
  if (!isRecord(of)) throw wrongType(site, 'record', of)
  return Object.hasOwn(of, name)
}

export function index(site: Site, _frame: Frame, of: Value, key: Value): Value {
  if (Array.isArray(of)) return element(site, of, key)
  if (!isRecord(of)) throw wrongType(site, 'list | record', of)
  if (typeof key !== 'string') throw wrongType(site, 'string', key)
  if (isForbidden(key)) throw site.fail('expression.forbidden-name', { what: key })
  const value = ownValue(of, key)
  if (value === undefined) throw site.fail('expression.no-such-key', { key: clip(key) })
  return data(site, value)
}

function element(site: Site, list: readonly Value[], key: Value): Value {
  if (!(key instanceof Decimal)) throw wrongType(site, 'decimal', key)
  const position = wholeNumber(key)
  const value = position === undefined ? undefined : list[position]
  if (value === undefined) {
    throw site.fail('expression.out-of-range', { value: clip(key.toString()), range: `0 … ${list.length - 1}` })
  }
  return data(site, value)
}
