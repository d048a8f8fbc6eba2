import { Day, Duration, HubError, Instant, isDecimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { maxWrittenDepth } from './limits.ts'

/** How a value becomes text: what differs between plain, canonical and packed JSON. */
export interface Style {
  scalar(value: Exclude<Value, null | boolean | string | readonly Value[] | { readonly [name: string]: Value }>): string
  key(name: string): string
  readonly sorted: boolean
}

const plain: Style = {
  scalar: (value) => (isDecimal(value) ? value.toString() : quote(value.toString())),
  key: quoteKey,
  sorted: false,
}

const canonical: Style = { ...plain, sorted: true }

/** JSON for others: decimals as numbers with all their digits, dates and lengths as strings. */
export function writeJson(value: Value): string {
  return write(value, plain, 0)
}

/** The one text of a value, for hashes: keys sorted by UTF-16 code units, no spaces, `1.0` and `1.00` both `1`. */
export function canonicalJson(value: Value): string {
  return write(value, canonical, 0)
}

// Whatever JSON escapes: quote, backslash, control characters, halves of surrogate pairs. Most texts have none.
const UNPLAIN = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

/** A string as JSON: what JSON.stringify gives, at half its price. */
export function quote(text: string): string {
  return UNPLAIN.test(text) ? JSON.stringify(text) : `"${text}"`
}

const quotedKeys = new Map<string, string>()
const mostKeys = 4_096
const longestKey = 64

/** As `quote`: keys are few and come again. */
export function quoteKey(name: string): string {
  const known = quotedKeys.get(name)
  if (known !== undefined) return known
  const text = quote(name)
  if (quotedKeys.size < mostKeys && name.length <= longestKey) quotedKeys.set(name, text)
  return text
}

/** Members that are undefined are left out, as JSON does; whatever is no `Value` (a JS number) is refused. */
export function write(value: Value | undefined, style: Style, depth: number): string {
  if (typeof value === 'string') return quote(value)
  if (value === null || typeof value === 'boolean') return String(value)
  if (isDecimal(value) || value instanceof Day || value instanceof Instant || value instanceof Duration)
    return style.scalar(value)
  if (depth >= maxWrittenDepth) throw new HubError('json.value-too-deep', { maxDepth: maxWrittenDepth })
  if (Array.isArray(value)) return writeList(value, style, depth)
  if (!isRecord(value)) throw new HubError('json.not-a-value', { what: typeof value })
  return writeRecord(value, style, depth)
}

function writeList(list: readonly Value[], style: Style, depth: number): string {
  let text = ''
  for (const item of list) text += `${text === '' ? '' : ','}${write(item, style, depth + 1)}`
  return `[${text}]`
}

function writeRecord(record: ValueRecord, style: Style, depth: number): string {
  const names = Object.keys(record)
  if (style.sorted) names.sort()
  let text = ''
  for (const name of names) {
    const member = record[name]
    if (member === undefined) continue
    text += `${text === '' ? '' : ','}${style.key(name)}:${write(member, style, depth + 1)}`
  }
  return `{${text}}`
}
