import { Decimal, Instant, type HubEvent } from '@shuniu/contracts'
import { eventOf, TestHub, type HubOptions } from './test-hub.ts'

const created = `
      businessKey: = event.approvalId
      revision: = event.revision
      reference: = voucher.reference
      connection: books
      book: = voucher.book
      date: = voucher.date
      period: = string(voucher.date).substring(0, 7)
      number: = voucher.number
      documentId: = voucher.id
      status: = voucher.status
      currency: = event.currency
      amount: = event.amount`

const reversed = `
        businessKey: = event.approvalId
        revision: = event.revision
        reference: = undone.reference
        connection: books
        book: = undone.book
        date: = undone.date
        period: = string(undone.date).substring(0, 7)
        number: = undone.number
        documentId: = undone.id
        status: = undone.status
        currency: = original.currency
        amount: = original.amount
        original: { documentId: = effect.id, reference: = effect.reference, number: = effect.number }`

/** Approved payments become vouchers, with a note on the approval: look-ups → voucher → event → notice. */
export const payments = (mode: 'auto' | 'park' = 'auto'): string => `
flow: payment
on: approval.payment.approved
since: 2026-03-01T00:00:00Z
where: event.currency == "CNY"
key: event.approvalId
let:
  day: openDate("books", "main", date(event.approvedAt, "UTC"))
steps:
  - check: event.lines.sum(l, l.amount) == event.amount
    otherwise: lines do not add up
  - name: voucher
    call: books/voucher.save
    with:
      day: = day
      lines:
        - each: event.lines as line
          account: = table("account", line.category)
          amount: = line.amount
    undo:
      on: approval.payment.withdrawn
      call: books/voucher.reverse
      mode: ${mode}
      emit: finance.voucher.reversed
      with: ${reversed}
  - emit: finance.voucher.created
    with: ${created}
  - name: note
    call: office/note.post
    with: { text: "posted \${voucher.number}" }
    onTrouble: continue
`

export const accounts = 'category,account\ntravel,6602\nmeals,6603\n'

/** A hub with that flow. */
export function openPayments(options: Partial<HubOptions> & { mode?: 'auto' | 'park' } = {}): Promise<TestHub> {
  const { mode = 'auto', ...rest } = options
  return TestHub.open({ flows: [payments(mode)], tables: { account: accounts }, ...rest })
}

interface Payment {
  readonly revision?: number
  readonly category?: string
  readonly currency?: string
  /** What its lines add up to; the total is 100 all the same. */
  readonly lines?: string
  readonly at?: string
  /** Of the source's own document; another one is another event. */
  readonly document?: string
}

/** An approved payment of 100, agreed on 10 March 2026. */
export function payment(key: string, given: Payment = {}): HubEvent {
  const { revision = 1, category = 'travel', currency = 'CNY', lines = '100', at = '2026-03-10T07:00:00Z' } = given
  const time = Instant.parse(at) ?? new Instant(0)
  const data = {
    approvalId: key,
    revision: new Decimal(String(revision)),
    approvalNo: `NO-${key}`,
    approvedAt: time,
    department: { id: 'D1', name: null },
    currency,
    amount: new Decimal('100'),
    lines: [{ category, memo: '', amount: new Decimal(lines), date: null }],
  }
  return eventOf('approval.payment.approved', data, { at: time, document: given.document ?? `${key}-${revision}` })
}

/** The same payment is taken back, up to a revision. */
export function withdrawal(key: string, revision = 1, document = `${key}-revoke-${revision}`): HubEvent {
  const at = Instant.parse('2026-03-10T07:30:00Z') ?? new Instant(0)
  const data = { approvalId: key, revision: new Decimal(String(revision)), withdrawnAt: at }
  return eventOf('approval.payment.withdrawn', data, { at, document })
}
