import type { HttpAnswer } from './port.ts'

const LONGEST = 3_600_000

/** Reads `Retry-After`, seconds or a date, as ms: never below 0, never above an hour; undefined when it says nothing usable. */
export function retryAfter(answer: Pick<HttpAnswer, 'headers'>, now: number): number | undefined {
  const header = answer.headers['retry-after']
  const text = (typeof header === 'string' ? header : (header?.[0] ?? '')).trim()
  const ms = /^\d{1,15}$/.test(text) ? Number(text) * 1000 : text.endsWith('GMT') ? Date.parse(text) - now : NaN
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST)
}
