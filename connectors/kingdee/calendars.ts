import { failureOf } from './failures.ts'
import { fresh } from './fresh.ts'
import type { Client } from './client.ts'
import { ask, quoted } from './query.ts'

/** The periods of one book as last read. */
export interface Calendar {
  isOpen(year: number, period: number): boolean
}

/** Reads the calendars of the books. */
export interface PeriodBook {
  /** At most 10 minutes old. */
  calendar(book: string): Promise<Calendar>
  /** The same, if it has been read; undefined when it has to be asked for. */
  known(book: string): Calendar | undefined
  /** Read now. */
  readCalendar(book: string): Promise<Calendar>
}

const life = 10 * 60_000

export function openPeriodBook(client: Client): PeriodBook {
  const calendars = fresh(client.ground.clock, life, async (books) => {
    const read = books.map(async (book) => [book, await readCalendar(client, book)] as const)
    return new Map(await Promise.all(read))
  })
  const calendar = async (book: string): Promise<Calendar> => {
    const found = await calendars.one(book)
    if (!found) throw failureOf('periods-unknown', { changes: false, words: book })
    return found
  }
  return {
    calendar,
    known: (book) => calendars.known(book),
    readCalendar(book) {
      calendars.forget(book)
      return calendar(book)
    },
  }
}

const monthOf = (year: string, period: string): number => Number(year) * 12 + Number(period) - 1

/**
 * Asks the query of the settings. With a `closed` field each row is a period; without one, the row names the first open
 * period, and all before it are closed.
 */
async function readCalendar(client: Client, book: string): Promise<Calendar> {
  const { form, filter, fields } = client.settings.periodQuery
  const keys = [fields.year, fields.period, ...(fields.closed === undefined ? [] : [fields.closed])]
  const bound = filter.replace(/'\{book\}'|\{book\}/g, () => quoted(book))
  const rows = await ask(client, { form, fields: keys, filter: bound })
  const months = rows.map((row) => monthOf(row[fields.year] ?? '', row[fields.period] ?? ''))
  // Nothing about this book is no statement that its periods are closed.
  if (months.length === 0 || months.some(Number.isNaN))
    throw failureOf('periods-unknown', { changes: false, words: book })
  const { closed } = fields
  if (closed === undefined) {
    const first = Math.min(...months)
    return { isOpen: (year, period) => year * 12 + period - 1 >= first }
  }
  const open = new Set(months.filter((_, at) => !/^(true|1)$/i.test(rows[at]?.[closed] ?? '')))
  return { isOpen: (year, period) => open.has(year * 12 + period - 1) }
}
