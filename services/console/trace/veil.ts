import {
  Decimal,
  isDecimal,
  isRecord,
  type Contract,
  type Shape,
  type Value,
  type ValueRecord,
} from '@shuniu/contracts'
import { maskBank, maskId, maskName, maskPhone, maskText } from '@shuniu/infra/telemetry'

const masks: Readonly<Record<string, (text: string) => string>> = {
  name: maskName,
  bank: maskBank,
  phone: maskPhone,
  idcard: maskId,
}

/** A value of a class of personal data, as people may see it. */
export function maskClass(pii: string, text: string): string {
  return masks[pii]?.(text) ?? '***'
}

/**
 * Hides personal data of one item: fields that its contracts mark, and the same values wherever else they turn up, such
 * as a payee's name in a voucher's summary. Names of one character stay in free text: hiding them would hide the text.
 */
export class Veil {
  private readonly hidden = new Map<string, string>()

  /** Learns the personal data of an event. */
  learn(contract: Contract, data: ValueRecord): void {
    masked(contract.shape, data, (pii, text) => {
      const mask = maskClass(pii, text)
      if (text.length > 1) this.hidden.set(text, mask)
      return mask
    })
  }

  /** Free text: what was learned, and numbers of phones, identity cards and bank cards. */
  text(text: string): string {
    let veiled = text
    const longestFirst = [...this.hidden].toSorted(([one], [other]) => other.length - one.length)
    for (const [plain, mask] of longestFirst) veiled = veiled.replaceAll(plain, () => mask)
    return maskText(veiled)
  }
}

/** The data of an event as JSON for people: marked fields masked, amounts as text. */
export function shownData(contract: Contract, data: ValueRecord): Record<string, unknown> {
  return masked(contract.shape, data, maskClass) as Record<string, unknown>
}

type Hide = (pii: string, text: string) => string

function masked(shape: Shape, value: Value | undefined, hide: Hide, pii?: string): unknown {
  if (value === undefined || value === null) return null
  if (shape.kind === 'nullable') return masked(shape.of, value, hide, pii)
  if (shape.kind === 'list')
    return Array.isArray(value) ? value.map((item: Value) => masked(shape.of, item, hide, pii)) : []
  if (shape.kind === 'record') return isRecord(value) ? maskedRecord(shape.fields, value, hide) : {}
  const text = isDecimal(value) ? value.toFixed() : String(value)
  if (pii !== undefined) return hide(pii, text)
  return shape.kind === 'boolean' ? value : text
}

function maskedRecord(
  fields: Extract<Shape, { kind: 'record' }>['fields'],
  record: ValueRecord,
  hide: Hide,
): Record<string, unknown> {
  return Object.fromEntries(fields.map(({ name, shape, pii }) => [name, masked(shape, record[name], hide, pii)]))
}

/** An amount as people write it: all its digits, at least two behind the point. */
export function amountText(amount: Decimal): string {
  const full = amount.toFixed()
  return /\.\d{2,}$/.test(full) ? full : amount.toFixed(2)
}
