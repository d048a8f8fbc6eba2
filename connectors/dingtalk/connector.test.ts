import { acceptance, type Answer, type FailureSample, type Scene } from '@shuniu/sdk/kit'
import connector from './connector.ts'
import { userName } from './contacts.ts'
import { discover } from './discover.ts'
import { handedOf } from './events.ts'
import { readInstance } from './instance.ts'
import type { Session } from './session.ts'
import { simulator } from './simulator/main.ts'
import { expenseForm } from './test-ground.ts'

const cashier = '093621478512036700'
const MINUTE = 60_000

const json = (status: number, body: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** The log-in works; every other call gets this answer. */
const afterLogin =
  (answer: Answer) =>
  (path: string): Answer =>
    path.startsWith('/v1.0/oauth2/') ? json(200, { accessToken: 'a-token', expireIn: 7200 }) : answer

const says = (status: number, code: string, message: string): FailureSample<Session> => ({
  answer: afterLogin(json(status, { code, message, requestid: 'B084F2DA-7935-51CE-A2AF-EF9183F0B4DA' })),
})
const denies = (code: string, message: string) => says(403, `Forbidden.AccessDenied.${code}`, message)
const reads = (sample: FailureSample<Session>): FailureSample<Session> => ({
  ...sample,
  ask: (link) => readInstance(link, 'any'),
})

/** A push that says an approval of the expense form was agreed. */
const finished = (processInstanceId: string) =>
  handedOf(
    JSON.stringify({
      EventType: 'bpms_instance_change',
      eventId: `event of ${processInstanceId}`,
      processInstanceId,
      processCode: expenseForm,
      type: 'finish',
      result: 'agree',
    }),
  )

const act = async ({ stand }: Scene<Session>, name: string, input: object): Promise<string> =>
  String(Object(await stand.act(name, input)).id)

acceptance(connector, {
  simulator,
  settings: (address) => ({
    address,
    clientId: 'dinga1b2c3d4e5f6g7h8',
    clientSecret: 'MADE-UP-client-secret',
    callback: { token: 'Hub2024TokenAbc', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' },
    commentAs: cashier,
  }),
  operations: {
    'approval.comment': {
      input: async (scene) => ({ instance: await act(scene, 'approved-payment', {}), text: '已生成凭证 记-128' }),
    },
  },
  failures: {
    'token-dead': says(400, 'InvalidAuthentication', '不合法的access_token'),
    credentials: { answer: json(400, { code: 'invalidClientIdOrSecret', message: '无效的clientId或者clientSecret' }) },
    permission: denies('AccessTokenPermissionDenied', '没有调用该接口的权限'),
    'address-not-listed': denies('IpNotInWhiteList', '访问ip不在白名单之中'),
    scope: {
      answer: afterLogin(json(200, { errcode: 50004, errmsg: '请求的部门id不在授权范围内' })),
      ask: (link) => connector.discover(link),
    },
    'too-fast': denies('QpsLimitForAppkeyAndApi', '当前接口的所有请求都被暂时禁用了'),
    blocked: { answer: afterLogin(json(200, { status: 1111, wait: 5, source: 'x5', punish: 'deny', uuid: '0b1c' })) },
    'month-used-up': denies('ApiCountLimitForOrg', '当前组织当月调用量超限'),
    busy: reads(says(500, 'systemError', '系统异常')),
    unclear: says(500, 'systemError', '系统异常'),
    nonsense: reads({ answer: afterLogin({ body: '<html>登录</html>' }) }),
    'not-found': says(400, 'processInstanceNotExist', '审批实例不存在'),
    refused: says(400, 'invalidParameter', '不合法的参数'),
    state: says(400, 'aflowProcessInstCanNotBeExecuted', '审批状态异常，无法执行'),
    'no-user': {
      answer: afterLogin(json(200, {})),
      ask: (link) => discover({ ...link, settings: { ...link.settings, commentAs: undefined } }),
    },
    misuse: {
      answer: afterLogin(json(200, { errcode: 22, errmsg: 'Invalid method', sub_msg: '不合法ApiName' })),
      ask: (link) => userName(link, 'any'),
    },
  },
  sources: {
    approval: {
      form: expenseForm,
      forms: {},
      async documents(scene) {
        const now = Date.now()
        const at = now - 3 * MINUTE
        const agreed = await act(scene, 'submit', { form: expenseForm, fields: { '报销总额（元）': '100.00' }, at })
        await act(scene, 'agree', { id: agreed, at })
        const fields = { '报销总额（元）': '90.00' }
        const modify = await act(scene, 'modify', { id: agreed, at: now - 2 * MINUTE, fields })
        const revoke = await act(scene, 'withdraw', { id: agreed, at: now - MINUTE })
        return { new: finished(agreed), modify: finished(modify), revoke: finished(revoke) }
      },
    },
  },
})
