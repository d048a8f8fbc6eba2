import { describe, expect, test } from 'vitest'
import errors from '../facts/errors.json' with { type: 'json' }
import tokens from '../facts/api-token.json' with { type: 'json' }
import { drive } from './driver.ts'
import type { Driver } from './driver.ts'
import { application } from './organisation.ts'

const detail = '/v1.0/workflow/processInstances?processInstanceId=none'
const oldDetail = '/topapi/processinstance/get'
const failedList = '/call_back/get_call_back_failed_result'

const all = [...errors.oldApi, ...errors.newApi]
/** The sample's envelope; the request's own id differs each time. */
function envelope(name: string, generation: typeof all = all) {
  const found = generation.find((one) => one.case === name)
  if (!found) throw new Error(`errors.json has no case ${name}`)
  const changing = Object.keys(found.body).filter((key) => key === 'requestid' || key === 'request_id')
  return {
    status: found.status,
    body: { ...found.body, ...Object.fromEntries(changing.map((key) => [key, expect.any(String)])) },
  }
}
const recent = (name: string) => envelope(name, errors.newApi as typeof all)
const old = (name: string) => envelope(name, errors.oldApi as typeof all)

const seen = ({ status, body }: { status: number; body: unknown }) => ({ status, body })
const withToken = (sim: Driver, token: string) =>
  sim.plain('GET', detail, undefined, { 'x-acs-dingtalk-access-token': token })

describe('tokens', () => {
  test.each(tokens)('$name: the answer has the shape of the sample', async ({ request, response }) => {
    await using sim = await drive()
    const { pathname, search } = new URL(request.url)
    const { body } = await sim.plain(request.method, pathname + search, request.body)
    expect(Object.keys(body as object).toSorted()).toEqual(Object.keys(response.body).toSorted())
    expect(Object.values(body as object)).toContain(7200)
    expect(Object.values(body as object)).toContainEqual(expect.stringMatching(/^[0-9a-f]{32}$/))
  })

  test('asking again gives the same token and renews it; after its end another one, also across a restart', async () => {
    const skew = { ms: 0 }
    const first = await drive({ now: () => Date.now() + skew.ms })
    const { clientId, clientSecret } = application
    const fetchToken = async (from: Driver): Promise<string> => {
      const { body } = await from.plain('GET', `/gettoken?appkey=${clientId}&appsecret=${clientSecret}`)
      return (body as { access_token: string }).access_token
    }
    const token = await fetchToken(first)
    skew.ms += 7_000_000
    expect(await fetchToken(first)).toBe(token)
    skew.ms += 7_000_000
    await using sim = await first.restart()
    expect((await withToken(sim, token)).body).toMatchObject({ code: 'processInstanceNotExist' })
    skew.ms += 300_000
    expect(seen(await withToken(sim, token))).toEqual(recent('bad or expired token'))
    expect(await fetchToken(sim)).not.toBe(token)
  })

  test('wrong secrets and missing parameters get the words of their generation', async () => {
    await using sim = await drive()
    const wrong = { appKey: application.clientId, appSecret: 'x' }
    expect(seen(await sim.plain('POST', '/v1.0/oauth2/accessToken', wrong))).toEqual(recent('wrong client id/secret'))
    expect(seen(await sim.plain('GET', '/gettoken?appkey=x&appsecret=y'))).toEqual(old('wrong app secret on gettoken'))
    expect(seen(await sim.plain('GET', '/gettoken'))).toEqual(old('missing parameter on gettoken'))
    const grant = { client_id: application.clientId, client_secret: 'x', grant_type: 'password' }
    const unified = `/v1.0/oauth2/${application.corpId}/token`
    expect(await sim.plain('POST', unified, grant)).toMatchObject({ body: { code: 'unsupported.grant.type' } })
  })
})

describe('a token that is missing or bad', () => {
  test('is said in three ways', async () => {
    await using sim = await drive()
    expect(seen(await sim.plain('GET', detail))).toEqual(recent('token header missing'))
    expect(seen(await withToken(sim, 'x'))).toEqual(recent('bad or expired token'))
    expect(seen(await sim.plain('POST', oldDetail, {}))).toEqual(old('token missing, or sent only as a header'))
    expect(seen(await sim.plain('POST', `${oldDetail}?access_token=x`, {}))).toEqual(
      old('bad or expired token on a topapi path'),
    )
    expect(seen(await sim.plain('GET', `${failedList}?access_token=x`))).toEqual(old('bad token on a pre-topapi path'))
  })
})

