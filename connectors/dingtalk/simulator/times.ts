const EAST_EIGHT = 8 * 3_600_000

/** `2026-01-05T01:20Z`: UTC with minute precision, as the new API writes times. */
export const utcMinute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`

/** `2026-01-05 09:20:01` in Asia/Shanghai, as the old API writes times. */
export const localSecond = (ms: number): string =>
  new Date(ms + EAST_EIGHT).toISOString().slice(0, 19).replace('T', ' ')

/** `202601050920` in Asia/Shanghai: how every businessId begins. */
export const localMinuteDigits = (ms: number): string =>
  new Date(ms + EAST_EIGHT).toISOString().slice(0, 16).replace(/\D/g, '')

/** `2026-01`, the quota's month in Asia/Shanghai. */
export const localMonth = (ms: number): string => new Date(ms + EAST_EIGHT).toISOString().slice(0, 7)

/** `2026-01-05` in Asia/Shanghai. */
export const localDay = (ms: number): string => new Date(ms + EAST_EIGHT).toISOString().slice(0, 10)
