import type { SimAnswer } from '@shuniu/sdk/simulator'

/** Codes of ResponseStatus.MsgCode this simulator uses (kingdee.md §3). */
export const msgCode = {
  ok: 0,
  sessionLost: 1,
  noPermission: 2,
  exception: 4,
  formIdEmpty: 5,
  databaseFailed: 6,
  parameter: 8,
  unknownField: 9,
  noData: 10,
  invalid: 11,
  wrongState: 12,
  editLock: 13,
  callLimit: 14,
} as const
export type MsgCode = (typeof msgCode)[keyof typeof msgCode]

/** A business refusal: becomes one entry of ResponseStatus.Errors. */
export class Refusal extends Error {
  readonly code: MsgCode
  readonly field: string | null
  constructor(code: MsgCode, text: string, field: string | null = null) {
    super(text)
    this.code = code
    this.field = field
  }
}

/** An exception of the server instead of an answer, e.g. for a Save without a model. */
export class ServerException extends Error {}

export const sessionLost = (): Refusal => new Refusal(msgCode.sessionLost, '会话信息已丢失，请重新登录')
export const noPermission = (): Refusal => new Refusal(msgCode.noPermission, '您没有该功能的操作权限')
/** Own invention: the text. */
export const callLimit = (): Refusal => new Refusal(msgCode.callLimit, '接口调用超过限制，请稍后再试')
export const unknownForm = (form: string): Refusal =>
  new Refusal(msgCode.exception, `标识为“${form}”的业务对象不存在，或者被删除`)

/** One record of a call with several: done or refused. */
export type Outcome = { readonly Id: number; readonly Number: string } | Refusal

/** `{ResponseStatus}` for records in the order of the request; IsSuccess only when every one was done. */
export function responseStatus(outcomes: readonly Outcome[]) {
  const refusals = outcomes.filter((one) => one instanceof Refusal)
  return {
    ...(refusals[0] ? { ErrorCode: 500 } : {}),
    IsSuccess: refusals.length === 0,
    Errors: outcomes.flatMap((one, DIndex) =>
      one instanceof Refusal ? [{ FieldName: one.field, Message: one.message, DIndex }] : [],
    ),
    SuccessEntitys: outcomes.flatMap((one, DIndex) => (one instanceof Refusal ? [] : [{ ...one, DIndex }])),
    SuccessMessages: [],
    MsgCode: refusals[0]?.code ?? msgCode.ok,
  }
}

/** The usual failure envelope. */
export const failure = (refusal: Refusal) => ({ Result: { ResponseStatus: responseStatus([refusal]) } })

/** Queries hide the envelope in a one-cell table (kingdee.md §3). */
export const queryFailure = (refusal: Refusal) => [[failure(refusal)]]

export function ok(body: unknown, cookies: string[] = []): SimAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return {
    status: 200,
    headers: cookies.length > 0 ? { ...headers, 'set-cookie': cookies } : headers,
    body: JSON.stringify(body),
  }
}

export const plain = (status: number, text: string): SimAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: text,
})

/** An exception of the server: HTTP 200 and plain text (kingdee.md §1). */
export const responseError = (message: string): SimAnswer =>
  plain(200, `response_error:${JSON.stringify({ Message: '调用服务异常', InnerExWrapper: { Message: message } })}`)
