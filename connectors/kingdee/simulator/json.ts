/** A number as it was written, so that no amount ever passes through binary floating point. */
export class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Json = null | boolean | string | NumberText | Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

interface LosslessJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown): unknown
  rawJSON(text: string): unknown
}

function isLossless(json: unknown): json is LosslessJson {
  return typeof json === 'object' && json !== null && 'rawJSON' in json
}

function lossless(): LosslessJson {
  const json: unknown = JSON
  if (!isLossless(json)) throw new Error('this runtime has no JSON.rawJSON; Node 22 or later has it')
  return json
}

/** Reads JSON; numbers keep their digits. Throws SyntaxError. */
export function parseJson(text: string): Json {
  const value: unknown = lossless().parse(text, (_key, found, context) =>
    typeof found === 'number' ? new NumberText(context.source) : found,
  )
  if (!isJson(value)) throw new SyntaxError('not a JSON value')
  return value
}

/** The reviver has just built it from JSON text, so only `undefined` is left to refuse. */
const isJson = (value: unknown): value is Json => value !== undefined

/** For an answer: prints exactly these digits as a JSON number. */
export const exactNumber = (digits: string): unknown => lossless().rawJSON(digits)

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)
}

/** A member by key. The server does not mind the case of keys (kingdee.md §6.5, §8). */
export function member(object: JsonObject, key: string): Json | undefined {
  if (Object.hasOwn(object, key)) return object[key]
  const lower = key.toLowerCase()
  const found = Object.keys(object).find((one) => one.toLowerCase() === lower)
  return found === undefined ? undefined : object[found]
}

/** Texts and numbers as text; everything else is empty. */
export function textOf(value: Json | undefined): string {
  if (value instanceof NumberText) return value.text
  return typeof value === 'string' ? value : ''
}

/** `true` and `"true"` are the same (kingdee.md §4). */
export function flagOf(value: Json | undefined, otherwise: boolean): boolean {
  if (typeof value === 'boolean') return value
  const text = textOf(value).toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : otherwise
}

/** `{"FNumber":"…"}`, also written `FNUMBER`; empty when it is not given. */
export const numberOf = (value: Json | undefined): string => (isObject(value) ? textOf(member(value, 'FNumber')) : '')

/** What is given as an object or as the JSON text of one; undefined when it is neither. */
export function objectOf(value: Json | undefined): JsonObject | undefined {
  if (isObject(value)) return value
  if (typeof value !== 'string') return undefined
  try {
    const parsed = parseJson(value)
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
