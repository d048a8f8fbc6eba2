import { Day } from '@shuniu/contracts'
import type { Row, Store } from '@shuniu/infra/store'

/** An accounting month: its first and last day, both included. */
export interface Period {
  readonly name: string
  readonly from: string
  readonly to: string
}

/** `2026-11`; the text has been checked. */
export function periodOf(name: string): Period {
  const first = Day.parse(`${name}-01`)
  if (!first) throw new RangeError(`${name} is not a month`)
  const next = Day.parse(`${nextMonth(first)}-01`)
  return { name, from: first.text, to: (next ?? first).plusDays(-1).text }
}

function nextMonth({ year, month }: Day): string {
  return month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`
}

/** The business day of a moment: Asia/Shanghai decides whose month 23:59 is. */
export function dayIn(zone: string, ms: number): string {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
  formats.set(zone, format)
  return format.format(ms)
}

/** By zone: making one costs more than a thousand uses. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** A little more than two months before and after: where a document may have been moved to. */
export function widened({ name, from, to }: Period): Period {
  const days = 62
  return { name, from: Day.parse(from)?.plusDays(-days).text ?? from, to: Day.parse(to)?.plusDays(days).text ?? to }
}

/** Before the first moment of the period in any zone, ms. */
export const beginningOf = ({ from }: Period): number => Date.parse(from) - 86_400_000

/** Id of the last row written before a moment; 0 = none. Rows are in order of time, so a few reads find it. */
export async function lastBefore(store: Store, table: 'runs' | 'effects', ms: number): Promise<number> {
  const [newest] = await store.select(table, {}, { order: { by: 'id', down: true }, limit: 1 })
  let [low, high] = [0, newest?.id ?? 0]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const row = await lastUpTo(store, table, middle)
    if (row && row.created_at >= ms) high = row.id - 1
    else low = middle
  }
  return low
}

async function lastUpTo(
  store: Store,
  table: 'runs' | 'effects',
  id: number,
): Promise<{ id: number; created_at: number } | undefined> {
  const where = { id: { atMost: id } }
  const options = { order: { by: 'id', down: true }, limit: 1 } as const
  const [row]: (Row<'runs'> | Row<'effects'>)[] =
    table === 'runs' ? await store.select('runs', where, options) : await store.select('effects', where, options)
  return row
}
