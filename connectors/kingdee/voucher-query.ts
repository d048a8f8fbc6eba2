import { amountOf, type Content, type Line } from './lines.ts'
import type { Kingdee } from './link.ts'
import { ask, quoted, voucherForm, type Row } from './query.ts'

/** A voucher as it stands in Kingdee. */
export interface Voucher extends Content {
  readonly id: string
  /** Word and number: `记-27`. */
  readonly number: string
  /** 记, and its number PRE001. */
  readonly word: string
  readonly wordNumber: string
  readonly year: string
  readonly period: string
  /** Z draft · A saved · B submitted · C audited · D sent back (kingdee.md §5). */
  readonly status: string
  /** Voided by a person (作废): it exists, and its money does not count. */
  readonly isVoid: boolean
  readonly reference: string
}

const form = voucherForm
const order = 'FVOUCHERID asc,FEntity_FEntryID asc'
const headerFields = [
  'FVOUCHERID',
  'FAccountBookID.FNumber',
  'FDate',
  'FYEAR',
  'FPERIOD',
  'FVOUCHERGROUPID.FName',
  'FVOUCHERGROUPID.FNumber',
  'FVOUCHERGROUPNO',
  'FDocumentStatus',
  'FInvalid',
]
const entryFields = [
  'FEntity_FEntryID',
  'FEXPLANATION',
  'FACCOUNTID.FNumber',
  'FCURRENCYID.FNumber',
  'FAMOUNTFOR',
  'FEXCHANGERATE',
  'FDEBIT',
  'FCREDIT',
]

/** Condition for vouchers of a book. */
export const ofBook = (book: string): string => `FAccountBookID.FNumber=${quoted(book)}`

/** Condition for one id; an id that is none fits nothing. */
export const ofId = (id: string): string => `FVOUCHERID=${/^\d{1,18}$/.test(id) ? id : '0'}`

/**
 * Reads whole vouchers. Each row of the answer is one entry (kingdee.md §4.4). The dimensions come with a second question, for
 * just the slots that the accounts of these vouchers have: a slot the tenant does not have would fail the whole question.
 */
export async function readVouchers(link: Kingdee, filter: string): Promise<Voucher[]> {
  const { client, base } = link
  const { referenceField } = client.settings
  const fields = [...headerFields, referenceField, ...entryFields]
  const rows = await ask(client, { form, fields, filter, order })
  if (rows.length === 0) return []
  const accounts = await base.accounts.get(rows.map((row) => row['FACCOUNTID.FNumber'] ?? ''))
  const slots = [...new Set([...accounts.values()].flatMap((account) => account.slots))]
  const dimensions = slots.length === 0 ? new Map() : await readDimensions(link, filter, slots)
  const byId = Map.groupBy(rows, (row) => row['FVOUCHERID'] ?? '')
  return [...byId.values()].map((own) => toVoucher(own, referenceField, dimensions))
}

type Dimensions = ReadonlyMap<string, Readonly<Record<string, string>>>

/** The dimensions of each entry, by its id. */
async function readDimensions({ client }: Kingdee, filter: string, slots: readonly string[]): Promise<Dimensions> {
  const fields = ['FEntity_FEntryID', ...slots.map((slot) => `FDetailID.${slot}.FNumber`)]
  const rows = await ask(client, { form, fields, filter, order })
  const filled = (row: Row): [string, string][] =>
    slots
      .map((slot): [string, string] => [slot, row[`FDetailID.${slot}.FNumber`]?.trim() ?? ''])
      .filter(([, number]) => number !== '')
  return new Map(rows.map((row) => [row['FEntity_FEntryID'] ?? '', Object.fromEntries(filled(row))]))
}

function toVoucher(rows: readonly Row[], referenceField: string, dimensions: Dimensions): Voucher {
  const [first = {}] = rows
  const cell = (key: string): string => first[key] ?? ''
  return {
    id: cell('FVOUCHERID'),
    number: `${cell('FVOUCHERGROUPID.FName')}-${cell('FVOUCHERGROUPNO')}`,
    word: cell('FVOUCHERGROUPID.FName'),
    wordNumber: cell('FVOUCHERGROUPID.FNumber'),
    book: cell('FAccountBookID.FNumber'),
    date: cell('FDate').slice(0, 10),
    year: cell('FYEAR'),
    period: cell('FPERIOD'),
    status: cell('FDocumentStatus'),
    isVoid: /^(true|1)$/i.test(cell('FInvalid')),
    reference: rows.map((row) => row[referenceField] ?? '').find((text) => text !== '') ?? '',
    lines: rows.map((row) => toLine(row, dimensions)),
  }
}

function toLine(row: Row, dimensions: Dimensions): Line {
  return {
    summary: row['FEXPLANATION'] ?? '',
    account: row['FACCOUNTID.FNumber'] ?? '',
    dimensions: dimensions.get(row['FEntity_FEntryID'] ?? '') ?? {},
    currency: row['FCURRENCYID.FNumber'] ?? '',
    original: amountOf(row['FAMOUNTFOR']),
    rate: amountOf(row['FEXCHANGERATE']),
    debit: amountOf(row['FDEBIT']),
    credit: amountOf(row['FCREDIT']),
  }
}
