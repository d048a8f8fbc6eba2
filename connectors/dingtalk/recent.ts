import type { Clock } from '@shuniu/infra/time'

/** Remembers the latest answers: so many at most, each for so long (ms). */
export interface Recent<Kept> {
  get(key: string): Kept | undefined
  set(key: string, kept: Kept): void
}

export function openRecent<Kept>(clock: Pick<Clock, 'uptime'>, size: number, life: number): Recent<Kept> {
  const entries = new Map<string, { readonly kept: Kept; readonly until: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      return entry && entry.until > clock.uptime() ? entry.kept : undefined
    },
    set(key, kept) {
      entries.delete(key)
      const oldest = entries.size >= size ? entries.keys().next().value : undefined
      if (oldest !== undefined) entries.delete(oldest)
      entries.set(key, { kept, until: clock.uptime() + life })
    },
  }
}
