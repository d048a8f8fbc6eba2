import { expect, test } from 'vitest'
import { check } from './check.ts'
import { openVendor, type ScriptedVendor, type Said } from './test-ground.ts'

const INSTANCE = '/v1.0/workflow/processInstances'
const none: Said = { status: 400, body: { code: 'processInstanceNotExist', message: '审批实例不存在' } }
const denied = (scope: string): Said => ({
  status: 403,
  body: {
    code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
    message: '没有调用该接口的权限',
    accessdenieddetail: { requiredScopes: [scope] },
  },
})

/** An application that may do everything. */
async function openAllowed(): Promise<ScriptedVendor> {
  const vendor = await openVendor()
  vendor.says(INSTANCE, none)
  vendor.says(`${INSTANCE}/comments`, none)
  vendor.says('/v1.0/workflow/forms/schemas/processCodes', { status: 400, body: { code: 'invalidProcessCode' } })
  vendor.says('/topapi/v2/department/listsub', { body: { errcode: 0, result: [] } })
  vendor.says('/topapi/v2/user/list', { body: { errcode: 0, result: { has_more: false, list: [] } } })
  vendor.says('/v1.0/gateway/connections/open', {
    body: { endpoint: `${vendor.url.replace('http', 'ws')}/c`, ticket: 't' },
  })
  return vendor
}

test('everything is granted: seven findings, all fine, three counted calls', async () => {
  await using vendor = await openAllowed()
  const findings = await check(vendor.session({ commentAs: 'u' }))
  expect(findings.map(({ ok }) => ok)).toEqual([true, true, true, true, true, true, true])
  expect(vendor.asked.filter(({ path }) => path.startsWith('/v1.0/workflow/'))).toHaveLength(3)
})

test('a missing permission is named, with the place where it is granted, in both languages', async () => {
  await using vendor = await openAllowed()
  vendor.says(INSTANCE, denied('Workflow.Instance.Read'))
  const missing = (await check(vendor.session())).filter(({ ok }) => !ok)
  expect(missing).toHaveLength(1)
  expect(missing[0]?.what.en).toContain('Workflow.Instance.Read')
  expect(missing[0]?.what.zh).toContain('读取审批实例')
  expect(missing[0]?.help?.en).toContain('Permission management')
  expect(missing[0]?.help?.zh).toContain('权限管理')
})

test('the old generation says the same in its own way', async () => {
  await using vendor = await openAllowed()
  const body = { errcode: 88, sub_code: '60011', sub_msg: '没有调用该接口的权限' }
  vendor.says('/topapi/v2/department/listsub', { body })
  const missing = (await check(vendor.session())).filter(({ ok }) => !ok)
  expect(missing.map(({ what }) => what.en)).toEqual([expect.stringContaining('qyapi_get_department_list')])
})

test('with wrong credentials nothing else is tried', async () => {
  await using vendor = await openAllowed()
  vendor.says('/v1.0/oauth2/accessToken', { status: 400, body: { code: 'invalidClientIdOrSecret', message: 'x' } })
  const findings = await check(vendor.session())
  expect(findings).toMatchObject([{ ok: false, help: { en: expect.stringContaining('clientSecret') } }])
  expect(vendor.asked).toHaveLength(1)
})

test('a system that cannot be reached is told, not thrown', async () => {
  const vendor = await openAllowed()
  const session = vendor.session()
  await vendor[Symbol.asyncDispose]()
  expect(await check(session)).toMatchObject([{ ok: false, what: { zh: expect.stringContaining('登录') } }])
})

test('comments and the stream are checked only when they are used', async () => {
  await using vendor = await openAllowed()
  expect(await check(vendor.session({ stream: false }))).toHaveLength(5)
})
