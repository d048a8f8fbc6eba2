import { msgCode, Refusal } from './answers.ts'
import { comparable, orderOf } from './columns.ts'
import type { Cell, Column } from './columns.ts'
import { compileFilter } from './filter.ts'
import type { Form } from './forms.ts'
import { exactNumber, member, textOf } from './json.ts'
import type { JsonObject } from './json.ts'

/** Rows per call, whatever the Limit says (kingdee.md §9). */
const MOST_ROWS = 2000

/** The cells a query found and the field keys as the caller wrote them. */
export interface Found {
  readonly keys: readonly string[]
  readonly rows: unknown[][]
}

/** ExecuteBillQuery and BillQuery: `FieldKeys FilterString OrderString TopRowCount StartRow Limit` (kingdee.md §4.4). */
export function runQuery<Row>(form: Form<Row>, data: JsonObject): Found {
  const given = (key: string): string => textOf(member(data, key)).trim()
  const columnOf = columnFinder(form)
  const keys = given('FieldKeys')
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')
  if (keys.length === 0) throw new Refusal(msgCode.parameter, 'data 数据包中的参数 FieldKeys 的值不能为空')
  const columns = keys.map(columnOf)
  if (Array.isArray(member(data, 'FilterString')))
    throw new Refusal(msgCode.exception, '模拟器只支持文本形式的 FilterString')
  const filter = compileFilter(given('FilterString'), columnOf)
  const order = readOrder(given('OrderString') === '' ? form.key : given('OrderString'), columnOf)
  const matching = Iterator.from(form.rows(filter.pins)).filter(filter.test).toArray().toSorted(order)
  const top = count(given('TopRowCount'))
  const start = count(given('StartRow'))
  const limit = Math.min(count(given('Limit')) || MOST_ROWS, MOST_ROWS)
  const page = matching.slice(0, top || matching.length).slice(start, start + limit)
  return { keys, rows: page.map((row) => columns.map((column) => shown(column, column.read(row)))) }
}

/** Own invention: a count that is none counts as 0. */
const count = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : 0)

/** Fields are found whatever their case, as the probe of kingdee.md §2.4 does. */
function columnFinder<Row>(form: Form<Row>): (key: string) => Column<Row> {
  const byKey = new Map(form.columns.map((column) => [column.key.toLowerCase(), column]))
  return (key) => {
    const column = byKey.get(key.toLowerCase())
    if (!column) throw new Refusal(msgCode.unknownField, `元数据中标识为${key}的字段不存在`)
    return column
  }
}

/** `FDate desc, FVOUCHERID` */
function readOrder<Row>(text: string, columnOf: (key: string) => Column<Row>): (left: Row, right: Row) => number {
  const parts = text.split(',').map((part) => {
    const [key = '', direction = 'asc'] = part.trim().split(/\s+/)
    return { column: columnOf(key), sign: direction.toLowerCase() === 'desc' ? -1 : 1 }
  })
  return (left, right) => {
    for (const { column, sign } of parts) {
      const value = (row: Row) => comparable(column.type, column.read(row)) ?? ''
      const order = orderOf(value(left), value(right))
      if (order !== 0) return order * sign
    }
    return 0
  }
}

const shown = <Row>(column: Column<Row>, cell: Cell): unknown =>
  column.type === 'amount' && typeof cell === 'string' ? exactNumber(cell) : cell
