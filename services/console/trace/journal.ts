import { isRecord, type Value } from '@shuniu/contracts'
import { unpackValue } from '@shuniu/infra/json'

/** One thing a run learned or did, as its journal keeps it: path of the step, kind, answer, and what that rests on. */
export interface Entry {
  readonly path: string
  readonly kind: string
  readonly answer: Value
  readonly version?: string
}

/** Entries as the orchestrator packs them: `{ p: path, k: kind, q: hash of the question, a: answer, v: version }`. */
export function entriesOf(text: string): Entry[] {
  const list = unpackValue(text)
  if (!Array.isArray(list)) return []
  return list.flatMap((one: Value): Entry[] => {
    if (!isRecord(one)) return []
    const { p, k, a, v } = one
    return [{ path: String(p), kind: String(k), answer: a ?? null, ...(typeof v === 'string' ? { version: v } : {}) }]
  })
}
