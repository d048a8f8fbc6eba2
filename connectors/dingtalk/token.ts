import { tokenCache, type FetchedToken, type TokenCache } from '@shuniu/infra/outbound'
import { writeJson } from '@shuniu/infra/json'
import type { Ground } from '@shuniu/sdk'
import { understand, unexpected } from './answers.ts'
import type { Hosts, Settings } from './settings.ts'
import { filledText, msOf } from './tolerant.ts'

type Credentials = Pick<Settings, 'clientId' | 'clientSecret'>

/**
 * The application's access token (dingtalk.md §1): lives two hours, the same value is given until it ends, and
 * another process that asks never kills ours. Both API generations take it. The call is not counted.
 */
export function openTokens(credentials: Credentials, hosts: Hosts, { outbound, clock, random }: Ground): TokenCache {
  const { clientId: appKey, clientSecret: appSecret } = credentials
  return tokenCache({
    clock,
    random,
    async fetch(): Promise<FetchedToken> {
      const answer = await outbound.call({
        operation: 'token',
        method: 'POST',
        url: `${hosts.api}/v1.0/oauth2/accessToken`,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: writeJson({ appKey, appSecret }),
        timeout: 10_000,
        changes: false,
        free: true,
      })
      const body = understand(answer, { generation: 'new', changes: false, secrets: [appSecret], now: clock.now() })
      const token = filledText(body.accessToken)
      const seconds = msOf(body.expireIn)
      if (token === undefined || seconds === undefined)
        throw unexpected('a token answer without accessToken or expireIn')
      return { token, expiresIn: seconds * 1000 }
    },
  })
}
