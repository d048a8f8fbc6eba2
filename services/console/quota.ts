// Vendors count by the calendar of China, which has had no summer time since 1991.
const SHANGHAI = 8 * 3_600_000
const DAY = 86_400_000

/**
 * The part of a month's calls that will be used at its end, at the pace so far: above 1 they will not last. The first day counts
 * as a whole one, for a morning says little of a month.
 */
export function forecastShare(now: number, usedThisMonth: number, perMonth: number): number {
  const there = new Date(now + SHANGHAI)
  const [year, month] = [there.getUTCFullYear(), there.getUTCMonth()]
  const begins = Date.UTC(year, month, 1)
  const length = Date.UTC(year, month + 1, 1) - begins
  const passed = Math.max(DAY, there.getTime() - begins)
  return (usedThisMonth * length) / passed / perMonth
}
