import {
  Day,
  Decimal,
  Duration,
  HubError,
  Instant,
  isDecimal,
  isRecord,
  type Place,
  type Value,
  type ValueRecord,
} from '@shuniu/contracts'
import { nodeAt, nodeToValue, placeOf, type YamlNode } from '@shuniu/infra/config'
import { writeJson } from '@shuniu/infra/json'
import type { Expectation, Outcome } from './format.ts'

/** How a run ended, as its row says. */
export interface SeenRun {
  readonly state: string
  readonly reason: string | undefined
  /** What a person reads, in both languages. */
  readonly message: string
}

export interface SeenCall {
  readonly state: string
  readonly sends: number
  /** What the flow computed; absent when the call never came to be prepared. */
  readonly input: Value | undefined
  readonly body: Value
}

/** What came of a case. */
export interface Seen {
  readonly run: SeenRun | undefined
  readonly undo: SeenRun | undefined
  /** By name of the step; several within `each`. */
  readonly calls: ReadonlyMap<string, readonly SeenCall[]>
  readonly emits: readonly { readonly type: string; readonly data: ValueRecord }[]
  readonly sends: number
  readonly documents: number
}

/** One thing that is not as expected. */
export interface Finding {
  /** `calls.voucher.body.entries[0].debit` */
  readonly path: string
  readonly expected: string
  readonly found: string
  readonly place?: Place
}

/** Compares what came with what was expected; what is not mentioned may be anything. */
export function judge(expect: Expectation, seen: Seen): Finding[] {
  const at = (path: string, ...keys: readonly PropertyKey[]): Place =>
    placeOf(nodeAt(expect.node, keys.length ? keys : [path]) ?? expect.node)
  const placed = (finding: Finding, ...keys: readonly PropertyKey[]): Finding => ({
    ...finding,
    place: at(finding.path, ...keys),
  })
  const { outcome, undo, says, calls = {}, emits, sends, documents } = expect
  return [
    ...(outcome ? outcomeOf('outcome', outcome, seen.run) : []).map((one) => placed(one)),
    ...(undo ? outcomeOf('undo', undo, seen.undo) : []).map((one) => placed(one)),
    ...(says === undefined ? [] : saysOf(says, seen.run)).map((one) => placed(one)),
    ...Object.entries(calls).flatMap(([step, wanted]) =>
      callOf(step, wanted, seen.calls.get(step) ?? []).map((one) => placed(one, 'calls', step)),
    ),
    ...(emits ? emitsOf(emits, seen.emits) : []).map((one) => placed(one, 'emits')),
    ...countOf('sends', sends, seen.sends).map((one) => placed(one)),
    ...countOf('documents', documents, seen.documents).map((one) => placed(one)),
  ]
}

function outcomeOf(path: string, wanted: Outcome, run: SeenRun | undefined): Finding[] {
  const [state, reason] = typeof wanted === 'string' ? [wanted, undefined] : (Object.entries(wanted)[0] ?? ['done'])
  if (run && run.state === state && (reason === undefined || run.reason === reason)) return []
  const said = run ? [run.state, run.reason, run.message && `(${run.message})`].filter(Boolean).join(' ') : 'no run'
  return [{ path, expected: [state, reason].filter(Boolean).join(' '), found: said }]
}

function saysOf(wanted: string, run: SeenRun | undefined): Finding[] {
  const found = run?.message ?? ''
  return found.includes(wanted) ? [] : [{ path: 'says', expected: wanted, found }]
}

function countOf(path: string, wanted: number | undefined, found: number): Finding[] {
  return wanted === undefined || wanted === found ? [] : [{ path, expected: String(wanted), found: String(found) }]
}

type WantedCall = NonNullable<Expectation['calls']>[string]

/** Within `each` a step calls several times: one of its calls has to fit. */
function callOf(step: string, wanted: WantedCall, found: readonly SeenCall[]): Finding[] {
  const path = `calls.${step}`
  if (wanted === 'none') {
    const made = found.filter(({ sends }) => sends > 0)
    return made.length === 0 ? [] : [{ path, expected: 'none', found: made.map(({ state }) => state).join(', ') }]
  }
  const judged = found.map((one) => differencesOf(path, wanted, one))
  return judged.toSorted((one, other) => one.length - other.length)[0] ?? [{ path, expected: 'a call', found: 'none' }]
}

function differencesOf(path: string, { input, body, state }: Exclude<WantedCall, 'none'>, call: SeenCall): Finding[] {
  return [
    ...(state === undefined || state === call.state
      ? []
      : [{ path: `${path}.state`, expected: state, found: call.state }]),
    ...(input ? differences(nodeToValue(input), call.input ?? null, `${path}.input`) : []),
    ...(body ? differences(nodeToValue(body), call.body, `${path}.body`) : []),
  ]
}

function emitsOf(wanted: NonNullable<Expectation['emits']>, found: Seen['emits']): Finding[] {
  const types = wanted.map((one) => (typeof one === 'string' ? one : one.type))
  const seen = found.map(({ type }) => type)
  if (types.join() !== seen.join())
    return [{ path: 'emits', expected: types.join(', ') || 'none', found: seen.join(', ') || 'none' }]
  return wanted.flatMap((one, index) => {
    if (typeof one === 'string') return []
    const data: YamlNode = one.data
    return differences(nodeToValue(data), found[index]?.data ?? null, `emits[${index}].data`)
  })
}

/**
 * Where `found` does not hold what `wanted` says. Records may have more fields, lists must have as many items. A text stands
 * for a number, a date or a moment as well, so that amounts and dates can be written as people write them.
 */
export function differences(wanted: Value, found: Value, path: string): Finding[] {
  if (isRecord(wanted)) {
    if (!isRecord(found)) return [{ path, expected: shown(wanted), found: shown(found) }]
    return Object.entries(wanted).flatMap(([name, one]) => differences(one, found[name] ?? null, `${path}.${name}`))
  }
  if (Array.isArray(wanted)) {
    const list = wanted as readonly Value[]
    const other = Array.isArray(found) ? (found as readonly Value[]) : undefined
    if (other?.length !== list.length)
      return [{ path, expected: `${list.length} items`, found: other ? `${other.length} items` : shown(found) }]
    return list.flatMap((one, at) => differences(one, other[at] ?? null, `${path}[${at}]`))
  }
  return isSame(wanted, found) ? [] : [{ path, expected: shown(wanted), found: shown(found) }]
}

const NUMBER = /^-?\d{1,40}(\.\d{1,40})?$/

function isSame(wanted: Value, found: Value): boolean {
  if (isDecimal(wanted) || isDecimal(found)) {
    const [one, other] = [numberOf(wanted), numberOf(found)]
    return one !== undefined && other !== undefined && one.eq(other)
  }
  if (found instanceof Instant) return typeof wanted === 'string' && Instant.parse(wanted)?.ms === found.ms
  if (found instanceof Day || found instanceof Duration) return wanted === found.toString()
  return wanted === found
}

function numberOf(value: Value): Decimal | undefined {
  if (isDecimal(value)) return value
  return typeof value === 'string' && NUMBER.test(value) ? new Decimal(value) : undefined
}

function shown(value: Value): string {
  try {
    return typeof value === 'string' ? value : writeJson(value)
  } catch (error) {
    if (error instanceof HubError) return error.code
    throw error
  }
}
