import { Decimal, isDecimal, isRecord, type Value, type ValueRecord } from '@shuniu/contracts'

/** A line of a voucher, as accountants read it. */
export interface EntryLine {
  readonly account: string
  readonly summary: string
  /** Numbers of what the line is also about: department, supplier … */
  readonly dimensions: readonly string[]
  readonly side: 'debit' | 'credit'
  readonly amount: Decimal
}

/**
 * The lines of a body that is a voucher: the first list whose items have a debit or a credit. Bodies are the target's
 * own form; fields are told by the words of accounting that every system uses in their names.
 */
export function entryLinesOf(body: ValueRecord): EntryLine[] {
  for (const list of listsIn(body)) {
    const lines = list.filter(isRecord).flatMap((item) => lineOf(item) ?? [])
    if (lines.length > 0) return lines
  }
  return []
}

function* listsIn(value: Value | undefined): Generator<readonly Value[]> {
  if (Array.isArray(value)) yield value as readonly Value[]
  else if (isRecord(value)) for (const member of Object.values(value)) yield* listsIn(member)
}

function lineOf(item: ValueRecord): EntryLine | undefined {
  const debit = amountOf(fieldOf(item, /debit|借方/i))
  const credit = amountOf(fieldOf(item, /credit|贷方/i))
  const amount = debit && !debit.eq(zero) ? debit : credit
  if (!amount) return undefined
  return {
    account: textsIn(fieldOf(item, /account(?!book)|科目/i)).join(' '),
    summary: textsIn(fieldOf(item, /explanation|summary|abstract|memo|摘要/i)).join(' '),
    dimensions: textsIn(fieldOf(item, /detailid|dimension|auxiliary|辅助/i)),
    side: amount === debit ? 'debit' : 'credit',
    amount,
  }
}

const zero = new Decimal('0')

function fieldOf(item: ValueRecord, name: RegExp): Value | undefined {
  const key = Object.keys(item).find((one) => name.test(one))
  return key === undefined ? undefined : item[key]
}

function amountOf(value: Value | undefined): Decimal | undefined {
  if (isDecimal(value)) return value
  return typeof value === 'string' && /^-?\d{1,30}(\.\d{1,10})?$/.test(value) ? new Decimal(value) : undefined
}

/** The texts of a value, however deep: `{ FNumber: '6602.03' }` is 6602.03. */
function textsIn(value: Value | undefined): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : []
}
