import type { Book } from '@shuniu/sdk/simulator'

/** A day of the fiscal calendar, which is the calendar year: `2026-11`. */
export const periodOf = (day: string): string => day.slice(0, 7)

/** Now in the company's zone, `yyyy-MM-ddTHH:mm:ss`. */
export const localMoment = (now: number): string => new Date(now + 8 * 3_600_000).toISOString().slice(0, 19)

/** Today in the company's zone, `yyyy-MM-dd`. */
export const today = (now: number): string => localMoment(now).slice(0, 10)

export interface Period {
  readonly book: string
  readonly year: number
  readonly period: number
  readonly from: string
  readonly to: string
  readonly closed: boolean
}

/** Which periods of a book are closed: those before the first open one, unless a person said otherwise. */
export interface Periods {
  /** `period` as `yyyy-MM`. */
  isClosed(book: string, period: string): boolean
  close(book: string, period: string): Promise<void>
  open(book: string, period: string): Promise<void>
  /** From the year before the first open period until a year from now. */
  list(book: string): Period[]
}

/** What a person said survives a restart, also one with another first open period. */
export function openPeriods(book: Book, firstOpen: string, now: () => number): Periods {
  const said = new Map<string, boolean>()
  const remember = (note: object): void => {
    if ('period' in note && 'book' in note && 'closed' in note)
      said.set(`${note.book} ${note.period}`, note.closed === true)
  }
  const say = async (note: { book: string; period: string; closed: boolean }): Promise<void> => {
    await book.note(note)
    remember(note)
  }
  for (const note of book.notes()) remember(note)
  const isClosed = (of: string, period: string): boolean => said.get(`${of} ${period}`) ?? period < firstOpen
  return {
    isClosed,
    close: (of, period) => say({ book: of, period, closed: true }),
    open: (of, period) => say({ book: of, period, closed: false }),
    list(of) {
      const first = Number(firstOpen.slice(0, 4)) - 1
      const last = Math.max(first + 2, Number(today(now()).slice(0, 4)) + 1)
      return Array.from({ length: (last - first + 1) * 12 }, (_, index) => {
        const year = first + Math.floor(index / 12)
        const period = (index % 12) + 1
        const name = `${year}-${String(period).padStart(2, '0')}`
        const to = new Date(Date.UTC(year, period, 0)).toISOString().slice(0, 10)
        return { book: of, year, period, from: `${name}-01`, to, closed: isClosed(of, name) }
      })
    },
  }
}
