import { HubError } from '@shuniu/contracts'
import type { LookupAddress } from 'node:dns'
import { lookup as ask } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { callbackify } from 'node:util'
import { kindOf, type AddressKind } from './address.ts'
import { CallFailure } from './failure.ts'
import { httpFailure } from './http-failure.ts'
import type { HttpCall } from './port.ts'

/** An address a connection may call, as an administrator wrote it. */
export interface AllowedAddress {
  /** `https://host` or `http://host:port`; of a longer URL only this part counts. */
  readonly origin: string
  /** Whether the name may lead to a private address. A numeric address and `localhost` are allowed by being written. */
  readonly privateAddress: boolean
}

/** All numeric addresses of a name. Fails as `dns.lookup` does. */
export type Resolve = (name: string) => Promise<readonly string[]>

export const systemResolve: Resolve = async (name) =>
  (await ask(name, { all: true, order: 'verbatim' })).map((entry) => entry.address)

/** An address that passed: its origin, and the look-up its sockets must use. */
export interface Way {
  readonly origin: string
  readonly lookup: LookupFunction
}

/** The host as it is written. */
const HOST = /^\w+:\/\/(\[[^\]]*\]|[^/:?#]*)/

/**
 * Reads an address a connection may call. Refused with HubError `http.address`: other schemes than http and https, user names,
 * a host in another form than it is understood in (`127.1`, `0x7f.1`, full-width digits), and addresses where no business
 * system lives.
 */
export function readAddress(written: string): URL {
  const url = URL.parse(written)
  const refuse = (why: string): HubError => new HubError('http.address', { address: shown(written), why })
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw refuse('not an http or https address')
  if (HOST.exec(written)?.[1]?.toLowerCase() !== url.hostname) throw refuse(`it means ${url.origin}; write it so`)
  const host = plainHost(url)
  if (isIP(host) !== 0 && kindOf(host) === 'never') throw refuse('no business system has such an address')
  return url
}

/** Neither a password before the host nor a token behind it is repeated. */
function shown(written: string): string {
  const origin = /^[^/]*\/\/[^/?#]*/.exec(written)?.[0]
  return origin?.replace(/\/\/.*@/, '//***@') ?? URL.parse(written)?.protocol ?? '***'
}

const plainHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

/** The way to one allowed address; throws as `readAddress`. */
export function openWay({ origin, privateAddress }: AllowedAddress, resolve: Resolve): Way {
  const url = readAddress(origin)
  const kinds: readonly AddressKind[] = privateAddress || isHere(plainHost(url)) ? ['public', 'private'] : ['public']
  return { origin: url.origin, lookup: guardedLookup(resolve, kinds) }
}

function isHere(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost')
}

/** Resolves once, and gives the socket only addresses that passed; so a later answer of the DNS cannot matter. */
function guardedLookup(resolve: Resolve, kinds: readonly AddressKind[]): LookupFunction {
  const passing = callbackify(async (name: string, family: number): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const all = await resolve(name)
    const passed = all.filter((one) => kinds.includes(kindOf(one)) && (family === 0 || isIP(one) === family))
    const [first, ...others] = passed.map((address) => ({ address, family: isIP(address) }))
    if (!first) throw denied(`${name} leads to ${all.join(', ') || 'no address'}`)
    return [first, ...others]
  })
  return (name, options, done) =>
    passing(name, Number(options.family ?? 0), (error, passed) => {
      if (error) done(error, '')
      else if (options.all) done(null, passed)
      else done(null, passed[0].address, passed[0].family)
    })
}

function denied(what: string): CallFailure {
  return httpFailure('http.denied', { what })
}

// Dot segments, plain or encoded, and characters that URL parsers drop or turn: a path must mean what it says.
const CLIMBING = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:[/?#]|%2f|%5c|$)/i
const CROOKED = /[\s\\]/

/** Headers that say where a call goes or how its bytes are framed; they are ours. */
const ours: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'accept-encoding',
  'proxy-authorization',
  'proxy-connection',
])

/** The URL of a call that may be made; fails with `http.denied` before anything is resolved. */
export function checkCall(call: HttpCall, origins: { has(origin: string): boolean }): URL {
  const url = CROOKED.test(call.url) ? null : URL.parse(call.url)
  if (!url) throw denied('an address that is not a plain URL')
  if (!origins.has(url.origin)) throw denied(`${url.origin === 'null' ? url.protocol : url.origin} is not allowed`)
  if (url.username !== '' || url.password !== '') throw denied('an address with a user name')
  const query = call.url.indexOf('?')
  if (CLIMBING.test(query < 0 ? call.url : call.url.slice(0, query))) throw denied('a path with dot segments')
  for (const name in call.headers) if (ours.has(name.toLowerCase())) throw denied(`the header ${name}`)
  return url
}
