import { expect, test } from 'vitest'
import { callApi, callOldApi, type Session } from './session.ts'
import { openVendor, token } from './test-ground.ts'

const dead = { status: 400, body: { code: 'InvalidAuthentication', message: '不合法的access_token' } }
const oldDead = { body: { errcode: 88, sub_code: '40014', sub_msg: '不合法的access_token' } }
const fine = { body: { success: true, result: {} } }
const read = (session: Session) => callApi(session, { operation: 'instance.get', method: 'GET', path: '/thing' })

test('the new API gets the token in a header, the old one in the query', async () => {
  await using vendor = await openVendor()
  vendor.says('/thing', ({ method }) => (method === 'GET' ? fine : { body: { errcode: 0 } }))
  const session = vendor.session()
  await read(session)
  await callOldApi(session, { operation: 'user.get', method: 'POST', path: '/thing', body: { userid: '1' } })
  const [, recent, old] = vendor.asked
  expect(recent?.headers['x-acs-dingtalk-access-token']).toBe(token)
  expect(recent?.query.size).toBe(0)
  expect(old?.query.get('access_token')).toBe(token)
  expect(old?.headers['x-acs-dingtalk-access-token']).toBeUndefined()
  expect(old?.body).toBe('{"userid":"1"}')
})

test('one token serves all calls, and parallel first calls fetch it once', async () => {
  await using vendor = await openVendor()
  vendor.says('/thing', fine)
  const session = vendor.session()
  await Promise.all([read(session), read(session), read(session)])
  expect(vendor.asked.filter(({ path }) => path.includes('accessToken'))).toHaveLength(1)
})

test.each([
  ['new', dead],
  ['old', oldDead],
] as const)('%s: a dead token is fetched anew once, and the read repeated once', async (generation, said) => {
  await using vendor = await openVendor()
  let calls = 0
  vendor.says('/thing', () => (++calls === 1 ? said : { body: { errcode: 0, success: true } }))
  const session = vendor.session()
  const call = { operation: 'x', method: 'GET', path: '/thing' } as const
  await (generation === 'new' ? callApi(session, call) : callOldApi(session, call))
  expect(vendor.asked.map(({ path }) => path)).toEqual([
    '/v1.0/oauth2/accessToken',
    '/thing',
    '/v1.0/oauth2/accessToken',
    '/thing',
  ])
})

test('a token that stays dead ends as a failure, not as a loop', async () => {
  await using vendor = await openVendor()
  vendor.says('/thing', dead)
  await expect(read(vendor.session())).rejects.toMatchObject({ code: 'dingtalk.token-dead', failureClass: 'auth' })
  expect(vendor.asked.filter(({ path }) => path === '/thing')).toHaveLength(2)
})

test('a call that changes something is sent once, even for a dead token; the next one has a new token', async () => {
  await using vendor = await openVendor()
  vendor.says('/thing', dead)
  const session = vendor.session()
  await session.tokens.get()
  const permit = await session.ground.outbound.place('approval.comment')
  const context = { sendBy: { uptime: Number.MAX_SAFE_INTEGER, wall: Number.MAX_SAFE_INTEGER }, permit, timeout: 1000 }
  const call = { operation: 'approval.comment', method: 'POST', path: '/thing', body: {}, context } as const
  await expect(callApi(session, call)).rejects.toMatchObject({ failureClass: 'auth' })
  expect(vendor.asked.filter(({ path }) => path === '/thing')).toHaveLength(1)
  await session.tokens.get()
  expect(vendor.asked.filter(({ path }) => path.includes('accessToken'))).toHaveLength(2)
})

test.each([{}, { accessToken: 't' }, { accessToken: '', expireIn: 7200 }, { accessToken: 't', expireIn: 'soon' }])(
  'a token answer %j is no token',
  async (body) => {
    await using vendor = await openVendor()
    vendor.says('/v1.0/oauth2/accessToken', { body })
    await expect(read(vendor.session())).rejects.toMatchObject({ code: 'dingtalk.nonsense' })
  },
)

test('a wrong secret is named as such and not shown', async () => {
  await using vendor = await openVendor()
  const message = '无效的clientId或者clientSecret: a-secret'
  vendor.says('/v1.0/oauth2/accessToken', { status: 400, body: { code: 'invalidClientIdOrSecret', message } })
  const failure: unknown = await read(vendor.session()).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'dingtalk.credentials' })
  expect(String(failure)).not.toContain('a-secret')
})
