import { Day } from '@shuniu/contracts'
import type { OpenDay, Periods } from '@shuniu/sdk'
import type { Calendar } from './calendars.ts'
import type { Kingdee } from './link.ts'

/** The period look-ups of the connector. `isOpen` always reads anew: it judges a refusal. */
export const periods: Periods<Kingdee> = {
  async openDay(link, book, day) {
    return openDayOf(await link.periods.calendar(book), day)
  },
  knownDay(link, book, day) {
    const calendar = link.periods.known(book)
    return calendar && openDayOf(calendar, day)
  },
  async isOpen(link, book, day) {
    return (await link.periods.readCalendar(book)).isOpen(day.year, day.month)
  },
}

/** The day itself, or the first day of the next open period of its year (accounting.md §4). */
export function openDayOf(calendar: Calendar, day: Day): OpenDay | undefined {
  if (calendar.isOpen(day.year, day.month)) return { day, version: `${day.text.slice(0, 7)} open` }
  const seen: string[] = []
  for (let month = day.month; month <= 12; month++) {
    const name = `${day.year}-${String(month).padStart(2, '0')}`
    const isOpen = calendar.isOpen(day.year, month)
    seen.push(`${name} ${isOpen ? 'open' : 'closed'}`)
    const first = month === day.month ? day : Day.parse(`${name}-01`)
    if (isOpen && first) return { day: first, version: seen.join(', ') }
  }
  return undefined
}
