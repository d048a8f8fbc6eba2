import {
  Day,
  Decimal,
  Duration,
  emptyRecord,
  HubError,
  Instant,
  isDecimal,
  isRecord,
  type Value,
} from '@shuniu/contracts'
import { maxWrittenDepth } from './limits.ts'
import { parseJson } from './parse.ts'
import { quoteKey, write, type Style } from './write.ts'

const packed: Style = {
  scalar(value) {
    if (isDecimal(value)) return `{"$dec":"${value.toString()}"}`
    if (value instanceof Day) return `{"$day":"${value.text}"}`
    return value instanceof Instant ? `{"$at":"${value.ms}"}` : `{"$dur":"${value.ms}"}`
  },
  key: (name) => quoteKey(name.startsWith('$') ? `$${name}` : name),
  sorted: false,
}

/**
 * JSON for our own stores, which gives every kind of `Value` back as it was: `{"$dec":"1.5"}`, `{"$day":"2026-11-22"}`,
 * `{"$at":"…ms"}`, `{"$dur":"…ms"}`. A key of the user that starts with `$` gets one more.
 */
export function packValue(value: Value): string {
  return write(value, packed, 0)
}

/** What `packValue` wrote. Fails with HubError `json.not-packed` when it did not. */
export function unpackValue(text: string): Value {
  const unbounded = { maxBytes: Infinity, maxKeys: Infinity, maxDepth: maxWrittenDepth + 1 }
  return unpack(parseJson(text, unbounded))
}

function unpack(value: Value): Value {
  if (Array.isArray(value)) return value.map((item: Value) => unpack(item))
  if (isDecimal(value)) throw new HubError('json.not-packed', { what: 'a bare number' })
  if (!isRecord(value)) return value
  const result = emptyRecord()
  for (const [name, member] of Object.entries(value)) {
    if (!name.startsWith('$')) result[name] = unpack(member)
    else if (name.startsWith('$$')) result[name.slice(1)] = unpack(member)
    else return scalar(name, member)
  }
  return result
}

function scalar(tag: string, text: Value): Value {
  const value = typeof text === 'string' ? readers[tag]?.(text) : undefined
  if (value === undefined) throw new HubError('json.not-packed', { what: tag })
  return value
}

const WHOLE = /^-?\d{1,16}$/
const NUMBER = /^-?\d+(\.\d+)?$/

const readers: Record<string, ((text: string) => Value | undefined) | undefined> = {
  $dec: (text) => (NUMBER.test(text) ? new Decimal(text) : undefined),
  $day: (text) => Day.parse(text),
  $at: (text) => (WHOLE.test(text) ? new Instant(Number(text)) : undefined),
  $dur: (text) => (NUMBER.test(text) ? new Duration(Number(text)) : undefined),
}
