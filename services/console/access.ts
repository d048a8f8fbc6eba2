import { hash, timingSafeEqual } from 'node:crypto'
import { HubError } from '@shuniu/contracts'

/** What of a request decides whether it is answered. */
export interface AccessRequest {
  /** Address of the socket's other end; never a header. */
  readonly peer: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Path and query. */
  readonly url: string
}

/** Of an orchestrator of containers, which has no token; their bare answers say nothing but yes or no. */
const probes: readonly string[] = ['/livez', '/readyz']

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
 * Why a request is not answered; undefined = it is. With a token, whoever has it. Without, a loopback peer that
 * addresses this machine by a local name, from no foreign page and through no proxy (design: being operated).
 */
export function refusalOf(request: AccessRequest, token: string | undefined): HubError | undefined {
  if (token !== undefined)
    return probes.includes(request.url) || hasToken(request, token) ? undefined : new HubError('api.token-needed')
  const because = notLocal(request)
  return because === undefined ? undefined : new HubError('api.local-only', { because })
}

/** A command says of which project it means the hub; that of another must not act on it. */
export function otherProject({ headers }: Pick<AccessRequest, 'headers'>, folder: string): HubError | undefined {
  const meant = one(headers['shuniu-project'])
  if (meant === undefined || meant === encodeURIComponent(folder)) return undefined
  return new HubError('api.other-project', { folder, meant: decoded(meant) })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function hasToken({ headers }: AccessRequest, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(one(headers['authorization']) ?? '')?.[1]
  // Hashed first: the comparison then takes the same time for every guess of any length.
  return given !== undefined && timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'))
}

function notLocal({ peer, headers }: AccessRequest): string | undefined {
  if (!isLoopback(peer)) return 'the caller is another machine'
  const forwarded = Object.keys(headers).find((name) => isForwarding(name.toLowerCase()))
  if (forwarded !== undefined) return `it came through a proxy (${forwarded})`
  const host = one(headers['host'])
  if (host === undefined || !isLocalHost(host)) return 'the Host header names another machine'
  const origin = one(headers['origin'])
  if (origin !== undefined && origin !== `http://${host}`) return 'it came from a foreign page'
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

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}
