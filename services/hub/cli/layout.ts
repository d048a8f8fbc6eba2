import { harmless, padTo, widthOf } from './width.ts'

/** One column of a table for people. */
export interface Column {
  readonly title: string
  /** Where its texts stand; money and counts stand on the right. */
  readonly side?: 'left' | 'right'
}

const gap = '  '

/** Lines of a table with aligned columns; the titles come first. Columns in which nothing stands are left out. */
export function layTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const shown = columns
    .map((column, at) => ({ ...column, at }))
    .filter(({ at }) => rows.some((row) => cell(row, at) !== ''))
  const laid = shown.map(({ title, side = 'left', at }) => {
    const width = Math.max(widthOf(title), ...rows.map((row) => widthOf(cell(row, at))))
    return (text: string): string => padTo(text, width, side)
  })
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) => laid[at]?.(text) ?? text)
      .join(gap)
      .trimEnd()
  return [line(shown.map(({ title }) => title)), ...rows.map((row) => line(shown.map(({ at }) => cell(row, at))))]
}

/** One line a row: a cell never breaks the table, nor the terminal. */
function cell(row: readonly string[], at: number): string {
  return harmless((row[at] ?? '').replace(/\s+/g, ' ').trim())
}

/** Two columns without titles: what a thing is, and its value. */
export function layPairs(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...pairs.map(([name]) => widthOf(name)))
  return pairs.map(([name, value]) => `${padTo(name, width)}${gap}${harmless(value)}`.trimEnd())
}
