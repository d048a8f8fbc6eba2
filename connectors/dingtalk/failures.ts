import type { FailureClass } from '@shuniu/contracts'
import { CallFailure, type CallFailureDetail } from '@shuniu/infra/outbound'
import type { FailureRule } from '@shuniu/sdk'

const rule = (kind: FailureClass, message: [string, string], help: [string, string]): FailureRule => ({
  class: kind,
  message: { en: message[0], zh: message[1] },
  help: { en: help[0], zh: help[1] },
})

/**
 * Everything DingTalk can answer instead of what was asked for, and how the hub treats it (dingtalk.md §8, §9).
 * A code is `dingtalk.<name>`; `{message}` = the vendor's own words.
 */
export const failures = {
  'token-dead': rule(
    'auth',
    ['The access token is no longer valid: {message}', '访问令牌已失效：{message}'],
    ['Nothing to do: a new one is fetched.', '无需处理：系统会重新获取。'],
  ),
  credentials: rule(
    'fatal',
    ['DingTalk does not know this client id or secret: {message}', '钉钉不认可 Client ID 或 Client Secret：{message}'],
    [
      'Compare clientId and clientSecret with: developer console → application → Credentials and basic information.',
      '请核对 clientId、clientSecret：开发者后台 → 应用 → 凭证与基础信息。',
    ],
  ),
  permission: rule(
    'fatal',
    ['The application lacks a permission: {message}', '应用缺少接口权限：{message}'],
    [
      'Grant it: developer console → application → Permission management, then publish a version.',
      '请开通：开发者后台 → 应用 → 权限管理，然后发布版本。',
    ],
  ),
  'address-not-listed': rule(
    'fatal',
    ["Our outgoing IP address is not on the application's list: {message}", '出口 IP 不在应用白名单内：{message}'],
    [
      'Add it: developer console → application → Security settings → server outgoing IP.',
      '请添加：开发者后台 → 应用 → 安全设置 → 服务器出口 IP。',
    ],
  ),
  scope: rule(
    'fatal',
    [
      'A user or department is outside what the application may see: {message}',
      '用户或部门不在应用的授权范围内：{message}',
    ],
    [
      'Widen it: developer console → application → Permission management → contacts scope.',
      '请扩大范围：开发者后台 → 应用 → 权限管理 → 通讯录权限范围。',
    ],
  ),
  'too-fast': rule(
    'throttled',
    ['Too many calls at once: {message}', '调用过于频繁：{message}'],
    ['Nothing to do: the hub slows down.', '无需处理：系统会自动放慢。'],
  ),
  blocked: rule(
    'throttled',
    ['DingTalk blocks our IP address for some minutes: {message}', '钉钉暂时封禁了出口 IP：{message}'],
    [
      'It ends by itself. Look for other programs that call DingTalk from the same address.',
      '会自动解除。请检查同一出口 IP 上是否有其他程序在调用钉钉。',
    ],
  ),
  'month-used-up': rule(
    'throttled',
    ["The month's API calls of the organisation are used up: {message}", '本月组织 API 调用量已用完：{message}'],
    [
      'Buy more calls or wait for the next month: admin console → DingTalk edition. Events stop as well.',
      '请购买调用量或等到下月：钉钉管理后台 → 版本与用量。用完后事件推送也会停止。',
    ],
  ),
  busy: rule(
    'transient',
    ['DingTalk is busy or has a fault: {message}', '钉钉系统繁忙或异常：{message}'],
    ['Nothing to do: it is tried again.', '无需处理：系统会重试。'],
  ),
  unclear: rule(
    'ambiguous',
    ['DingTalk did not say whether it was done: {message}', '钉钉未明确答复是否已执行：{message}'],
    ['Look at the approval in DingTalk to see whether it was done.', '请在钉钉中查看该审批，确认是否已执行。'],
  ),
  nonsense: rule(
    'transient',
    ['The answer is not what DingTalk documents: {message}', '返回内容不符合钉钉接口文档：{message}'],
    [
      'Check that `address` points to DingTalk and no proxy answers in its place.',
      '请检查 address 是否指向钉钉，以及是否有代理代为应答。',
    ],
  ),
  'not-found': rule(
    'invalid',
    ['It does not exist in DingTalk: {message}', '钉钉中不存在：{message}'],
    ['Check the id; people who left can no longer be read.', '请核对编号；已离职人员无法再读取。'],
  ),
  refused: rule(
    'invalid',
    ['DingTalk refuses what we sent: {message}', '钉钉拒绝了请求内容：{message}'],
    ['Correct the value named in the message.', '请按提示更正对应内容。'],
  ),
  state: rule(
    'invalid',
    ['The approval is in a state that does not allow this: {message}', '审批单当前状态不允许此操作：{message}'],
    ['Look at the approval in DingTalk.', '请在钉钉中查看该审批单。'],
  ),
  'no-user': rule(
    'invalid',
    ['DingTalk lists forms only to one of its users: {message}', '钉钉只向具体用户列出表单：{message}'],
    [
      'Set `commentAs` to the user id of somebody who manages the approval forms.',
      '请把 commentAs 设为有审批表单管理权限的用户 userId。',
    ],
  ),
  misuse: rule(
    'fatal',
    ['DingTalk does not understand the call: {message}', '钉钉无法识别该调用：{message}'],
    ['This is a fault of the connector. Report it with the log line.', '这是连接器的缺陷，请附上日志反馈。'],
  ),
} as const satisfies Readonly<Record<string, FailureRule>>

