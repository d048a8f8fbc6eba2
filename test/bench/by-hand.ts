import { Day, Decimal, type Instant } from '@shuniu/contracts'

/** What the example's flow maps, as somebody would write it in TypeScript for this one flow. */
export interface Payment {
  readonly approvalId: string
  readonly revision: Decimal
  readonly approvalNo: string
  readonly approvedAt: Instant
  readonly department: { readonly id: string; readonly name: string }
  readonly currency: string
  readonly amount: Decimal
  readonly lines: readonly { readonly category: string; readonly memo: string; readonly amount: Decimal }[]
}

/** What Kingdee says about a saved voucher. */
export interface Saved {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly book: string
  readonly date: Day
  readonly reference: string
}

export interface Maps {
  readonly departments: ReadonlyMap<string, string>
  readonly accounts: ReadonlyMap<string, string>
  readonly openMonths: ReadonlySet<string>
}

const eightHours = 8 * 3_600_000
const zero = new Decimal('0')

function found(map: ReadonlyMap<string, string>, key: string): string {
  const value = map.get(key)
  if (value === undefined) throw new Error(`${key} is not mapped`)
  return value
}

/** The day itself, or the first open day after it in the same year. */
function openDay(day: Day, openMonths: ReadonlySet<string>): Day {
  if (openMonths.has(day.text.slice(0, 7))) return day
  const next = [...openMonths].toSorted().find((month) => month > day.text && month.startsWith(day.text.slice(0, 4)))
  const first = next === undefined ? undefined : Day.parse(`${next}-01`)
  if (!first) throw new Error('no open period')
  return first
}

/** Input of `voucher.save`. */
export function voucherOf(event: Payment, maps: Maps) {
  const approved = Day.parse(new Date(event.approvedAt.ms + eightHours).toISOString().slice(0, 10))
  if (!approved) throw new Error('no such day')
  const day = openDay(approved, maps.openMonths)
  const moved = day.text === approved.text ? '' : ` 原日期 ${approved.text}`
  const department = found(maps.departments, event.department.id)
  const sum = event.lines.reduce((all, line) => all.plus(line.amount), zero)
  if (!sum.eq(event.amount)) throw new Error('the lines do not add up')
  const debits = event.lines.map((line) => ({
    summary: `付款 ${event.approvalNo} ${line.memo}${moved}`,
    account: found(maps.accounts, line.category),
    department,
    debit: line.amount,
  }))
  const credit = { summary: `付款 ${event.approvalNo}${moved}`, account: '1002.01', credit: event.amount }
  return { book: '001', date: day, entries: [...debits, credit] }
}

/** Data of `finance.voucher.created`. */
export function createdOf(event: Payment, voucher: Saved) {
  return {
    businessKey: event.approvalId,
    revision: event.revision,
    approvalId: event.approvalId,
    approvalNo: event.approvalNo,
    reference: voucher.reference,
    connection: 'kingdee-main',
    book: voucher.book,
    date: voucher.date,
    period: voucher.date.text.slice(0, 7),
    number: voucher.number,
    documentId: voucher.id,
    status: voucher.status,
    currency: event.currency,
    amount: event.amount,
  }
}
