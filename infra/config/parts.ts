import { Duration, Instant, Day } from '@shuniu/contracts'
import { z } from 'zod'
import { asWritten, here } from './decode.ts'
import { likeWord } from './issues.ts'
import type { YamlNode } from './node.ts'

/** The parts that the files of a project are declared with. Each has one form, one sentence of help and one example. */

interface Form {
  readonly example: string
  readonly pattern?: RegExp
  readonly accepts?: (text: string) => boolean
  /** What stands behind a bare number that was meant: `s`. */
  readonly unit?: string
}

/** A text of one form; a wrong one is reported with the example. */
function formed({ example, pattern, accepts, unit }: Form): z.ZodString {
  const fits = (text: string): boolean => (pattern?.test(text) ?? true) && (accepts?.(text) ?? true)
  const error = ({ input }: { readonly input?: unknown }): string | undefined =>
    unit !== undefined && typeof input === 'number' ? `${likeWord}${input}${unit}` : undefined
  return z
    .string({ error })
    .refine(fits, { params: { code: 'config.bad-format', example } })
    .meta({ ...(pattern ? { pattern: pattern.source } : {}), examples: [example] })
}

/** A short text for people, in one line. */
export const words = z.string().min(1).max(200)

/** Name of a flow or a connection: part of addresses and file names, and for ever of the references in the target. */
export const name = formed({ example: 'payment-to-voucher', pattern: /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/ }).max(60)

const reserved = new Set([
  'event',
  'document',
  'effect',
  'undone',
  'true',
  'false',
  'null',
  'in',
  'as',
  ...Object.getOwnPropertyNames(Object.prototype),
])

/** Name of a step or of a `let` value, as expressions use it. */
export const identifier = formed({ example: 'voucher', pattern: /^[A-Za-z_][A-Za-z0-9_]*$/ })
  .max(60)
  .refine((text) => !reserved.has(text), { params: { code: 'config.reserved-name' } })

/** Type of an event without its version: `approval.payment.approved`. */
export const eventType = formed({
  example: 'approval.payment.approved',
  pattern: /^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*){2,}$/,
}).max(120)

/** An operation of a connector: `voucher.save`. */
export const operationName = formed({
  example: 'voucher.save',
  pattern: /^[a-z][A-Za-z0-9-]*(?:\.[a-z][A-Za-z0-9-]*)*$/,
}).max(60)

/** A connection and one of its operations: `kingdee-main/voucher.save`. */
export interface CallTarget {
  readonly connection: string
  readonly operation: string
}

export const callTarget = formed({
  example: 'kingdee-main/voucher.save',
  pattern: /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*\/[a-z][A-Za-z0-9-]*(?:\.[a-z][A-Za-z0-9-]*)*$/,
})
  .max(121)
  .transform((text): CallTarget => ({ connection: text.replace(/\/.*/, ''), operation: text.replace(/.*\//, '') }))

/** A moment with its zone. Days that do not exist are refused. */
export const instant = formed({
  example: '2026-01-01T00:00:00+08:00',
  accepts: (text) => Instant.parse(text) !== undefined && Day.parse(text.slice(0, 10)) !== undefined,
}).transform((text) => new Instant(Date.parse(text)))

const msOf = (text: string): number => Duration.parse(text)?.ms ?? Number.NaN

/** A length of time such as `10s`, between two others. */
export function duration(least: string, most: string): z.ZodType<Duration, string> {
  return formed({ example: '10s', unit: 's', accepts: (text) => Duration.parse(text) !== undefined })
    .refine((text) => !(msOf(text) < msOf(least)), { params: { code: 'config.at-least', bound: least } })
    .refine((text) => !(msOf(text) > msOf(most)), { params: { code: 'config.at-most', bound: most } })
    .transform((text) => new Duration(msOf(text)))
}

const isScalar = (value: unknown): boolean => value !== null && typeof value !== 'object'

/** One expression, as its node: compiled elsewhere, so that errors point into the file. */
export function expression(): z.ZodType<YamlNode> {
  return z
    .unknown()
    .refine(isScalar, { params: { code: 'config.expected-expression' } })
    .transform(() => asWritten)
    .meta({ type: ['string', 'boolean', 'number'] })
}

/** A value with expressions in it (`= …`, `${…}`, `each:`), as its node. */
export function template(): z.ZodType<YamlNode> {
  return z
    .unknown()
    .refine((value) => value !== undefined, { params: { code: 'config.missing-key' } })
    .transform(() => asWritten)
}

/** A map whose output also has its own node, as `node`, for places in later problems. */
export function located<Output extends object, Input>(shape: z.ZodType<Output, Input>) {
  return shape.transform((value) => ({ ...value, node: here }))
}

/** For a refinement: `key` is missing, although nothing else may be wrong. */
export function missing(key: string) {
  return {
    path: [key],
    params: { code: 'config.missing-key' },
    when: ({ value }: { value: unknown }) => value !== null && typeof value === 'object',
  }
}