export type FailureName = keyof typeof failures

/** The failure of that name; `words` are the vendor's own, without secrets: the table's sentence is put around them. */
export function failureOf(name: FailureName, words: string, more: FailureMore = {}): CallFailure {
  return new CallFailure(failures[name].class, { code: `dingtalk.${name}`, message: words, ...more })
}

export type FailureMore = Pick<CallFailureDetail, 'status' | 'retryAfter' | 'cause'>

/** The row of a code of ours. */
export function ruleOf(code: string): FailureRule | undefined {
  return Object.entries(failures).find(([name]) => code === `dingtalk.${name}`)?.[1]
}

/** Whether an error is one of these failures. */
export function isFailure(error: unknown, ...names: readonly FailureName[]): error is CallFailure {
  return error instanceof CallFailure && names.some((name) => error.code === `dingtalk.${name}`)
}

const group = (name: FailureName, vendor: readonly string[]): [string, FailureName][] =>
  vendor.map((one) => [one, name])

/** The old API's numbers, after `88` has been replaced by its `sub_code`. */
const oldCodes: ReadonlyMap<string, FailureName> = new Map([
  ...group('busy', ['-1', '820008']),
  ...group('misuse', ['22', '40000', '41001', '43007', '43008', '43009']),
  ...group('token-dead', ['40001', '40014', '42001']),
  ...group('credentials', ['40089', '40096']),
  ...group('not-found', ['33012', '60121', '60003', '60019']),
  ...group('scope', ['50002', '50004']),
  ...group('permission', ['60011', '810007']),
  ...group('address-not-listed', ['60020']),
  ...group('state', ['820005', '820006']),
  ...group('too-fast', ['90002', '90003', '90006', '90018', '90019']),
  ...group('month-used-up', ['90020']),
])

const denied = (code: string): string => `Forbidden.AccessDenied.${code}`

const newCodes: ReadonlyMap<string, FailureName> = new Map([
  ...group('token-dead', ['InvalidAuthentication']),
  ...group('credentials', ['invalidClientIdOrSecret', 'invalid.client', 'unauthorized.client']),
  ...group('misuse', ['AuthenticationFailed.MissingParameter', 'InvalidAction.NotFound', 'unsupported.grant.type']),
  ...group('permission', [denied('AccessTokenPermissionDenied'), 'needAuth']),
  ...group('address-not-listed', [denied('IpNotInWhiteList')]),
  ...group('month-used-up', [denied('ApiCountLimitForOrg')]),
  ...group('not-found', ['processInstanceNotExist', 'invalidProcessCode', 'process.error']),
  ...group('state', ['aflowProcessInstStatusException', 'aflowProcessInstCanNotBeExecuted']),
  ...group('busy', ['internalError', 'systemError', 'system.error', 'server.error', 'ServiceUnavailable']),
])

const newPatterns: readonly (readonly [RegExp, FailureName])[] = [
  [/Q[pP][sSmM]LimitFor/, 'too-fast'],
  [/(flowControlError|RateLimited)$/, 'too-fast'],
  [/lockError$/, 'busy'],
]

/** What a number of the old API means; an unknown one is a refusal. */
export const oldFailure = (errcode: string): FailureName => oldCodes.get(errcode) ?? 'refused'

/** What a code of the new API means; an unknown one by its HTTP status (dingtalk.md §9). */
export function newFailure(code: string, status: number): FailureName {
  const known = newCodes.get(code) ?? newPatterns.find(([pattern]) => pattern.test(code))?.[1]
  if (known) return known
  if (status >= 500) return 'busy'
  return status === 403 ? 'permission' : 'refused'
}
