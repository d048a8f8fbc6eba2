import { Decimal, type Value } from '@shuniu/contracts'
import type { Scalar } from 'yaml'
import { isMap, isSeq, type YamlNode } from './node.ts'

/** Plain data for schemas of settings and files. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

/** A node as a value of the hub: numbers are decimals made of their own digits, so none is ever rounded. */
export function nodeToValue(node: YamlNode): Value {
  if (isMap(node)) {
    const record: Record<string, Value> = {}
    for (const { key, value } of node.items) record[key.value] = value ? nodeToValue(value) : null
    return record
  }
  if (isSeq(node)) return node.items.map(nodeToValue)
  return scalarValue(node)
}

/**
 * A node as plain data, for zod. A number that a JS number cannot hold exactly stays a text, so that a schema for numbers
 * refuses it and a schema for texts keeps every digit.
 */
export function nodeToPlain(
  node: YamlNode,
  text: (scalar: Scalar<string>) => string = (scalar) => scalar.value,
): Plain {
  if (isMap(node)) {
    const record: Record<string, Plain> = {}
    for (const { key, value } of node.items) record[key.value] = value ? nodeToPlain(value, text) : null
    return record
  }
  if (isSeq(node)) return node.items.map((item) => nodeToPlain(item, text))
  if (isText(node)) return text(node)
  const value = scalarValue(node)
  return value instanceof Decimal ? plainNumber(value) : value
}

function isText(node: Scalar): node is Scalar<string> {
  return typeof node.value === 'string'
}

function plainNumber(decimal: Decimal): number | string {
  const number = Number(decimal.toString())
  return new Decimal(String(number)).eq(decimal) ? number : decimal.toString()
}

function scalarValue(node: Scalar): null | boolean | string | Decimal {
  const { value, source } = node
  if (typeof value === 'number') return decimalOf(source ?? String(value))
  return typeof value === 'boolean' || typeof value === 'string' ? value : null
}

/** Hexadecimal and octal notation holds whole numbers only. */
function decimalOf(source: string): Decimal {
  return new Decimal(/^0[xo]/.test(source) ? BigInt(source).toString() : source.replace(/^\+/, ''))
}
