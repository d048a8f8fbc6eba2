const MINUTE = 60_000

interface Zone {
  readonly format: Intl.DateTimeFormat
  /** The minute last asked for, and its day: no zone changes its day within a minute. */
  minute: number
  day: string
}

const zones = new Map<string, Zone>()

/** The business day (`yyyy-MM-dd`) of a moment in a zone. */
export function todayIn(zone: string, now: number): string {
  const known = zones.get(zone) ?? openZone(zone)
  const minute = Math.floor(now / MINUTE)
  if (known.minute !== minute) {
    known.minute = minute
    known.day = known.format.format(now)
  }
  return known.day
}

function openZone(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const zone = { format, minute: NaN, day: '' }
  zones.set(timeZone, zone)
  return zone
}
