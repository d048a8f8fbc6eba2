import { hash, timingSafeEqual } from 'node:crypto'
import { HubError } from '@shuniu/contracts'
import type { Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'

/** What a caller may: see everything · act as well · decide who else may. Each includes those before it. */
export const roles = ['read', 'operate', 'admin'] as const
export type Role = (typeof roles)[number]

/** What of a request decides whether it is answered. */
export interface AccessRequest {
  /** Address of the socket's other end; never a header. */
  readonly peer: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Path and query. */
  readonly url: string
}

/** Who asks, as far as it is proven. */
export interface Caller {
  readonly role: Role
  /** Of the token it carries; undefined for the token of the settings, for this machine and for probes. */
  readonly name?: string
}

/** What is known of those who may call. */
export interface AccessGround {
  readonly store: Pick<Store, 'select'>
  readonly clock: Pick<Clock, 'now'>
  /** The token of the settings: an administrator's. */
  readonly token?: string | undefined
  /** Says of a peer whether it is the proxy in front; who comes through it is never taken for this machine. */
  readonly isProxy?: (peer: string | undefined) => boolean
}

/** Of an orchestrator of containers, which has no token; their bare answers say nothing but yes or no. */
const probes: readonly string[] = ['/livez', '/readyz', '/startupz']

/** A reverse proxy or tunnel adds one of these: behind it the peer is loopback although the caller is not. */
const forwarding: readonly string[] = [
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
]

/**
 * Who calls. Throws `api.token-needed` or `api.local-only`. With any token, of the settings or of the store, whoever has
 * one. Without, a loopback peer that addresses this machine by a local name, from no foreign page and through no proxy
 * (design: being operated).
 */
export async function callerOf(request: AccessRequest, ground: AccessGround): Promise<Caller> {
  // A probe of this machine asks no store: a database that is down is no reason to call a process dead.
  if (probes.includes(request.url) && (ground.token !== undefined || notLocal(request) === undefined))
    return { role: 'read' }
  const known = await knownBy(tokenIn(request), ground)
  if (known) return known
  const because = ground.isProxy?.(request.peer) ? 'it came through the proxy' : notLocal(request)
  // The store is not asked: while it is away, whoever probes must hear that the process lives.
  if (probes.includes(request.url) && (because === undefined || ground.token !== undefined)) return { role: 'read' }
  if (await needsToken(ground)) {
    if (probes.includes(request.url)) return { role: 'read' }
    throw new HubError('api.token-needed')
  }
  if (because !== undefined) throw new HubError('api.local-only', { because })
  return { role: 'admin' }
}

/** Throws `api.role-needed` when the caller may not do what needs this role. */
export function checkRole({ role, name = '—' }: Caller, needed: Role): void {
  if (roles.indexOf(role) < roles.indexOf(needed)) throw new HubError('api.role-needed', { needed, role, name })
}

/** Who decided, for the audit log: the token's name is proven, what a request says of itself stands behind it. */
export function actorOf(caller: Caller | undefined, said: string): string {
  if (caller?.name === undefined) return said
  return said === 'api' || said === caller.name ? caller.name : `${caller.name} (${said})`
}

/** A command says of which project it means the hub; that of another must not act on it. */
export function otherProject({ headers }: Pick<AccessRequest, 'headers'>, folder: string): HubError | undefined {
  const meant = one(headers['shuniu-project'])
  if (meant === undefined || meant === encodeURIComponent(folder)) return undefined
  return new HubError('api.other-project', { folder, meant: decoded(meant) })
}

/** What of a token is kept. No slow hash: it would protect guessable secrets, and nobody guesses 256 random bits. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'hex')
}

/** `shuniu_<name>_<256 bits>`: the name finds the row, the whole is compared. */
const tokenShape = /^shuniu_([a-z0-9-]+)_[\w-]{43}$/

async function knownBy(given: string | undefined, { store, clock, token }: AccessGround): Promise<Caller | undefined> {
  if (given === undefined) return undefined
  if (token !== undefined && isSame(tokenHash(given), tokenHash(token))) return { role: 'admin' }
  const name = tokenShape.exec(given)?.[1]
  const [row] = name === undefined ? [] : await store.select('tokens', { name, revoked_at: null })
  const role = roles.find((known) => known === row?.role)
  if (!row || !role || !isSame(tokenHash(given), row.hash)) return undefined
  return row.expires_at === null || row.expires_at > clock.now() ? { role, name: row.name } : undefined
}

/** One that has expired still counts: time alone opens no door. */
async function needsToken({ store, token }: AccessGround): Promise<boolean> {
  return token !== undefined || (await store.select('tokens', { revoked_at: null }, { limit: 1 })).length > 0
}

/** Both are hashes of the same length; how long it takes says nothing about where they differ. */
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

/** Bearer; at the registry also the password of Basic, which is all that stock clients of registries know. */
function tokenIn({ headers, url }: AccessRequest): string | undefined {
  const [, scheme = '', given = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(one(headers['authorization']) ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return given
  if (given === '' || !/^\/registry(?:[/?]|$)/.test(url)) return undefined
  return Buffer.from(given, 'base64')
    .toString()
    .replace(/^[^:]*:/, '')
}

function notLocal({ peer, headers }: AccessRequest): string | undefined {
  if (!isLoopback(peer)) return 'the caller is another machine'
  const forwarded = Object.keys(headers).find((name) => isForwarding(name.toLowerCase()))
  if (forwarded !== undefined) return `it came through a proxy (${forwarded})`
  const host = one(headers['host'])
  if (host === undefined || !isLocalHost(host)) return 'the Host header names another machine'
  const origin = one(headers['origin'])
  if (origin !== undefined && !isOwnPage(origin, host)) return 'it came from a foreign page'
  const site = one(headers['sec-fetch-site'])
  if (site === 'cross-site' || site === 'same-site') return 'it came from a foreign page'
  return undefined
}

function isForwarding(name: string): boolean {
  return name.startsWith('x-forwarded-') || forwarding.includes(name)
}

function isLoopback(peer: string | undefined): boolean {
  const address = peer?.replace(/^::ffff:/i, '') ?? ''
  return address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}

/** A name that no DNS server of a stranger can point here: rebinding comes with the stranger's own name. */
function isLocalHost(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host)
}

function isOwnPage(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}
