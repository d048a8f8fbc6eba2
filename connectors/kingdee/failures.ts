import { fill } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import type { FailureRule } from '@shuniu/sdk'

const rule = (
  failureClass: FailureRule['class'],
  [en, zh]: readonly [string, string],
  [helpEn, helpZh]: readonly [string, string],
): FailureRule => ({
  class: failureClass,
  message: { en: `Kingdee: ${en}.`, zh: `金蝶：${zh}。` },
  help: { en: helpEn, zh: helpZh },
})

const bug: readonly [string, string] = [
  'Report it with the effect’s body: the connector asked in a way Kingdee does not accept.',
  '请附上该动作的请求体反馈给我们：连接器的请求格式不被金蝶接受。',
]
const lookUp: readonly [string, string] = [
  'Nothing to do at once: the hub looks the voucher up by its reference before anything else.',
  '暂不需要处理：枢纽会先按引用号查找凭证，再决定下一步。',
]

/** How the hub treats each refusal of Kingdee (kingdee.md §3). A code is `kingdee.<name>`; `{message}` = Kingdee's words. */
export const failures = {
  'session-lost': rule(
    'auth',
    ['the session is gone', '会话已失效'],
    ['The hub logs in again by itself.', '枢纽会自动重新登录。'],
  ),
  'login-refused': rule(
    'fatal',
    ['the log-in was refused: {message}', '登录被拒绝：{message}'],
    [
      'Check userName, appId, appSecret and lcid; in Kingdee: 系统管理 → 第三方系统登录授权.',
      '请检查 userName、appId、appSecret 和 lcid；金蝶中：系统管理 → 第三方系统登录授权。',
    ],
  ),
  'gateway-refused': rule(
    'fatal',
    ['the gateway refused the call: {message}', '网关拒绝了调用：{message}'],
    ['Check appId and the clock of this machine.', '请检查 appId 以及本机时钟。'],
  ),
  'account-set-unknown': rule(
    'fatal',
    ['the account set is not known', '账套不存在'],
    ['Check acctId: 数据中心标识 in the management centre.', '请检查 acctId：管理中心中的数据中心标识。'],
  ),
  'no-permission': rule(
    'fatal',
    ['the integration user may not do this: {message}', '集成账号没有权限：{message}'],
    [
      'Grant the function to the integration user’s role: 系统管理 → 全功能批量授权.',
      '请给集成账号的角色授权：系统管理 → 全功能批量授权。',
    ],
  ),
  'form-unknown': rule(
    'fatal',
    ['a form does not exist: {message}', '业务对象不存在：{message}'],
    ['Check periodQuery and dimensionForms in the connection.', '请检查连接中的 periodQuery 和 dimensionForms。'],
  ),
  'field-unknown': rule(
    'fatal',
    ['a field does not exist: {message}', '字段不存在：{message}'],
    [
      'Check referenceField, dimensions and periodQuery in the connection; `connection check` names the one.',
      '请检查连接中的 referenceField、dimensions 和 periodQuery；connection check 会指出是哪一个。',
    ],
  ),
  'periods-unknown': rule(
    'fatal',
    ['no periods of book {message} can be read', '无法读取账簿 {message} 的会计期间'],
    [
      'Correct periodQuery in the connection: it names the form and the fields of your version.',
      '请修改连接中的 periodQuery：填写所用版本的业务对象和字段。',
    ],
  ),
  'nothing-visible': rule(
    'fatal',
    ['no voucher of book {message} is visible to the integration user', '集成账号看不到账簿 {message} 的任何凭证'],
    [
      'Grant 凭证 查看 and the data permission of the book’s organisation; without it an empty answer proves nothing.',
      '请授予“凭证 查看”权限及该账簿组织的数据权限；否则空结果不能证明凭证不存在。',
    ],
  ),
  licence: rule(
    'fatal',
    ['a licence is missing: {message}', '许可不足：{message}'],
    ['Renew or assign the licence of the integration user.', '请续期或为集成账号分配许可。'],
  ),
  'administrator-login': rule(
    'fatal',
    ['administrators may not log in here', '不允许管理员登录'],
    ['Use an ordinary integration user.', '请使用普通的集成账号。'],
  ),
  'request-refused': rule('invalid', ['the request is malformed: {message}', '请求格式有误：{message}'], bug),
  'voucher-refused': rule(
    'invalid',
    ['the document was refused: {message}', '单据被拒绝：{message}'],
    [
      'Correct what Kingdee names (account, dimension, date, amount), then retry.',
      '请按金蝶提示修正（科目、维度、日期、金额）后重试。',
    ],
  ),
  'wrong-state': rule(
    'invalid',
    ['the document’s state does not allow it: {message}', '单据状态不允许该操作：{message}'],
    ['Look at the document’s status in Kingdee, then retry or drop.', '请在金蝶中查看单据状态，然后重试或放弃。'],
  ),
  'not-found': rule(
    'invalid',
    ['the document is not there: {message}', '单据不存在：{message}'],
    ['Somebody deleted it in Kingdee; decide what shall stand.', '该单据已在金蝶中被删除，请决定如何处理。'],
  ),
  duplicate: rule('duplicate', ['the number is taken: {message}', '编码已被使用：{message}'], lookUp),
  'edit-lock': rule(
    'transient',
    ['somebody else works on the document: {message}', '单据正被他人操作：{message}'],
    ['The hub tries again after a pause.', '枢纽稍后会自动重试。'],
  ),
  'call-limit': rule(
    'throttled',
    ['too many calls: {message}', '调用超过限制：{message}'],
    [
      'The hub slows down by itself; lower `limits` of the connection if it stays.',
      '枢纽会自动降速；若持续出现请调低连接的 limits。',
    ],
  ),
  'database-failed': rule('ambiguous', ['the database failed: {message}', '数据库操作失败：{message}'], lookUp),
  exception: rule('ambiguous', ['an exception on the server: {message}', '服务端异常：{message}'], lookUp),
  unreadable: rule('ambiguous', ['the answer cannot be read ({message})', '无法读取返回内容（{message}）'], lookUp),
} as const satisfies Record<string, FailureRule>

