import { isRecord } from '@shuniu/contracts'
import { CallFailure, type HttpAnswer } from '@shuniu/infra/outbound'
import type { Ground } from '@shuniu/sdk'
import { plain, readAnswer, type Reading } from './answers.ts'
import { failureOf } from './failures.ts'
import type { Settings } from './settings.ts'
import { openSigner } from './signature.ts'

/** The one session of a connection, shared by all its calls (kingdee.md §2). */
export interface Session {
  /** Makes sure a session lives; those who wait share one log-in. Refused credentials are `fatal`. */
  ready(): Promise<void>
  /** Logs in afresh: a session that lives can hide a secret that was revoked (kingdee.md §2.3). */
  renew(): Promise<void>
  /** Headers of the next call on a path, and the session they carry. */
  headers(path: string): { readonly headers: Readonly<Record<string, string>>; readonly carried: string | undefined }
  /** Takes over the cookies of an answer. */
  keep(answer: HttpAnswer): void
  /** The session a call carried is dead; a newer one stays. */
  lose(carried: string | undefined): void
  /** Frees words from our secrets. */
  mask(words: string): string
}

const services = 'Kingdee.BOS.WebApi.ServicesStub'
const loginTimeout = 30_000
/** The vendor forgets a session after 20 idle minutes; before that we make a new one in time. */
const longestIdle = 15 * 60_000
const cookieNames = ['ASP.NET_SessionId', 'kdservice-sessionid'] as const
const COOKIE = /^(ASP\.NET_SessionId|kdservice-sessionid)=([\w-]{1,200})(?:;|$)/

/** Path of a service's method from the site's root on: this text is what gets signed. */
export const pathOf = (settings: Settings, method: string, service = 'DynamicFormService'): string =>
  `${new URL(settings.serverUrl).pathname}${services}.${service}.${method}.common.kdsvc`

export function openSession(settings: Settings, ground: Ground): Session {
  const sign = settings.login === 'signature' ? openSigner(settings) : undefined
  const { clock, random } = ground
  const origin = new URL(settings.serverUrl).origin
  let cookies = new Map<string, string>()
  let usedAt = 0
  let opening: Promise<void> | undefined
  const sessionId = (): string | undefined => cookies.get('kdservice-sessionid')
  const lives = (): boolean =>
    sessionId() !== undefined && (sign !== undefined || clock.uptime() - usedAt < longestIdle)
  const mask = (words: string): string =>
    [settings.appSecret, ...cookies.values()].reduce((text, secret) => text.replaceAll(secret, '•••'), words)

  const signed = (path: string): Readonly<Record<string, string>> =>
    sign?.(path, String(clock.now()), `${clock.now()}${Math.trunc(random.next() * 1e6)}`) ?? {}
  const keep = (answer: HttpAnswer): void => {
    const lines = [answer.headers['set-cookie'] ?? []].flat().slice(0, 20)
    const found = lines.flatMap((line) => [COOKIE.exec(line)]).filter((one) => one !== null)
    for (const [, name = '', value = ''] of found) cookies.set(name, value)
    usedAt = clock.uptime()
  }
  const open = async (): Promise<void> => {
    cookies = new Map()
    const path = sign ? pathOf(settings, 'ExecuteBillQuery') : pathOf(settings, 'LoginByAppSecret', 'AuthService')
    const answer = await ground.outbound.call({
      operation: sign ? 'session.probe' : 'session.open',
      method: 'POST',
      url: `${origin}${path}`,
      headers: { 'content-type': 'application/json', ...signed(path) },
      body: sign ? probe : loginBody(settings),
      timeout: loginTimeout,
      changes: false,
    })
    checkLogin(answer, { changes: false, mask, now: clock.now() }, sign === undefined)
    keep(answer)
  }
  const renew = (): Promise<void> => (opening ??= open().finally(() => (opening = undefined)))
  return {
    ready: () => (lives() ? Promise.resolve() : renew()),
    renew,
    headers(path) {
      const cookie = cookieNames
        .flatMap((name) => (cookies.has(name) ? [`${name}=${cookies.get(name)}`] : []))
        .join('; ')
      return { carried: sessionId(), headers: { ...signed(path), ...(cookie === '' ? {} : { cookie }) } }
    },
    keep,
    lose(carried) {
      if (carried === sessionId()) cookies = new Map()
    },
    mask,
  }
}

/** The vendor's own self-test; without a cookie it tests the credentials themselves (kingdee.md §2.4). */
const probe = JSON.stringify({
  data: { FormId: 'BD_Currency', FieldKeys: 'FCODE', FilterString: "FNUMBER='PRE001'", StartRow: 0, Limit: 1 },
})

function loginBody({ acctId, userName, appId, appSecret, lcid }: Settings): string {
  return JSON.stringify({ acctid: acctId, username: userName, appid: appId, appsecret: appSecret, lcid })
}

/** A log-in is good when its reply says so; anything but `LoginResultType` 1 is a refusal (kingdee.md §2.1). */
function checkLogin(answer: HttpAnswer, reading: Reading, isLogin: boolean): void {
  const reply = refusedAsFatal(() => readAnswer(answer, reading))
  if (!isLogin || (isRecord(reply) && plain(reply['LoginResultType']) === '1')) return
  const words = isRecord(reply) ? plain(reply['Message']) : ''
  throw failureOf('login-refused', { changes: false, words: reading.mask(words) })
}

/** "Session lost" to a call that carried none means that the credentials were refused (kingdee.md §2.3). */
function refusedAsFatal<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof CallFailure) || cause.code !== 'kingdee.session-lost') throw cause
    throw failureOf('login-refused', { changes: false, words: cause.message, cause })
  }
}
