import { isRecord, type Value, type ValueRecord } from '@shuniu/contracts'
import type { Found } from '@shuniu/sdk'
import { list, plain } from './answers.ts'
import { amountOf, contentText, type Line } from './lines.ts'
import type { Voucher } from './voucher-query.ts'

/** A voucher as the engine keeps it; everything about it is in `document`. */
export function toFound(voucher: Voucher): Found {
  const { id, number, status, isVoid, lines } = voucher
  return {
    id,
    number,
    status: isVoid ? 'void' : status,
    document: { ...voucher, lines: lines.map((line) => ({ ...line })) },
  }
}

/** The voucher out of what `toFound` made, also when it was stored meanwhile. */
export function fromFound({ document }: Pick<Found, 'document'>): Voucher {
  const text = (key: string): string => plain(document[key])
  return {
    id: text('id'),
    number: text('number'),
    word: text('word'),
    wordNumber: text('wordNumber'),
    book: text('book'),
    date: text('date'),
    year: text('year'),
    period: text('period'),
    status: text('status'),
    isVoid: document['isVoid'] === true,
    reference: text('reference'),
    lines: list(document['lines']).filter(isRecord).map(storedLine),
  }
}

function storedLine(line: ValueRecord): Line {
  const dimensions: Value = line['dimensions'] ?? null
  return {
    summary: plain(line['summary']),
    account: plain(line['account']),
    dimensions: isRecord(dimensions)
      ? Object.fromEntries(Object.entries(dimensions).map(([slot, number]) => [slot, plain(number)]))
      : {},
    currency: plain(line['currency']),
    original: amountOf(line['original']),
    rate: amountOf(line['rate']),
    debit: amountOf(line['debit']),
    credit: amountOf(line['credit']),
  }
}

/** A voided voucher is never equal to what was to be saved. */
export const voucherText = (voucher: Voucher): string => `${contentText(voucher)}${voucher.isVoid ? '\nvoid' : ''}`
