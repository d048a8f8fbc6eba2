import { isDecimal, isRecord, type Value } from '@shuniu/contracts'

/** A value as the API says it: amounts as text with all their digits, instants and dates as ISO text. */
export function jsonOf(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (isDecimal(value)) return value.toFixed()
  if (Array.isArray(value)) return value.map((item: Value) => jsonOf(item))
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonOf(member)]))
  return value.toString()
}
