import { catalogue, fill, type Language, type Text } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import type { CheckFinding } from '@shuniu/sdk'
import { departmentsBelow, membersOfRoot } from './contacts.ts'
import { isFailure, ruleOf } from './failures.ts'
import { openGateway } from './gateway.ts'
import { callApi, type ApiCall, type Session } from './session.ts'

/** Something the application must be allowed to do, and a call that shows it. */
interface Probe {
  readonly may: Text
  /** The permission, as the console calls it. */
  readonly permission?: Text
  readonly call: () => Promise<unknown>
}

/** Asks for things that do not exist: "there is none" proves the permission. Costs three counted calls. */
export async function check(session: Session): Promise<readonly CheckFinding[]> {
  const credentials = await probe({
    may: { en: 'Log in with client id and secret', zh: '使用 Client ID 和 Secret 登录' },
    call: () => session.tokens.get(),
  })
  if (!credentials.ok) return [credentials]
  const findings = [credentials]
  for (const one of probes(session)) findings.push(await probe(one))
  return findings
}

const nothing = 'shuniu-check-does-not-exist'

function probes(session: Session): readonly Probe[] {
  const { stream, commentAs } = session.settings
  const ask = (call: Omit<ApiCall, 'operation'>) => callApi(session, { operation: 'check', ...call })
  return [
    {
      may: { en: 'Read approvals', zh: '读取审批实例' },
      permission: { en: 'Workflow.Instance.Read', zh: '工作流实例读权限 Workflow.Instance.Read' },
      call: () => ask({ method: 'GET', path: `/v1.0/workflow/processInstances?processInstanceId=${nothing}` }),
    },
    {
      may: { en: 'Read forms', zh: '读取审批表单' },
      permission: { en: 'Workflow.Form.Read', zh: '工作流表单读权限 Workflow.Form.Read' },
      call: () => ask({ method: 'GET', path: `/v1.0/workflow/forms/schemas/processCodes?processCode=${nothing}` }),
    },
    ...(commentAs === undefined ? [] : [comments(ask, commentAs)]),
    {
      may: { en: 'Read departments', zh: '读取部门' },
      permission: { en: 'qyapi_get_department_list', zh: '通讯录部门信息读权限 qyapi_get_department_list' },
      call: () => departmentsBelow(session, '1'),
    },
    {
      may: { en: 'Read names of users', zh: '读取成员姓名' },
      permission: { en: 'qyapi_get_member, qyapi_get_department_member', zh: '成员信息读权限、通讯录部门成员读权限' },
      call: () => membersOfRoot(session),
    },
    ...(stream
      ? [{ may: { en: 'Open the event stream', zh: '建立 Stream 长连接' }, call: () => openGateway(session) }]
      : []),
  ]
}

const comments = (ask: (call: Omit<ApiCall, 'operation'>) => Promise<unknown>, commentUserId: string): Probe => ({
  may: { en: 'Comment on approvals', zh: '在审批单上评论' },
  permission: { en: 'Workflow.Instance.Write', zh: '工作流实例写权限 Workflow.Instance.Write' },
  call: () =>
    ask({
      method: 'POST',
      path: '/v1.0/workflow/processInstances/comments',
      body: { processInstanceId: nothing, text: 'check', commentUserId },
    }),
})

/** Some answers are given only to an application that may ask: they prove the permission. */
async function probe({ may, permission, call }: Probe): Promise<CheckFinding> {
  const what = permission ? { en: `${may.en} (${permission.en})`, zh: `${may.zh}（${permission.zh}）` } : may
  try {
    await call()
    return { ok: true, what }
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    return isFailure(error, 'not-found', 'refused', 'state') ? { ok: true, what } : failed(what, error)
  }
}

function failed(what: Text, { code, message }: CallFailure): CheckFinding {
  const rule = ruleOf(code)
  const said = rule?.message ?? { en: '{message}', zh: '{message}' }
  const about = (language: Language): string => fill(said[language], { message })
  const help = rule?.help ?? helpOf(code)
  return {
    ok: false,
    what: { en: `${what.en}: ${about('en')}`, zh: `${what.zh}：${about('zh')}` },
    ...(help && { help }),
  }
}

/** What the hub's own table advises, for failures of the way there. */
function helpOf(code: string): Text | undefined {
  return Object.entries(catalogue).find(([known]) => known === code)?.[1].help
}
