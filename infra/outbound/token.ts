import type { Clock, Random } from '../time/index.ts'

/** A token as the system gave it; `expiresIn` in ms from the answer. */
export interface FetchedToken {
  readonly token: string
  readonly expiresIn: number
}

export interface TokenCacheOptions {
  readonly clock: Clock
  readonly random: Random
  /** Asks the system for a new token. Its failure reaches everybody who waits for it. */
  readonly fetch: () => Promise<FetchedToken>
  /** Renewed after this part of its life, up to a tenth of that sooner; default 0.8. */
  readonly life?: number
}

export interface TokenCache {
  /** A token that has not expired. However many ask, one fetch is under way. */
  get(): Promise<string>
  /** The system refused this token. Does nothing when a newer one is held. */
  drop(token: string): void
  /** Whether `get` needs no call. */
  ready(): boolean
}

interface Held {
  readonly token: string
  renewAt: number
  readonly expiresAt: number
}

/** After a renewal failed, the old token serves on, and the next try is so far away. */
const RENEW_AGAIN = 5_000

/** Keeps one token of a connection alive. */
export function tokenCache({ clock, random, fetch, life = 0.8 }: TokenCacheOptions): TokenCache {
  let held: Held | undefined
  let coming: Promise<string> | undefined

  const isAlive = (token: Held | undefined): token is Held => token !== undefined && clock.uptime() < token.expiresAt

  const renew = async (): Promise<string> => {
    try {
      const { token, expiresIn } = await fetch()
      const now = clock.uptime()
      held = { token, renewAt: now + expiresIn * life * (1 - random.next() / 10), expiresAt: now + expiresIn }
      return token
    } catch (failure) {
      if (held) held.renewAt = clock.uptime() + RENEW_AGAIN
      throw failure
    } finally {
      coming = undefined
    }
  }

  return {
    async get() {
      const current = held
      if (isAlive(current) && clock.uptime() < current.renewAt) return current.token
      coming ??= renew()
      if (!isAlive(current)) return coming
      coming.catch(() => undefined)
      return current.token
    },
    drop(token) {
      if (held?.token === token) held = undefined
    },
    ready: () => isAlive(held),
  }
}
