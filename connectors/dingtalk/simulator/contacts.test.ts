import { expect, test } from 'vitest'
import departments from '../facts/api-department-listsub.json' with { type: 'json' }
import errors from '../facts/errors.json' with { type: 'json' }
import user from '../facts/api-user-get.json' with { type: 'json' }
import list from '../facts/api-user-list.json' with { type: 'json' }
import { drive } from './driver.ts'

const ask = { departments: '/topapi/v2/department/listsub', users: '/topapi/v2/user/list', user: '/topapi/v2/user/get' }

const error = (name: string) => ({
  ...errors.oldApi.find((one) => one.case === name)?.body,
  request_id: expect.any(String),
})

test('the departments of the sample are there, and 新业务部', async () => {
  await using sim = await drive()
  const { body } = await sim.call('POST', ask.departments, departments.request.body)
  expect(body).toMatchObject({ errcode: 0, errmsg: 'ok', request_id: expect.any(String) })
  const { result } = body as { result: { name: string }[] }
  expect(result.slice(0, 3)).toEqual(departments.response.body.result)
  expect(result.map(({ name }) => name)).toEqual(expect.arrayContaining(['销售部', '研发部', '行政部', '新业务部']))
})

test('a user and a page of users read like the samples', async () => {
  await using sim = await drive()
  const changing = { request_id: expect.any(String) }
  expect((await sim.call('POST', ask.user, user.request.body)).body).toEqual({ ...user.response.body, ...changing })
  expect((await sim.call('POST', ask.users, list.request.body)).body).toEqual({ ...list.response.body, ...changing })
  const rest = await sim.call('POST', ask.users, { ...list.request.body, cursor: 2 })
  expect(rest.body).toMatchObject({ result: { has_more: false, list: [{ name: '郑悦' }] } })
})

test('a user is found by mobile and by unionid', async () => {
  await using sim = await drive()
  const { mobile, unionid, userid } = user.response.body.result
  const found = { errcode: 0, result: { userid } }
  expect((await sim.call('POST', '/topapi/v2/user/getbymobile', { mobile })).body).toMatchObject(found)
  expect((await sim.call('POST', '/topapi/user/getbyunionid', { unionid })).body).toMatchObject(found)
  expect((await sim.call('POST', '/topapi/v2/user/getbymobile', { mobile: '1' })).body).toMatchObject({
    errcode: 60121,
  })
})

test('form bodies are understood, and nobody is answered as nobody', async () => {
  await using sim = await drive()
  expect((await sim.call('POST', ask.user, { userid: 'x' })).body).toEqual(error('user not found'))
  expect((await sim.call('POST', ask.departments, { dept_id: 9 })).body).toEqual(error('department not found'))
  const { accessToken } = await token(sim)
  const response = await fetch(`${sim.url}/topapi/v2/department/get?access_token=${accessToken}`, {
    method: 'POST',
    body: new URLSearchParams({ dept_id: '587120341' }),
  })
  expect(await response.json()).toMatchObject({ errcode: 0, result: { name: '市场部', parent_id: 1 } })
})

async function token(sim: Awaited<ReturnType<typeof drive>>): Promise<{ accessToken: string }> {
  const body = { appKey: 'dinga1b2c3d4e5f6g7h8', appSecret: 'MADE-UP-client-secret' }
  return (await sim.plain('POST', '/v1.0/oauth2/accessToken', body)).body as { accessToken: string }
}
