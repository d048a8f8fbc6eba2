const formats = new Map<string, Intl.DateTimeFormat>()

/** The business day (`yyyy-MM-dd`) of a moment in a zone. */
export function todayIn(zone: string, now: number): string {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
    formats.set(zone, format)
  }
  return format.format(now)
}
