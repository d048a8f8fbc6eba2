import { randomBytes, randomUUID } from 'node:crypto'
import type { SimAnswer } from '@shuniu/sdk/simulator'

/** The three ways this vendor words an error: `/v1.0/…`, `/topapi/…` and the paths older than that (dingtalk.md §9). */
export type Style = 'new' | 'topapi' | 'old'

const json = 'application/json;charset=utf-8'

export const answer = (body: object, status = 200): SimAnswer => ({
  status,
  headers: { 'content-type': json },
  body: JSON.stringify(body),
})

/** New API: 4xx or 5xx with `{code, message, requestid}`. */
export function newError(status: number, code: string, message: string, more: object = {}): SimAnswer {
  const requestid = randomUUID().toUpperCase()
  const body = JSON.stringify({ code, requestid, message, ...more })
  return { status, headers: { 'content-type': json, 'x-acs-request-id': requestid }, body }
}

const requestId = (): string => BigInt(`0x${randomBytes(8).toString('hex')}`).toString(36)

/** Old API: a result with `errcode` 0. */
export const oldAnswer = (body: object): SimAnswer =>
  answer({ errcode: 0, errmsg: 'ok', ...body, request_id: requestId() })

/** Old API: the code directly in `errcode`. */
export const oldError = (errcode: number, errmsg: string): SimAnswer =>
  answer({ errcode, errmsg, request_id: requestId() })

/** What the gateway in front of an old path refuses: `errcode` 88 on `/topapi`, the code itself on older paths. */
export function gatewayError(style: 'topapi' | 'old', code: number, message: string): SimAnswer {
  if (style === 'old') return answer({ errcode: code, errmsg: message })
  const errmsg = `ding talk error[subcode=${code},submsg=${message}]`
  return answer({ errcode: 88, sub_code: String(code), sub_msg: message, errmsg, request_id: requestId() })
}

/** The same refusal in the words of either generation. */
export const refusal = (
  style: Style,
  old: { readonly code: number; readonly message: string },
  recent: { readonly status?: number; readonly code: string; readonly message: string; readonly more?: object },
): SimAnswer =>
  style === 'new'
    ? newError(recent.status ?? 400, recent.code, recent.message, recent.more)
    : gatewayError(style, old.code, old.message)

const DENIED = 'Forbidden.AccessDenied'
const PERMISSION =
  '没有调用该接口的权限，接口权限申请参考：https://open.dingtalk.com/document/orgapp-server/add-api-permission'
const BAD_TOKEN = '不合法的access_token'
const QPS = '您的企业应用调用钉钉开放平台当前接口的所有请求都被暂时禁用了'
const OLD_QPS = '您的服务器调用钉钉开放平台当前接口的所有请求都被暂时禁用了'

export const badToken = (style: Style): SimAnswer =>
  refusal(style, { code: 40014, message: BAD_TOKEN }, { code: 'InvalidAuthentication', message: BAD_TOKEN })

export const missingToken = (style: Style): SimAnswer =>
  refusal(
    style,
    { code: 40000, message: 'access_token is blank' },
    { code: 'AuthenticationFailed.MissingParameter', message: '缺少参数 x-acs-dingtalk-access-token' },
  )

export const missingPermission = (style: Style, scope: string): SimAnswer =>
  refusal(
    style,
    { code: 60011, message: PERMISSION },
    {
      status: 403,
      code: `${DENIED}.AccessTokenPermissionDenied`,
      message: PERMISSION,
      more: { accessdenieddetail: { requiredScopes: [scope] } },
    },
  )

export const tooFast = (style: Style): SimAnswer =>
  refusal(
    style,
    { code: 90018, message: OLD_QPS },
    { status: 403, code: `${DENIED}.QpsLimitForAppkeyAndApi`, message: QPS },
  )

export const quotaUsedUp = (style: Style): SimAnswer =>
  refusal(
    style,
    { code: 90020, message: '当月调用量超限' },
    { status: 403, code: `${DENIED}.ApiCountLimitForOrg`, message: '当前组织当月调用量超限' },
  )

export const badParameter = (style: Style, message: string): SimAnswer =>
  style === 'new' ? newError(400, 'invalidParameter', message) : oldError(40035, message)

/** A path nobody serves. */
export function unknownPath(style: Style, path: string): SimAnswer {
  if (style === 'new') return newError(404, 'InvalidAction.NotFound', 'Specified api is not found')
  const name = `dingtalk.oapi.${path.replace(/^\/(topapi\/)?/, '').replaceAll('/', '.')}`
  const sub_msg = `不合法ApiName，ApiName = ${name}`
  return answer({ errcode: 22, sub_msg, errmsg: `Invalid method[submsg=${sub_msg}]`, request_id: requestId() })
}
