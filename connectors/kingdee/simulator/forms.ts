import { accountOf, accounts } from './accounts.ts'
import type { Account } from './accounts.ts'
import type { Cell, Column, FieldType } from './columns.ts'
import type { Period } from './periods.ts'
import {
  accountBooks,
  currencies,
  departments,
  expenseItems,
  organisations,
  suppliers,
  voucherWords,
} from './tenant.ts'
import type { BaseRecord } from './tenant.ts'

/** A form that can be queried: its fields and its rows. */
export interface Form<Row> {
  readonly id: string
  readonly title: string
  /** Key of the identity, by which rows come in order when the query does not say otherwise. */
  readonly key: string
  readonly columns: readonly Column<Row>[]
  /** All rows, or fewer when the filter pins fields to a text. */
  rows(pins: ReadonlyMap<string, string>): Iterable<Row>
}

/** One field of a form. */
export const column = <Row>(key: string, type: FieldType, read: (row: Row) => Cell): Column<Row> => ({
  key,
  type,
  read,
})

/** A reference to base data: the internal id, `.FNumber` and `.FName`. */
export function reference<Row>(
  key: string,
  records: readonly BaseRecord[],
  number: (row: Row) => string,
): Column<Row>[] {
  const found = (row: Row): BaseRecord | undefined => records.find((one) => one.number === number(row))
  return [
    column(key, 'integer', (row) => found(row)?.id ?? 0),
    column(`${key}.FNumber`, 'text', (row) => found(row)?.number ?? ''),
    column(`${key}.FName`, 'text', (row) => found(row)?.name ?? ''),
  ]
}

/** A master-data form; every record is audited (C). */
function baseForm(
  id: string,
  title: string,
  key: string,
  records: readonly BaseRecord[],
  more: readonly Column<BaseRecord>[] = [],
): Form<BaseRecord> {
  const columns = [
    column<BaseRecord>(key, 'integer', (row) => row.id),
    column<BaseRecord>('FNumber', 'text', (row) => row.number),
    column<BaseRecord>('FName', 'text', (row) => row.name),
    column<BaseRecord>('FDocumentStatus', 'text', () => 'C'),
    column<BaseRecord>('FForbidStatus', 'text', (row) => (row.forbidden ? 'B' : 'A')),
    column<BaseRecord>('FUseOrgId.FNumber', 'text', (row) => row.org),
    ...more,
  ]
  return { id, title, key, columns, rows: () => records }
}

/** Master data that never changes here. */
export const baseForms = [
  baseForm('BD_Department', '部门', 'FDEPTID', departments),
  baseForm('BD_Supplier', '供应商', 'FSupplierId', suppliers),
  baseForm('BD_Expense', '费用项目', 'FEXPID', expenseItems),
  baseForm('BD_VOUCHERGROUP', '凭证字', 'FVCHGROUPID', voucherWords),
  baseForm(
    'ORG_Organizations',
    '组织机构',
    'FOrgID',
    organisations.map((one) => ({ ...one, org: one.number })),
  ),
  baseForm('BD_Currency', '币别', 'FCURRENCYID', currencies, [column('FCODE', 'text', (row) => row.code ?? '')]),
  baseForm('BD_AccountBook', '账簿', 'FBOOKID', accountBooks, [
    column('FAccountOrgId.FNumber', 'text', (row) => row.org),
    column('FCurrencyID.FNumber', 'text', () => 'PRE001'),
  ]),
]

type AccountRow = { readonly account: Account; readonly slot: string | null }

const rowsOf = (account: Account): AccountRow[] =>
  account.required.length === 0 ? [{ account, slot: null }] : account.required.map((slot) => ({ account, slot }))

/** Accounts: one row for each required dimension, at least one (sample 28). */
export function accountForm(isForbidden: (number: string) => boolean): Form<AccountRow> {
  const columns = [
    column<AccountRow>('FACCTID', 'integer', ({ account }) => account.id),
    column<AccountRow>('FNumber', 'text', ({ account }) => account.number),
    column<AccountRow>('FName', 'text', ({ account }) => account.name),
    column<AccountRow>('FIsDetail', 'flag', ({ account }) => account.isLeaf),
    column<AccountRow>('FDocumentStatus', 'text', () => 'C'),
    column<AccountRow>('FForbidStatus', 'text', ({ account }) => (isForbidden(account.number) ? 'B' : 'A')),
    column<AccountRow>('FFlEXITEMPROPERTYID.FNumber', 'text', ({ slot }) => slot),
  ]
  return {
    id: 'BD_Account',
    title: '科目',
    key: 'FACCTID',
    columns,
    rows(pins) {
      const pinned = accountOf(pins.get('fnumber') ?? '')
      return (pinned ? [pinned] : accounts).flatMap(rowsOf)
    },
  }
}

/** Own invention: no confirmed query says whether a period of a book is closed; this form and its fields do. */
export function calendarForm(list: (book: string) => Period[]): Form<Period> {
  return {
    id: 'BD_ACCOUNTCALENDAR',
    title: '会计日历',
    key: 'FSTARTDATE',
    columns: [
      ...reference<Period>('FAccountBookID', accountBooks, (row) => row.book),
      column('FYEAR', 'integer', (row) => row.year),
      column('FPERIOD', 'integer', (row) => row.period),
      column('FSTARTDATE', 'day', (row) => `${row.from}T00:00:00`),
      column('FENDDATE', 'day', (row) => `${row.to}T00:00:00`),
      column('FISCLOSED', 'flag', (row) => row.closed),
    ],
    rows: () => accountBooks.flatMap((book) => list(book.number)),
  }
}
