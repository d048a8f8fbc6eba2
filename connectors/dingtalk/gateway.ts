import { writeJson } from '@shuniu/infra/json'
import { understand, unexpected } from './answers.ts'
import type { Session } from './session.ts'
import { hostsOf, type Settings } from './settings.ts'
import { filledText } from './tolerant.ts'

/**
 * Asks for a place to connect to: an address with a ticket that lives 90 s and opens one connection (dingtalk.md §3.1).
 * The call needs no token and is not counted.
 */
export async function openGateway({ settings, hosts, ground }: Session): Promise<URL> {
  const { clientId, clientSecret } = settings
  const answer = await ground.outbound.call({
    operation: 'stream.open',
    method: 'POST',
    url: `${hosts.api}/v1.0/gateway/connections/open`,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: writeJson({ clientId, clientSecret, subscriptions: [{ type: 'EVENT', topic: '*' }], ua: 'shuniu' }),
    timeout: 5000,
    changes: false,
    free: true,
  })
  const body = understand(answer, {
    generation: 'new',
    changes: false,
    secrets: [clientSecret],
    now: ground.clock.now(),
  })
  const endpoint = filledText(body.endpoint)
  const ticket = filledText(body.ticket)
  if (endpoint === undefined || ticket === undefined) throw unexpected('a gateway answer without endpoint or ticket')
  const url = URL.parse(endpoint)
  if (!url || !isOurs(url, settings)) throw unexpected(`the gateway sends us to ${url?.host ?? 'no address'}`)
  url.searchParams.set('ticket', ticket)
  return url
}

/** The gateway may send us to DingTalk, encrypted, or to the host named in `address`; never from TLS to plain text. */
export function isOurs(url: URL, settings: Pick<Settings, 'address'>): boolean {
  const isSecure = url.protocol === 'wss:'
  if (isSecure && url.hostname.endsWith('.dingtalk.com')) return true
  const own = new URL(hostsOf(settings).api)
  if (settings.address === undefined || url.hostname !== own.hostname) return false
  return isSecure || (url.protocol === 'ws:' && own.protocol === 'http:')
}
