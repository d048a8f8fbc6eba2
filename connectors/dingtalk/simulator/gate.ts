import type { SimAnswer, SimRequest } from '@shuniu/sdk/simulator'
import { badToken, missingPermission, missingToken, quotaUsedUp, tooFast } from './answers.ts'
import type { Route } from './route.ts'
import { localMonth } from './times.ts'
import type { Tokens } from './tokens.ts'

/** The limits every call passes: token, calls a second, permission, calls a month. */
export interface Gate {
  /** Permissions the application lost. */
  missing: readonly string[]
  readonly used: { readonly month: string; readonly calls: number }
  /** The refusal, or undefined when the call may go on. */
  refuse(route: Route, request: SimRequest): SimAnswer | undefined
}

export interface GateSettings {
  /** Calls a month; 0 = no end. Counted since the start of this process. */
  readonly quota: number
  /** Calls a second of one API; 0 = no limit. */
  readonly qps: number
  readonly missing: readonly string[]
}

export function openGate(tokens: Tokens, { quota, qps, missing }: GateSettings, now: () => number): Gate {
  const used = { month: '', calls: 0 }
  const seconds = new Map<string, { second: number; calls: number }>()
  const isTooFast = ({ at }: Route): boolean => {
    const second = Math.trunc(now() / 1000)
    const seen = seconds.get(at)
    const calls = seen?.second === second ? seen.calls + 1 : 1
    seconds.set(at, { second, calls })
    return qps > 0 && calls > qps
  }
  const isQuotaUsedUp = ({ counted }: Route): boolean => {
    const month = localMonth(now())
    if (used.month !== month) Object.assign(used, { month, calls: 0 })
    if (!counted) return false
    if (quota > 0 && used.calls >= quota) return true
    used.calls += 1
    return false
  }
  return {
    missing,
    used,
    refuse(route, request) {
      if (!route.open) {
        const token = tokenOf(route, request)
        if (!token) return missingToken(route.style)
        if (!tokens.isValid(token)) return badToken(route.style)
      }
      if (isTooFast(route)) return tooFast(route.style)
      if (route.scope !== undefined && this.missing.includes(route.scope)) {
        return missingPermission(route.style, route.scope)
      }
      return isQuotaUsedUp(route) ? quotaUsedUp(route.style) : undefined
    },
  }
}

/** The new API reads its header only, the old ones read the query only. */
function tokenOf({ style }: Route, { headers, url }: SimRequest): string | undefined {
  if (style !== 'new') return url.searchParams.get('access_token') ?? undefined
  const header = headers['x-acs-dingtalk-access-token']
  return typeof header === 'string' ? header : undefined
}
