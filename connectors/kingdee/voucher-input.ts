import { Decimal } from '@shuniu/contracts'
import { day, decimal } from '@shuniu/sdk'
import { z } from 'zod'
import type { Settings } from './settings.ts'

const text = (description: string): z.ZodString => z.string().min(1).describe(description)
const dimension = (of: string) => z.string().nullish().describe(`Number of the ${of}; nothing = none`)

/** One line as a flow writes it. Exactly one of debit and credit is not zero; a line with both zero is left out. */
const entry = z.strictObject({
  summary: text('摘要: who, what, document number. Cleaned and cut to 200 characters'),
  account: text('Number of a leaf account: 6602.03'),
  debit: decimal().nullish().describe('Debit in the currency of the book'),
  credit: decimal().nullish().describe('Credit in the currency of the book'),
  department: dimension('department'),
  supplier: dimension('supplier'),
  customer: dimension('customer'),
  employee: dimension('employee'),
  project: dimension('project'),
  expenseItem: dimension('expense item'),
  bankAccount: dimension('bank account'),
  dimensions: z
    .record(z.string(), z.string().nullable())
    .optional()
    .describe('Further dimensions by the name in settings.dimensions, or by slot'),
  currency: z.string().default('CNY').describe('Currency of the line: CNY, USD, or Kingdee’s number PRE001'),
  rate: decimal()
    .nullish()
    .describe('Units of the book’s currency for 1 unit of the line’s; only for another currency'),
  original: decimal().nullish().describe('Amount in the line’s currency; only for another currency'),
})

/** Input of `voucher.save`. */
export const voucherInput = z.strictObject({
  book: text('Number of the account book: 001'),
  word: z.string().default('PRE001').describe('Voucher word, by number (PRE001) or name (记)'),
  date: day().describe('Date of the voucher; year and period follow from it'),
  attachments: decimal().nullish().describe('Number of attached papers'),
  entries: z.array(entry).min(1).describe('Lines in the order of the voucher'),
})

export type VoucherInput = z.output<typeof voucherInput>
export type Entry = z.output<typeof entry>

const named = ['department', 'supplier', 'customer', 'employee', 'project', 'expenseItem', 'bankAccount'] as const

/** Preset currency numbers (kingdee.md §8); any other text is taken as Kingdee's own number. */
const currencies: Readonly<Record<string, string>> = {
  CNY: 'PRE001',
  HKD: 'PRE002',
  EUR: 'PRE003',
  JPY: 'PRE004',
  TWD: 'PRE005',
  GBP: 'PRE006',
  USD: 'PRE007',
}

export const currencyNumber = (currency: string): string => currencies[currency] ?? currency
export const bookCurrency = 'PRE001'

const zero = new Decimal('0')
export const debitOf = (one: Entry): Decimal => one.debit ?? zero
export const creditOf = (one: Entry): Decimal => one.credit ?? zero

/** The lines that count, each with its place in the input; a line with both sides zero is dropped (accounting.md §2). */
export function countingEntries(input: VoucherInput): { readonly at: number; readonly entry: Entry }[] {
  return input.entries
    .map((one, at) => ({ at, entry: one }))
    .filter((line) => !debitOf(line.entry).eq(zero) || !creditOf(line.entry).eq(zero))
}

/** The dimensions of a line: name as written → slot and number. A name without a slot has the slot `undefined`. */
export function dimensionsOf(
  one: Entry,
  settings: Settings,
): { readonly name: string; readonly slot: string | undefined; readonly number: string }[] {
  const written = [...named.map((name) => [name, one[name]] as const), ...Object.entries(one.dimensions ?? {})]
  return written.flatMap(([name, number]) =>
    number === undefined || number === null || number === '' ? [] : { name, slot: slotOf(name, settings), number },
  )
}

function slotOf(name: string, settings: Settings): string | undefined {
  if (Object.hasOwn(settings.dimensions, name)) return settings.dimensions[name]
  return /^FF(LEX)?\d+$/.test(name) ? name : undefined
}
