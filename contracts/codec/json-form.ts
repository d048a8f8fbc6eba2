import type { Contract } from '../contract.ts'
import type { Leaf } from '../shape.ts'
import { Day, Decimal, Instant, isDecimal, isRecord, type ValueRecord } from '../values.ts'
import { Findings } from './findings.ts'
import { toAvro } from './to-avro.ts'
import { describeShape, walk, type Turn } from './walk.ts'

/**
 * Reads the data of an event from JSON or YAML as people write it: amounts as text or as the decimals of the lossless
 * codec, instants as RFC 3339, dates as ISO. A JavaScript number is no amount, only a whole number may be one.
 * Throws `contract.invalid`, whose cause holds every problem.
 */
export function fromJson(contract: Contract, json: unknown): ValueRecord {
  const findings = new Findings()
  const record = walkOf(readers, contract, jsonLeaf)(json, findings)
  if (findings.problems.length > 0 || !isRecord(record)) throw findings.asError(contract.type)
  return record
}

/** JSON that `fromJson` reads back: amounts as text in full digits, whole numbers as numbers where these are exact. Throws `contract.invalid`. */
export function toJson(contract: Contract, record: ValueRecord): { readonly [name: string]: unknown } {
  const findings = new Findings()
  const json = walkOf(writers, contract, leafToJson)(record, findings)
  if (findings.problems.length > 0 || !isRecord(json)) throw findings.asError(contract.type)
  return json
}

const readers = new WeakMap<Contract, Turn>()
const writers = new WeakMap<Contract, Turn>()

function walkOf(known: WeakMap<Contract, Turn>, contract: Contract, leaf: (shape: Leaf) => Turn): Turn {
  const turn = known.get(contract) ?? walk(contract.shape, leaf)
  known.set(contract, turn)
  return turn
}

/** Reads one leaf, then lets the check for Avro judge it, so that what is read can also be written. */
function jsonLeaf(leaf: Leaf): Turn {
  const check = toAvro(leaf)
  return (json, findings) => {
    const value = parseLeaf(leaf, json)
    if (value === undefined) return findings.wrongType(describeShape(leaf), json)
    return check(value, findings) === undefined ? undefined : value
  }
}

function parseLeaf(leaf: Leaf, json: unknown): unknown {
  if (typeof json === 'number') return leaf.kind === 'integer' && Number.isSafeInteger(json) ? decimal(json) : undefined
  if (typeof json !== 'string') return json
  switch (leaf.kind) {
    case 'decimal':
    case 'integer':
      return DECIMAL.test(json) ? new Decimal(json) : undefined
    case 'instant':
      return Instant.parse(json)
    case 'date':
      return Day.parse(json)
    default:
      return json
  }
}

/** No exponent and no more digits than any schema has: text of strangers must not become a giant number. */
const DECIMAL = /^-?\d{1,80}(\.\d{1,80})?$/

function decimal(whole: number): Decimal {
  return new Decimal(String(whole))
}

function leafToJson(leaf: Leaf): Turn {
  const check = toAvro(leaf)
  return (value, findings) => {
    const raw = check(value, findings)
    if (raw === undefined) return undefined
    if (leaf.kind === 'integer') return Number.isSafeInteger(Number(raw)) ? Number(raw) : String(raw)
    if (isDecimal(value)) return value.toFixed()
    return value instanceof Instant || value instanceof Day ? value.toString() : value
  }
}
