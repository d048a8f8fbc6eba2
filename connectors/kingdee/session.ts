import { isRecord } from '@shuniu/contracts'
import { CallFailure, type HttpAnswer } from '@shuniu/infra/outbound'
import type { Ground } from '@shuniu/sdk'
import { plain, readAnswer, type Reading } from './answers.ts'
import { SessionCookies } from './cookies.ts'
import { failureOf } from './failures.ts'
import type { Settings } from './settings.ts'
import { openSigner, type Signer } from './signature.ts'

const services = 'Kingdee.BOS.WebApi.ServicesStub'
const loginTimeout = 30_000
/** The vendor forgets a session after 20 idle minutes; before that we make a new one in time. */
const longestIdle = 15 * 60_000

/** Path of a service's method from the site's root on: this text is what gets signed. */
export const pathOf = (settings: Settings, method: string, service = 'DynamicFormService'): string =>
  `${new URL(settings.serverUrl).pathname}${services}.${service}.${method}.common.kdsvc`

/**
 * The one session of a connection, shared by all its calls (kingdee.md §2). It is closed until a log-in, open while its
 * cookies work, and closed again when a call that carried them is told that the session is lost.
 */
export class Session {
  readonly #settings: Settings
  readonly #ground: Ground
  readonly #sign: Signer | undefined
  readonly #cookies = new SessionCookies()
  #isOpen = false
  #usedAt = 0
  #opening: Promise<void> | undefined

  constructor(settings: Settings, ground: Ground) {
    this.#settings = settings
    this.#ground = ground
    this.#sign = settings.login === 'signature' ? openSigner(settings) : undefined
  }

  /** Makes sure a session is open; those who wait share one log-in. Refused credentials are `fatal`. */
  async ready(): Promise<void> {
    // Signed headers bridge a forgotten session silently (kingdee.md §2.3).
    const isFresh = this.#sign !== undefined || this.#ground.clock.uptime() - this.#usedAt < longestIdle
    if (!this.#isOpen || !isFresh) await this.renew()
  }

  /** Logs in afresh: a session that lives can hide a secret that was revoked (kingdee.md §2.3). */
  renew(): Promise<void> {
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  /** Headers of the next call on a path, and the session they carry. */
  headers(path: string): { readonly headers: Readonly<Record<string, string>>; readonly carried: string | undefined } {
    return { carried: this.#cookies.id, headers: { ...this.#signed(path), ...this.#cookies.header } }
  }

  /** Takes over the cookies of an answer. */
  keep(answer: HttpAnswer): void {
    this.#cookies.keep(answer)
    this.#usedAt = this.#ground.clock.uptime()
  }

  /** The session a call carried is dead; a newer one stays. */
  lose(carried: string | undefined): void {
    if (carried === this.#cookies.id) this.#close()
  }

  /** Frees words from our secrets. */
  readonly mask = (words: string): string =>
    [this.#settings.appSecret, ...this.#cookies.secrets].reduce((text, one) => text.replaceAll(one, '•••'), words)

  #close(): void {
    this.#cookies.clear()
    this.#isOpen = false
  }

  #signed(path: string): Readonly<Record<string, string>> {
    const { clock, random } = this.#ground
    const now = clock.now()
    return this.#sign?.(path, String(now), `${now}${Math.trunc(random.next() * 1e6)}`) ?? {}
  }

  async #open(): Promise<void> {
    this.#close()
    const settings = this.#settings
    const isSigned = this.#sign !== undefined
    const path = isSigned ? pathOf(settings, 'ExecuteBillQuery') : pathOf(settings, 'LoginByAppSecret', 'AuthService')
    const answer = await this.#ground.outbound.call({
      operation: 'login',
      method: 'POST',
      url: `${new URL(settings.serverUrl).origin}${path}`,
      headers: { 'content-type': 'application/json', ...this.#signed(path) },
      body: isSigned ? probe : loginBody(settings),
      timeout: loginTimeout,
      changes: false,
    })
    const reading = { changes: false, mask: this.mask, now: this.#ground.clock.now() }
    if (isSigned) refusedAsFatal(() => readAnswer(answer, reading))
    else checkLogin(answer, reading)
    this.keep(answer)
    this.#isOpen = true
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
function checkLogin(answer: HttpAnswer, reading: Reading): void {
  const reply = refusedAsFatal(() => readAnswer(answer, reading))
  if (isRecord(reply) && plain(reply['LoginResultType']) === '1') return
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
