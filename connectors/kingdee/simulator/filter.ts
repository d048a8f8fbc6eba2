import { comparable, orderOf } from './columns.ts'
import type { Column, Comparable } from './columns.ts'
import { brokenFilter, cursorOver } from './tokens.ts'
import type { Cursor } from './tokens.ts'

/** A compiled FilterString. */
export interface Filter<Row> {
  test(row: Row): boolean
  /** Fields, by lower-case key, that must equal a text for any row to match. */
  readonly pins: ReadonlyMap<string, string>
}

interface Reading<Row> {
  readonly cursor: Cursor
  readonly columnOf: (key: string) => Column<Row>
  readonly depth: number
}

const DEEPEST = 100
const noPins: ReadonlyMap<string, string> = new Map()

/**
 * Compiles the SQL-like text (kingdee.md §4.4): `= <> != > >= < <= like in`, `and`, `or`, parentheses, quotes doubled
 * inside a text. `columnOf` refuses an unknown field; what is not understood is refused with MsgCode 4.
 */
export function compileFilter<Row>(text: string, columnOf: (key: string) => Column<Row>): Filter<Row> {
  const cursor = cursorOver(text)
  if (cursor.isNext('')) return { pins: noPins, test: () => true }
  const filter = either({ cursor, columnOf, depth: 0 })
  cursor.expect('')
  return filter
}

function either<Row>(reading: Reading<Row>): Filter<Row> {
  let left = both(reading)
  while (reading.cursor.skip('or')) {
    const [first, second] = [left, both(reading)]
    left = { pins: noPins, test: (row) => first.test(row) || second.test(row) }
  }
  return left
}

function both<Row>(reading: Reading<Row>): Filter<Row> {
  let left = condition(reading)
  while (reading.cursor.skip('and')) {
    const [first, second] = [left, condition(reading)]
    left = { pins: new Map([...first.pins, ...second.pins]), test: (row) => first.test(row) && second.test(row) }
  }
  return left
}

function condition<Row>(reading: Reading<Row>): Filter<Row> {
  const { cursor, depth } = reading
  if (!cursor.skip('(')) return comparison(reading)
  if (depth === DEEPEST) throw brokenFilter('括号过多')
  const filter = either({ ...reading, depth: depth + 1 })
  cursor.expect(')')
  return filter
}

const operators: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
}

function comparison<Row>({ cursor, columnOf }: Reading<Row>): Filter<Row> {
  const field = cursor.take()
  if (field.kind !== 'word') throw brokenFilter(field.value)
  const column = columnOf(field.value)
  const { value: operator } = cursor.take()
  switch (operator.toLowerCase()) {
    case 'in': {
      const values = listOf(cursor, column)
      return { pins: noPins, test: (row) => holds(column, row, (value) => values.includes(value)) }
    }
    case 'like': {
      const { text: pattern } = literal(cursor, column)
      return { pins: noPins, test: (row) => matchesLike(String(column.read(row) ?? ''), pattern) }
    }
    default: {
      const fits = operators[operator]
      if (!fits) throw brokenFilter(operator)
      const { text, value: wanted } = literal(cursor, column)
      const pins = operator === '=' ? new Map([[column.key.toLowerCase(), text]]) : noPins
      return { pins, test: (row) => holds(column, row, (value) => fits(orderOf(value, wanted))) }
    }
  }
}

/** As in SQL, nothing holds for a value that is not there. */
function holds<Row>(column: Column<Row>, row: Row, fits: (value: Comparable) => boolean): boolean {
  const value = comparable(column.type, column.read(row))
  return value !== undefined && fits(value)
}

function literal<Row>(cursor: Cursor, column: Column<Row>): { text: string; value: Comparable } {
  const { kind, value: text } = cursor.take()
  const value = kind === 'sign' || kind === 'end' ? undefined : comparable(column.type, text)
  if (value === undefined) throw brokenFilter(text)
  return { text, value }
}

function listOf<Row>(cursor: Cursor, column: Column<Row>): Comparable[] {
  cursor.expect('(')
  const values = [literal(cursor, column).value]
  while (cursor.skip(',')) values.push(literal(cursor, column).value)
  cursor.expect(')')
  return values
}

/** `%` stands for any characters, `_` for one. Goes back to the last `%` only, so its time is bounded. */
export function matchesLike(text: string, pattern: string): boolean {
  let [at, next, star, resume] = [0, 0, -1, 0]
  while (at < text.length) {
    if (pattern[next] === '%') {
      star = next
      next += 1
      resume = at
    } else if (pattern[next] === '_' || pattern[next] === text[at]) {
      at += 1
      next += 1
    } else if (star >= 0) {
      next = star + 1
      resume += 1
      at = resume
    } else return false
  }
  return /^%*$/.test(pattern.slice(next))
}
