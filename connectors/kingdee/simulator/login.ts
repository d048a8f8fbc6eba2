import type { SimAnswer, SimRequest } from '@shuniu/sdk/simulator'
import { ok, plain, sessionLost } from './answers.ts'
import type { Refusal } from './answers.ts'
import { argument } from './call.ts'
import type { Call } from './call.ts'
import type { Sessions } from './sessions.ts'
import { loginSignature, readClaim, splitAppId } from './signature.ts'
import { organisations, tenant, users } from './tenant.ts'
import type { User } from './tenant.ts'

const userNamed = (name: string): User | undefined => users.find((user) => user.name === name || user.title === name)

/** An account set nobody knows: not HTTP 200 (kingdee.md §2.3). */
const unknownAccountSet = (): SimAnswer => plain(500, 'Fail to verify thirty passport')

/** `ValidateUser`, `LoginByAppSecret`, `LoginBySign`: the reply is not the usual envelope (kingdee.md §2.1). */
export function login(call: Call, sessions: Sessions): SimAnswer {
  if (argument(call, 'acctid') !== tenant.acctId) return unknownAccountSet()
  const user = userNamed(argument(call, 'username'))
  const trouble = user ? wrongSecret(call, user) : '用户不存在'
  if (!user || trouble !== undefined) return ok(loginRefused(trouble ?? ''))
  const { id, cookies } = sessions.open(user)
  return ok(loginReply({ LoginResultType: 1, MessageCode: 'CheckPasswordPolicy', sessionId: id, user }), cookies)
}

/** What is wrong with the secret, if anything. Own invention: every text but 密码错误. */
function wrongSecret(call: Call, user: User): string | undefined {
  const { appId, appSecret } = tenant
  switch (call.method) {
    case 'ValidateUser':
      return argument(call, 'password') === user.password ? undefined : '密码错误'
    case 'LoginByAppSecret': {
      // The sample logs in with the part before the underscore, the SDKs with the whole.
      const known = [appId, splitAppId(appId).clientId].includes(argument(call, 'appid'))
      return known && argument(call, 'appsecret') === appSecret ? undefined : '应用ID或应用密钥错误'
    }
    default: {
      const grant = { appId: argument(call, 'appid'), appSecret }
      const sign = loginSignature(grant, tenant.acctId, argument(call, 'username'), argument(call, 'timestamp'))
      const known = [appId, splitAppId(appId).clientId].includes(grant.appId)
      return known && argument(call, 'sign').toLowerCase() === sign ? undefined : '签名错误'
    }
  }
}

/** A login that failed: any LoginResultType but 1. */
export const loginRefused = (message: string) =>
  loginReply({
    LoginResultType: 0,
    Message: message,
    MessageCode: message === '密码错误' ? 'PasswordError' : 'LoginError',
  })

function loginReply(
  outcome: { LoginResultType: number; MessageCode: string } & ({ Message: string } | { sessionId: string; user: User }),
) {
  const opened = 'user' in outcome ? outcome : undefined
  return {
    Message: 'Message' in outcome ? outcome.Message : null,
    MessageCode: outcome.MessageCode,
    LoginResultType: outcome.LoginResultType,
    Context: opened ? context(opened.sessionId, opened.user) : null,
    KDSVCSessionId: opened?.sessionId ?? null,
    FormId: null,
    RedirectFormParam: null,
    FormInputObject: null,
    ErrorStackTrace: null,
    Lcid: 0,
    AccessToken: null,
    CustomParam: null,
    KdAccessResult: null,
    IsSuccessByAPI: opened !== undefined,
  }
}

function context(sessionId: string, user: User) {
  const [organisation] = organisations
  return {
    UserLocale: 'zh-CN',
    LogLocale: 'zh-CN',
    DBid: tenant.acctId,
    DatabaseType: 3,
    SessionId: sessionId,
    UseLanguages: [{ LocaleId: 2052, LocaleName: '中文(简体)', Alias: 'CN' }],
    UserId: user.id,
    UserName: user.title,
    CustomName: tenant.company,
    DisplayVersion: '8.2.0',
    DataCenterName: tenant.title,
    DataCenterNumber: tenant.number,
    UserToken: '00000000-0000-4000-8000-000000000001',
    CurrentOrganizationInfo: {
      ID: organisation.id,
      AcctOrgType: '1',
      Name: organisation.name,
      FunctionIds: [101, 102, 103, 104, 108],
    },
    STimeZone: null,
    UTimeZone: null,
    GDCID: '0000000000000000',
    Gsid: '',
    TenantId: 'T20251101',
  }
}

/** `GetDataCenterList` needs no login. */
export const dataCenters = () => [
  { Id: tenant.acctId, Number: tenant.number, Name: tenant.title, Version: '8.2.0', GDCID: '0000000000000000' },
]

/** Who calls: the user, with cookies when this call opened the session; or why not. */
export type Caller = { readonly user: User; readonly cookies: string[] } | Refusal | SimAnswer

/** A live session counts and its signature is not looked at; without one the signature headers open one (§2.3). */
export function identify(request: SimRequest, sessions: Sessions): Caller {
  const user = sessions.user(request.headers)
  if (user) return { user, cookies: [] }
  const claim = readClaim(request.headers, request.path, tenant)
  if (!claim) return sessionLost()
  if (claim.acctId !== tenant.acctId) return unknownAccountSet()
  const claimed = userNamed(claim.userName)
  if (!claim.genuine || claim.lcid !== tenant.lcid || !claimed) return sessionLost()
  return { user: claimed, cookies: sessions.open(claimed).cookies }
}
