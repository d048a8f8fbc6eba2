import type { ValueRecord } from '@shuniu/contracts'
import { writeJson } from '@shuniu/infra/json'
import type { HttpCall, TokenCache } from '@shuniu/infra/outbound'
import type { Ground, SendContext } from '@shuniu/sdk'
import { understand, type Generation } from './answers.ts'
import { isFailure } from './failures.ts'
import { openRecent, type Recent } from './recent.ts'
import { hostsOf, type Hosts, type Settings } from './settings.ts'
import { openTokens } from './token.ts'

/** One live link with one DingTalk application: its token, and what it need not ask twice. */
export interface Session {
  readonly settings: Settings
  readonly ground: Ground
  readonly hosts: Hosts
  readonly tokens: TokenCache
  /** Names of users by id; null = there is none to be read. */
  readonly names: Recent<{ readonly name: string | null }>
  /** Finished instances attached to others, by id: they stay as they are. */
  readonly changes: Recent<Change>
}

/** What counting agreed changes needs of an instance. */
export interface Change {
  readonly id: string
  readonly isAgreedChange: boolean
  /** When it finished, ms; Infinity while it runs. */
  readonly at: number
}

const HOUR = 3_600_000

/** Makes no call. */
export function openSession(settings: Settings, ground: Ground): Session {
  const hosts = hostsOf(settings)
  return {
    settings,
    ground,
    hosts,
    tokens: openTokens(settings, hosts, ground),
    names: openRecent(ground.clock, 5000, HOUR),
    changes: openRecent(ground.clock, 5000, 24 * HOUR),
  }
}

/** A call of the API. With a `context` it changes something: then it is made once, whatever happens. */
export interface ApiCall {
  /** As in metrics, budgets and faults: `instance.get`. */
  readonly operation: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: ValueRecord
  /** Not counted against the month. */
  readonly free?: boolean
  readonly context?: SendContext
}

/** A call of the new API: token in a header. Returns the body of a success, throws `CallFailure` for all else. */
export function callApi(session: Session, call: ApiCall): Promise<ValueRecord> {
  const url = session.hosts.api + call.path
  return withToken(session, call, (token) =>
    exchange(session, call, 'new', { url, headers: { 'x-acs-dingtalk-access-token': token } }, token),
  )
}

/** A call of the old API: token in the query. Returns the body of a success, throws `CallFailure` for all else. */
export function callOldApi(session: Session, call: ApiCall): Promise<ValueRecord> {
  const url = `${session.hosts.oapi}${call.path}?access_token=`
  return withToken(session, call, (token) =>
    exchange(session, call, 'old', { url: url + encodeURIComponent(token) }, token),
  )
}

/** A dead token is thrown away; the call is made once more with a new one, unless it changes something. */
async function withToken(
  { tokens }: Session,
  { context }: ApiCall,
  attempt: (token: string) => Promise<ValueRecord>,
): Promise<ValueRecord> {
  const token = await tokens.get()
  try {
    return await attempt(token)
  } catch (error) {
    if (!isFailure(error, 'token-dead')) throw error
    tokens.drop(token)
    if (context) throw error
    return attempt(await tokens.get())
  }
}

const TIMEOUT = 10_000

async function exchange(
  { ground, settings }: Session,
  { operation, method, body, free, context }: ApiCall,
  generation: Generation,
  target: Pick<HttpCall, 'url' | 'headers'>,
  token: string,
): Promise<ValueRecord> {
  const content = body && { 'content-type': 'application/json' }
  const answer = await ground.outbound.call({
    operation,
    method,
    url: target.url,
    headers: { accept: 'application/json', ...content, ...target.headers },
    ...(body && { body: writeJson(body) }),
    timeout: TIMEOUT,
    ...(free && { free }),
    changes: context !== undefined,
    ...context,
  })
  return understand(answer, {
    generation,
    changes: context !== undefined,
    secrets: [token, settings.clientSecret],
    now: ground.clock.now(),
  })
}
