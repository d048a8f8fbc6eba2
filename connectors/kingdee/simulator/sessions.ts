import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { User } from './tenant.ts'

/** Sliding life of a session (kingdee.md §2.1). */
const LIFE_MS = 20 * 60_000
/** Clients that never send their cookie back get a new session on every call; the oldest make room. */
const MOST = 10_000

export interface Sessions {
  open(user: User): { id: string; cookies: string[] }
  /** The user of the live session a request carries, which lives on for another 20 minutes. */
  user(headers: IncomingHttpHeaders): User | undefined
  /** Ends the session a request carries. */
  end(headers: IncomingHttpHeaders): void
}

/** Sessions live in memory: a restart loses them, as it does at the vendor. */
export function sessions(now: () => number): Sessions {
  const live = new Map<string, { readonly user: User; usedAt: number }>()
  return {
    open(user) {
      const id = randomUUID()
      const [oldest] = live.size >= MOST ? live.keys() : []
      if (oldest !== undefined) live.delete(oldest)
      live.set(id, { user, usedAt: now() })
      const aspNet = id.replaceAll('-', '').slice(0, 24)
      return {
        id,
        cookies: [`ASP.NET_SessionId=${aspNet}; path=/; HttpOnly`, `kdservice-sessionid=${id}; path=/`],
      }
    },
    user(headers) {
      const id = carried(headers)
      const session = live.get(id)
      if (!session) return undefined
      if (now() - session.usedAt > LIFE_MS) {
        live.delete(id)
        return undefined
      }
      session.usedAt = now()
      return session.user
    },
    end: (headers) => void live.delete(carried(headers)),
  }
}

/** The cookie, the header of clients without cookies, or the SID of the Java SDK. */
function carried(headers: IncomingHttpHeaders): string {
  const cookie = /(?:^|;\s*)kdservice-sessionid=([^;]+)/.exec(headers.cookie ?? '')?.[1]
  const header = [headers['kdservice-sessionid'] ?? headers['sid'] ?? ''].flat()[0]
  return cookie ?? header ?? ''
}
