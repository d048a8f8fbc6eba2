import type { HubEvent } from '@shuniu/contracts'

/**
 * Which events were handled. Ours forgets at a restart; one of your own over a table does not. It is told after the handler:
 * what must never happen twice needs a unique key in the handler's own transaction as well.
 */
export interface SeenEvents {
  has(event: string): boolean | Promise<boolean>
  add(event: string): void | Promise<void>
}

/** Keeps the newest in memory. A repeat of a send stands close to the first, so this catches nearly all of them. */
export function rememberEvents(most = 100_000): SeenEvents {
  const seen = new Set<string>()
  return {
    has: (event) => seen.has(event),
    add(event) {
      seen.delete(event)
      seen.add(event)
      const [oldest] = seen
      if (seen.size > most && oldest !== undefined) seen.delete(oldest)
    },
  }
}

/** What makes an event the same: its source and its id (CloudEvents). */
export function identityOf({ source, id }: Pick<HubEvent, 'source' | 'id'>): string {
  return `${source} ${id}`
}

/** Handles an event unless it was handled before; resolves with whether it was handled now. What throws was not. */
export async function once(event: HubEvent, seen: SeenEvents, handle: () => Promise<void> | void): Promise<boolean> {
  const identity = identityOf(event)
  if (await seen.has(identity)) return false
  await handle()
  await seen.add(identity)
  return true
}