test('an unknown path and an unknown instance', async () => {
  await using sim = await drive()
  expect(seen(await sim.call('POST', '/topapi/app/remove_auth', {}))).toEqual(old('unknown path'))
  const answered = await sim.call('GET', detail)
  expect(seen(answered)).toEqual(recent('approval instance not found'))
  expect(answered.headers.get('x-acs-request-id')).toBe((answered.body as { requestid: string }).requestid)
})

test('a permission that was never given is missing in both generations', async () => {
  await using sim = await drive({ options: { without: 'Workflow.Instance.Read' } })
  expect(seen(await sim.call('GET', detail))).toEqual(recent('missing permission point'))
  expect(seen(await sim.call('POST', oldDetail, { process_instance_id: 'x' }))).toEqual(old('missing permission point'))
  await sim.control('POST', '/_sim/acts/set-permissions', { missing: [] })
  expect((await sim.call('GET', detail)).body).toMatchObject({ code: 'processInstanceNotExist' })
})

test('the call after the quota is refused; contacts are free and a new month begins anew', async () => {
  const skew = { ms: 0 }
  await using sim = await drive({ options: { quota: '2', 'token-life': '9000000' }, now: () => Date.now() + skew.ms })
  for (const _ of [1, 2])
    expect((await sim.call('GET', detail)).body).toMatchObject({ code: 'processInstanceNotExist' })
  expect(seen(await sim.call('GET', detail))).toEqual(recent('monthly quota exceeded'))
  expect(seen(await sim.call('POST', oldDetail, { process_instance_id: 'x' }))).toEqual(old('monthly quota exceeded'))
  expect((await sim.call('POST', '/topapi/v2/department/listsub', {})).body).toMatchObject({ errcode: 0 })
  expect((await sim.control('GET', '/_sim')).body).toMatchObject({ calls: { calls: 2 } })
  skew.ms = 32 * 86_400_000
  expect((await sim.call('GET', detail)).body).toMatchObject({ code: 'processInstanceNotExist' })
})

test('more calls a second than allowed are refused, counted for each API', async () => {
  const now = Date.now()
  await using sim = await drive({ options: { qps: '2' }, now: () => now })
  for (const _ of [1, 2]) await sim.call('GET', detail)
  expect(seen(await sim.call('GET', detail))).toEqual(recent('per-app QPS exceeded'))
  for (const _ of [1, 2]) await sim.call('POST', oldDetail, { process_instance_id: 'x' })
  expect(seen(await sim.call('POST', oldDetail, { process_instance_id: 'x' }))).toEqual(
    old('per-app QPS exceeded (20/s per API)'),
  )
})

describe('faults in the vendor’s words', () => {
  const list = '/v1.0/workflow/processes/instanceIds/query'
  const asked = {
    processCode: 'PROC-0F8B2A77-5D3C-4E19-9B60-1A2C3D4E5F60',
    startTime: Date.now() - 86_400_000,
    nextToken: 0,
    maxResults: 20,
  }

  test('throttle, token-expired and refuse do nothing', async () => {
    await using sim = await drive()
    const { id } = await sim.act('approved-payment')
    const comment = { processInstanceId: id, text: 'x', commentUserId: 'manager6812' }
    const path = '/v1.0/workflow/processInstances/comments'
    await sim.call('GET', detail)
    const put = (fault: string) => sim.control('POST', '/_sim/faults', { on: 'approval.comment', fault, times: 1 })
    await put('throttle')
    expect(seen(await sim.call('POST', path, comment))).toEqual(recent('per-app QPS exceeded'))
    await put('token-expired')
    expect(seen(await sim.call('POST', path, comment))).toEqual(recent('bad or expired token'))
    await put('refuse')
    expect(await sim.call('POST', path, comment)).toMatchObject({ status: 400, body: { code: 'invalidParameter' } })
    expect(sim.running.book.list('comment')).toEqual([])
  })

  test('an empty query finds nothing, once', async () => {
    await using sim = await drive()
    const { id } = await sim.act('approved-payment')
    await sim.control('POST', '/_sim/faults', { on: 'instance.list', fault: 'empty-query', times: 1 })
    expect((await sim.call('POST', list, asked)).body).toEqual({ result: { list: [] }, success: true })
    expect((await sim.call('POST', list, asked)).body).toEqual({ result: { list: [id] }, success: true })
  })
})

test('secrets and tokens are masked in the request log', async () => {
  await using sim = await drive()
  await sim.call('POST', '/topapi/v2/department/listsub', {})
  const { body } = await sim.control('GET', '/_sim/requests')
  const text = JSON.stringify(body)
  expect(text).toContain('"operation":"department.list"')
  expect(text).not.toContain(application.clientSecret)
  expect(text).not.toMatch(/access_token=[0-9a-f]{32}/)
})
