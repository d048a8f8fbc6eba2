import type { Value, ValueRecord } from '@shuniu/contracts'
import { writeJson } from '@shuniu/infra/json'
import { CallFailure } from '@shuniu/infra/outbound'
import type { Ground, SendContext } from '@shuniu/sdk'
import { readAnswer } from './answers.ts'
import { failureOf } from './failures.ts'
import { pathOf, Session } from './session.ts'
import type { Settings } from './settings.ts'

/** One call of the web API. */
export interface Call {
  /** Name of the operation, as in metrics and faults. */
  readonly operation: string
  /** Present when the call changes something: it is made once and never repeated here. */
  readonly send?: SendContext
}

/** The way to one Kingdee site. */
export interface Client {
  readonly settings: Settings
  readonly ground: Ground
  ready(): Promise<void>
  /** Logs in afresh, to test the credentials themselves. */
  renew(): Promise<void>
  /** Calls a method of the dynamic form service. Gives the parsed answer of a plain success; all else is a `CallFailure`. */
  post(method: string, args: ValueRecord, call: Call): Promise<Value>
}

const readTimeout = 30_000

export function openClient(settings: Settings, ground: Ground): Client {
  const session = new Session(settings, ground)
  const origin = new URL(settings.serverUrl).origin
  const paths = new Map<string, string>()
  const pathTo = (method: string): string => {
    const path = paths.get(method) ?? pathOf(settings, method)
    paths.set(method, path)
    return path
  }

  const exchange = async (method: string, body: string, { operation, send }: Call): Promise<Value> => {
    const path = pathTo(method)
    const { headers, carried } = session.headers(path)
    // Without a session and without a signature the call would only be refused; nothing has been sent.
    if (settings.login === 'app-secret' && carried === undefined) throw failureOf('session-lost', { changes: true })
    const answer = await ground.outbound.call({
      operation,
      method: 'POST',
      url: `${origin}${path}`,
      headers: { 'content-type': 'application/json', ...headers },
      body,
      timeout: send?.timeout ?? readTimeout,
      changes: send !== undefined,
      ...(send ? { sendBy: send.sendBy, permit: send.permit } : {}),
    })
    session.keep(answer)
    try {
      return readAnswer(answer, { changes: send !== undefined, mask: session.mask, now: ground.clock.now() })
    } catch (failure) {
      if (isSessionLost(failure)) session.lose(carried)
      throw failure
    }
  }

  /** A read may be asked again: once, after a new log-in. A session that is lost again at once is a matter of settings. */
  const read = async (method: string, body: string, call: Call): Promise<Value> => {
    await session.ready()
    try {
      return await exchange(method, body, call)
    } catch (failure) {
      if (!isSessionLost(failure)) throw failure
    }
    await session.ready()
    try {
      return await exchange(method, body, call)
    } catch (failure) {
      if (!isSessionLost(failure)) throw failure
      throw failureOf('login-refused', { changes: false, words: 'the new session was lost at once', cause: failure })
    }
  }

  return {
    settings,
    ground,
    ready: () => session.ready(),
    renew: () => session.renew(),
    post: (method, args, call) => (call.send ? exchange : read)(method, writeJson(args), call),
  }
}

const isSessionLost = (failure: unknown): boolean =>
  failure instanceof CallFailure && failure.code === 'kingdee.session-lost'
