const FIRST = Date.parse('0000-01-01T00:00:00.000Z')
const LAST = Date.parse('9999-12-31T23:59:59.999Z')

/** Whether a time in ms since 1970 lies in the years that RFC 3339 and ISO dates can write, 0000 to 9999. */
export function hasYear(ms: number): boolean {
  return ms >= FIRST && ms <= LAST
}