export type FailureName = keyof typeof failures

/** What to expect of each MsgCode; any other is not listed, and so in doubt (kingdee.md §3). */
const byMsgCode: Readonly<Record<string, FailureName>> = {
  '1': 'session-lost',
  '2': 'no-permission',
  '3': 'request-refused',
  '5': 'request-refused',
  '6': 'database-failed',
  '7': 'licence',
  '8': 'request-refused',
  '9': 'field-unknown',
  '10': 'not-found',
  '11': 'voucher-refused',
  '12': 'wrong-state',
  '13': 'edit-lock',
  '14': 'call-limit',
  '15': 'administrator-login',
}

/** Texts that say more than the code beside them. */
const byText: readonly { readonly msgCode: string; readonly text: RegExp; readonly name: FailureName }[] = [
  { msgCode: '4', text: /业务对象不存在，或者被删除/, name: 'form-unknown' },
  { msgCode: '4', text: /无法将类型为.{0,40}强制转换为类型/, name: 'request-refused' },
  { msgCode: '11', text: /违反字段唯一性要求/, name: 'duplicate' },
]

/** What the table says of a refusal. */
export function refusalName(msgCode: string, words: string): FailureName {
  const told = byText.find((hint) => hint.msgCode === msgCode && hint.text.test(words))
  return told?.name ?? byMsgCode[msgCode] ?? 'exception'
}

/** An edit lock right after a time-out often is our own first call, still at work: give it time (kingdee.md §7). */
const pauses: Partial<Record<FailureName, number>> = { 'edit-lock': 8_000, 'call-limit': 5_000 }

export interface FailureContext {
  /** Kingdee's words, already masked. They become the message; the table's sentence is put around them where it is shown. */
  readonly words?: string
  /** True for a send. A read changes nothing, so doubt about it is only a reason to ask again. */
  readonly changes: boolean
  readonly status?: number
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

/** The failure of a call by its name in the table. */
export function failureOf(name: FailureName, context: FailureContext): CallFailure {
  const { class: declared, message } = failures[name]
  const failureClass = declared === 'ambiguous' && !context.changes ? 'transient' : declared
  const retryAfter = context.retryAfter ?? pauses[name]
  return new CallFailure(failureClass, {
    code: `kingdee.${name}`,
    message: context.words || fill(message.en, { message: '' }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(context.status === undefined ? {} : { status: context.status }),
    ...(context.cause === undefined ? {} : { cause: context.cause }),
  })
}
