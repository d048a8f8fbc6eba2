import { parseAmount } from './amount.ts'

/** How the values of a field compare: amounts and integers as decimals, days as instants, flags as 1 and 0. */
export type FieldType = 'text' | 'integer' | 'amount' | 'day' | 'flag'

/** A value of a row: `yyyy-MM-ddTHH:mm:ss` for days, exact decimal text for amounts, null when there is none. */
export type Cell = string | number | boolean | null

/** A field a query can name: its type and how to read it from a row. */
export interface Column<Row> {
  readonly key: string
  readonly type: FieldType
  read(row: Row): Cell
}

/** A value in the form in which values of one type compare. */
export type Comparable = string | bigint

/** Undefined when it is no value of this type, or none at all. */
export function comparable(type: FieldType, cell: Cell): Comparable | undefined {
  if (cell === null) return undefined
  const text = String(cell)
  switch (type) {
    case 'integer':
    case 'amount':
      return parseAmount(text)
    case 'flag':
      return /^(1|true)$/i.test(text) ? '1' : '0'
    case 'day':
      return text.length === 10 ? `${text}T00:00:00` : text.replace(' ', 'T')
    default:
      return text
  }
}

/** Negative, zero or positive, as sort() wants it. */
export const orderOf = (left: Comparable, right: Comparable): number => (left < right ? -1 : left > right ? 1 : 0)
