import { emptyRecord, isDecimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { parseJson } from '@shuniu/infra/json'

/** DingTalk writes the same thing in several ways (dingtalk.md §10.5); these read all of them and never throw. */

/** A text, or a number as its digits. */
export function textOf(value: Value | undefined): string | undefined {
  if (typeof value === 'string') return value
  return isDecimal(value) ? value.toString() : undefined
}

/** A text that says something: neither empty nor the four characters `null`. */
export function filledText(value: Value | undefined): string | undefined {
  const text = textOf(value)
  return text === undefined || text === '' || text === 'null' ? undefined : text
}

/** `true` and `"true"`. */
export const isTrue = (value: Value | undefined): boolean => value === true || value === 'true'

export function recordOf(value: Value | undefined): ValueRecord | undefined {
  return isRecord(value) ? value : undefined
}

export function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : []
}

/** The objects of a list; a bare object counts as a list of one. */
export function recordsOf(value: Value | undefined): readonly ValueRecord[] {
  return isRecord(value) ? [value] : listOf(value).filter(isRecord)
}

/** The texts of a list. */
export function textsOf(value: Value | undefined): readonly string[] {
  return listOf(value).flatMap((item) => textOf(item) ?? [])
}

/** JSON inside a string; undefined when it is none. */
export function innerJson(text: string | undefined): Value | undefined {
  if (text === undefined || !/^\s*[[{]/.test(text)) return undefined
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** Milliseconds written as a number or as a text of digits. */
export function msOf(value: Value | undefined): number | undefined {
  const text = textOf(value)
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The members under lower-case names: `UserId`, `userId` and `userid` are one. The first of several counts. */
export function foldedKeys(record: ValueRecord): ValueRecord {
  const folded = emptyRecord()
  for (const [key, value] of Object.entries(record)) folded[key.toLowerCase()] ??= value
  return folded
}
