import { Day, type Instant } from '@shuniu/contracts'

const DAY = 86_400_000
const HOUR = 3_600_000
const FIXED = /^([+-])(\d{2}):(\d{2})$/

/** Zones whose offset has not changed since an instant: their day needs no calendar. A test compares both ways. */
const settled: Readonly<Record<string, { readonly since: number; readonly offset: number }>> = {
  UTC: { since: -Infinity, offset: 0 },
  'Asia/Shanghai': { since: Date.UTC(1992, 0, 1), offset: 8 * HOUR },
  'Asia/Hong_Kong': { since: Date.UTC(1992, 0, 1), offset: 8 * HOUR },
  'Asia/Singapore': { since: Date.UTC(1992, 0, 1), offset: 8 * HOUR },
  'Asia/Tokyo': { since: Date.UTC(1992, 0, 1), offset: 9 * HOUR },
}

/** The business day that an instant falls on in a zone (IANA name, `UTC`, or `+08:00`); undefined for an unknown zone. */
export function dayIn(zone: string, instant: Instant): Day | undefined {
  const offset = settledOffset(zone, instant)
  if (offset !== undefined) return dayNumbered(Math.floor((instant.ms + offset) / DAY))
  const calendar = calendarOf(zone)
  return calendar && Day.parse(calendarDay(calendar, instant))
}

export function isZone(zone: string): boolean {
  return Object.hasOwn(settled, zone) || fixedOffset(zone) !== undefined || calendarOf(zone) !== undefined
}

function settledOffset(zone: string, instant: Instant): number | undefined {
  const known = Object.hasOwn(settled, zone) ? settled[zone] : undefined
  if (known) return instant.ms >= known.since ? known.offset : undefined
  return fixedOffset(zone)
}

function fixedOffset(zone: string): number | undefined {
  const [, sign, hours, minutes] = FIXED.exec(zone) ?? []
  const size = Number(hours) * HOUR + Number(minutes) * 60_000
  if (sign === undefined || Number(minutes) > 59 || size > 14 * HOUR) return undefined
  return sign === '-' ? -size : size
}

/** Days that were met lately: an approval and its lines share one. */
const days = new Map<number, Day>()
const MOST_DAYS = 1024

function dayNumbered(number: number): Day {
  const known = days.get(number)
  if (known) return known
  if (days.size >= MOST_DAYS) days.clear()
  const day = Day.ofEpochDay(number)
  days.set(number, day)
  return day
}

const calendars = new Map<string, Intl.DateTimeFormat>()
const MOST_CALENDARS = 128

function calendarOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = calendars.get(zone)
  if (known) return known
  if (!/^[A-Za-z0-9_+/-]{1,64}$/.test(zone)) return undefined
  try {
    const calendar = new Intl.DateTimeFormat('en-u-ca-iso8601', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    if (calendars.size >= MOST_CALENDARS) calendars.clear()
    calendars.set(zone, calendar)
    return calendar
  } catch {
    return undefined
  }
}

function calendarDay(calendar: Intl.DateTimeFormat, instant: Instant): string {
  const parts = Object.fromEntries(calendar.formatToParts(instant.ms).map(({ type, value }) => [type, value]))
  return `${(parts.year ?? '').padStart(4, '0')}-${parts.month}-${parts.day}`
}
