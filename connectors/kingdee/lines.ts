import { Decimal, isDecimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import { list, plain } from './answers.ts'

/** One line of a voucher, as it is sent and as it is read back. */
export interface Line {
  readonly summary: string
  readonly account: string
  /** Slot → number, `{FFLEX5: 'D03'}`. */
  readonly dimensions: Readonly<Record<string, string>>
  readonly currency: string
  /** Amount in the line's own currency. */
  readonly original: Decimal
  /** Units of the book's currency for 1 unit of the line's; follows from the amounts, so it is not compared. */
  readonly rate: Decimal
  readonly debit: Decimal
  readonly credit: Decimal
}

/** What money says of a voucher: everything that decides whether two are the same. */
export interface Content {
  readonly book: string
  /** `yyyy-MM-dd` */
  readonly date: string
  readonly lines: readonly Line[]
}

const zero = new Decimal('0')

/** An amount in an answer or a body: a number or its text; nothing is zero. */
export function amountOf(value: Value | undefined): Decimal {
  if (isDecimal(value)) return value
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? new Decimal(value) : zero
}

export const sum = (amounts: readonly Decimal[]): Decimal => amounts.reduce((total, amount) => total.plus(amount), zero)
export const totalDebit = (content: Pick<Content, 'lines'>): Decimal => sum(content.lines.map((line) => line.debit))
export const totalCredit = (content: Pick<Content, 'lines'>): Decimal => sum(content.lines.map((line) => line.credit))

/** One line without its summary; equal texts exactly when account, dimensions, currency and amounts are equal. */
function lineText({ account, dimensions, currency, original, debit, credit }: Line): string {
  const slots = Object.entries(dimensions).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return JSON.stringify([account, slots, currency, original.toString(), debit.toString(), credit.toString()])
}

/** The fingerprint: book, date and the lines in any order. */
export function contentText(content: Content): string {
  return [content.book, content.date, ...content.lines.map(lineText).toSorted()].join('\n')
}

/** Lines that only one of two vouchers has, for people. */
export function differences(expected: Content, found: Content): { missing: string[]; added: string[] } {
  const rest = found.lines.map(lineText)
  const missing = expected.lines.map(lineText).filter((text) => {
    const at = rest.indexOf(text)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
  return { missing, added: rest }
}

/** The same line as red letters: same side, negative amounts (accounting.md §7). */
export const negated = (line: Line): Line => ({
  ...line,
  original: line.original.neg(),
  debit: line.debit.neg(),
  credit: line.credit.neg(),
})

const numberOf = (value: Value | undefined): string => (isRecord(value) ? plain(value['FNumber']) : '')

/** Book and date in a `Model` of GL_VOUCHER. */
export function headOfModel(model: ValueRecord): Pick<Content, 'book' | 'date'> {
  return { book: numberOf(model['FAccountBookID']), date: plain(model['FDate']).slice(0, 10) }
}

/** What a `Model` of GL_VOUCHER says (kingdee.md §6). */
export function contentOfModel(model: ValueRecord): Content {
  return {
    ...headOfModel(model),
    lines: list(model['FEntity']).filter(isRecord).map(lineOfEntry),
  }
}

const SLOT = /^FDETAILID__(\w+)$/

function lineOfEntry(entry: ValueRecord): Line {
  const detail = isRecord(entry['FDetailID']) ? entry['FDetailID'] : {}
  const slots = Object.entries(detail).map(([key, record]) => [SLOT.exec(key)?.[1] ?? key, numberOf(record)])
  return {
    summary: plain(entry['FEXPLANATION']),
    account: numberOf(entry['FACCOUNTID']),
    dimensions: Object.fromEntries(slots),
    currency: numberOf(entry['FCURRENCYID']),
    original: amountOf(entry['FAMOUNTFOR']),
    rate: amountOf(entry['FEXCHANGERATE']),
    debit: amountOf(entry['FDEBIT']),
    credit: amountOf(entry['FCREDIT']),
  }
}
