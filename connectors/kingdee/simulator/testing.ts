import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@shuniu/sdk/simulator'
import type { Fault, RunningSimulator } from '@shuniu/sdk/simulator'
import { simulator } from './main.ts'
import { tenant, users } from './tenant.ts'

const services: Readonly<Record<string, string>> = {
  ValidateUser: 'Kingdee.BOS.WebApi.ServicesStub.AuthService',
  LoginByAppSecret: 'Kingdee.BOS.WebApi.ServicesStub.AuthService',
  LoginBySign: 'Kingdee.BOS.WebApi.ServicesStub.AuthService',
  LogOut: 'Kingdee.BOS.WebApi.ServicesStub.AuthService',
  GetDataCenterList: 'Kingdee.BOS.ServiceFacade.ServicesStub.Account.AccountService',
}

/** The path of a method, as it stands in the request line. */
export const pathOf = (method: string): string =>
  `/k3cloud/${services[method] ?? 'Kingdee.BOS.WebApi.ServicesStub.DynamicFormService'}.${method}.common.kdsvc`

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body, numbers as JS numbers; the text itself when it is no JSON. */
  readonly body: unknown
}

/** A simulator with a client, for tests. */
export interface Rig {
  readonly running: RunningSimulator
  /** One POST as it is; without a session. */
  post(method: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  /** A call in the session of hub_bot. */
  ask(method: string, body: unknown): Promise<Answer>
  /** The same; the body of the answer. */
  call(method: string, body: unknown): Promise<unknown>
  /** Saves a voucher; the id, or the first error as `MsgCode: message`. */
  save(model: object, parameters?: object): Promise<number | string>
  query(FormId: string, FieldKeys: string, more?: object): Promise<unknown>
  act(name: string, input: object): Promise<Answer>
  fault(on: string, fault: Fault, more?: object): Promise<void>
  /** Stops it and starts it again on the same book. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Starts one with an empty data folder of its own. */
export async function openRig(options: Record<string, string> = {}, now: () => number = Date.now): Promise<Rig> {
  const data = await mkdtemp(join(tmpdir(), 'kingdee-'))
  const start = () => startSimulator(simulator, { data, options, now })
  let running = await start()
  let cookie = ''

  const send = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await fetch(running.url + path, { method: 'POST', body: text, headers })
    return readAnswer(answer)
  }
  const post: Rig['post'] = (method, body, headers) => send(pathOf(method), body, headers)
  const ask: Rig['ask'] = async (method, body) => {
    cookie ||= await login(post)
    return post(method, body, { cookie })
  }
  const call: Rig['call'] = async (method, body) => (await ask(method, body)).body
  return {
    get running() {
      return running
    },
    post,
    ask,
    call,
    save: async (Model, parameters = {}) =>
      outcome(await call('Save', { formid: 'GL_VOUCHER', data: { ...parameters, Model } })),
    query: (FormId, FieldKeys, more = {}) => call('ExecuteBillQuery', { data: { FormId, FieldKeys, ...more } }),
    act: (name, input) => send(`/_sim/acts/${name}`, input),
    fault: async (on, fault, more = {}) => void (await send('/_sim/faults', { on, fault, times: 1, ...more })),
    async restart() {
      await running.close()
      running = await start()
      cookie = ''
    },
    async close() {
      await running.close()
      await rm(data, { recursive: true })
    },
  }
}

async function readAnswer(answer: Response): Promise<Answer> {
  const text = await answer.text()
  const { status, headers } = answer
  try {
    return { status, headers, text, body: JSON.parse(text) }
  } catch {
    return { status, headers, text, body: text }
  }
}

async function login(post: Rig['post']): Promise<string> {
  const [user] = users
  const body = { acctid: tenant.acctId, username: user?.name, password: user?.password, lcid: 2052 }
  const { headers } = await post('ValidateUser', body)
  return headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
}

/** What became of a call on one record. */
export function outcome(body: unknown): number | string {
  const { Result } = envelope(body)
  const [error] = Result.ResponseStatus.Errors
  if (error) return `${Result.ResponseStatus.MsgCode}: ${error.Message}`
  return Result.ResponseStatus.SuccessEntitys[0]?.Id ?? 'nothing'
}

interface Envelope {
  readonly Result: {
    readonly ResponseStatus: {
      readonly IsSuccess: boolean
      readonly MsgCode: number
      readonly Errors: readonly { readonly Message: string; readonly DIndex: number }[]
      readonly SuccessEntitys: readonly { readonly Id: number; readonly Number: string; readonly DIndex: number }[]
    }
    readonly NeedReturnData?: readonly unknown[]
    readonly Result?: unknown
  }
}

/** The usual envelope of an answer; fails when it is none. */
export function envelope(body: unknown): Envelope {
  if (isEnvelope(body)) return body
  throw new Error(`not an envelope: ${JSON.stringify(body)}`)
}

const isEnvelope = (body: unknown): body is Envelope => typeof body === 'object' && body !== null && 'Result' in body

/** One line of a voucher; `amount` is written into the body digit by digit. */
export const line = (account: string, side: 'FDEBIT' | 'FCREDIT', amount: unknown, more: object = {}): object => ({
  FEntryID: 0,
  FEXPLANATION: '付款 202611220001',
  FACCOUNTID: { FNumber: account },
  FCURRENCYID: { FNumber: 'PRE001' },
  FEXCHANGERATETYPE: { FNumber: 'HLTX01_SYS' },
  FEXCHANGERATE: 1,
  FDEBIT: side === 'FDEBIT' ? amount : 0,
  FCREDIT: side === 'FCREDIT' ? amount : 0,
  ...more,
})

/** A department dimension. */
export const department = (number: string): object => ({ FDetailID: { FDETAILID__FFLEX5: { FNumber: number } } })

/** A voucher that is fine: office expense of the marketing department, paid from the bank. */
export const model = (more: object = {}, amount: unknown = 1060.5): object => ({
  FVOUCHERID: 0,
  FAccountBookID: { FNumber: '001' },
  FDate: '2026-11-20',
  FVOUCHERGROUPID: { FNumber: 'PRE001' },
  FEntity: [line('6602.03', 'FDEBIT', amount, department('D01')), line('1002.01', 'FCREDIT', amount)],
  ...more,
})

/** The documents of the book. */
export const vouchersOf = (rig: Rig) => rig.running.book.list('voucher')
