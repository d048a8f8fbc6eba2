import { afterEach, beforeEach, expect, test } from 'vitest'
import { appSignature, gatewaySignature, loginSignature, splitAppId } from './signature.ts'
import { tenant, users } from './tenant.ts'
import { openRig, pathOf } from './testing.ts'
import type { Answer, Rig } from './testing.ts'

const MINUTE = 60_000
let rig: Rig
let now: number
beforeEach(async () => {
  now = Date.parse('2026-11-22T03:00:00Z')
  rig = await openRig({}, () => now)
})
afterEach(() => rig.close())

const probe = { data: { FormId: 'BD_Currency', FieldKeys: 'FCODE', FilterString: "FNUMBER='PRE001'" } }
const ask = (headers: Record<string, string> = {}) => rig.post('ExecuteBillQuery', probe, headers)
const lost = (answer: Answer) => answer.status === 200 && answer.text.includes('"MsgCode":1}')
const sessionOf = (answer: Answer) =>
  /kdservice-sessionid=([^;]+)/.exec(answer.headers.getSetCookie().join())?.[1] ?? ''

/** The signature headers a client sends, right unless `wrong` says otherwise. */
function signed(
  wrong: Partial<Record<'acctId' | 'userName' | 'appId' | 'appSecret' | 'lcid' | 'orgNum', string>> = {},
) {
  const grant = { ...tenant, userName: 'hub_bot', ...wrong }
  const appData = [grant.acctId, grant.userName, grant.lcid, grant.orgNum].join(',')
  return {
    'X-Api-ClientID': splitAppId(grant.appId).clientId,
    'x-api-timestamp': '1763800000123',
    'x-api-nonce': '7',
    'X-Api-Signature': gatewaySignature(grant.appId, pathOf('ExecuteBillQuery'), '7', '1763800000123'),
    'X-Kd-Appkey': grant.appId,
    'X-Kd-Appdata': Buffer.from(appData).toString('base64'),
    'X-Kd-Signature': appSignature(grant, appData),
  }
}

async function loggedIn(): Promise<string> {
  const body = { parameters: [tenant.acctId, 'hub_bot', tenant.appId, tenant.appSecret, 2052] }
  return sessionOf(await rig.post('LoginByAppSecret', body))
}

test('without session and signature a call is refused', async () => {
  expect(lost(await ask())).toBe(true)
})

test('a right signature opens a session, and that session needs no signature any more', async () => {
  const first = await ask(signed())
  expect(first.body).toEqual([['CNY']])
  const again = await ask({ cookie: `kdservice-sessionid=${sessionOf(first)}` })
  expect(again.body).toEqual([['CNY']])
  expect(again.headers.getSetCookie()).toEqual([])
})

test.each(['userName', 'appId', 'appSecret', 'lcid'] as const)('a wrong %s is a lost session', async (what) => {
  expect(lost(await ask(signed({ [what]: 'x' })))).toBe(true)
})

test('a wrong acctId is no HTTP 200, a wrong orgNum is ignored', async () => {
  expect((await ask(signed({ acctId: 'x' }))).status).toBe(500)
  expect((await ask(signed({ orgNum: '999' }))).body).toEqual([['CNY']])
})

test('a valid session hides a wrong signature', async () => {
  const cookie = `kdservice-sessionid=${await loggedIn()}`
  expect((await ask({ ...signed({ appSecret: 'x' }), cookie })).body).toEqual([['CNY']])
})

test('the session may come as cookie, as SID or as a header of its own', async () => {
  const id = await loggedIn()
  const ways: Record<string, string>[] = [
    { cookie: `Theme=standard; kdservice-sessionid=${id}` },
    { SID: id },
    { 'kdservice-sessionid': id },
  ]
  for (const headers of ways) expect((await ask(headers)).body).toEqual([['CNY']])
})

test('a session lives 20 minutes beyond its last call', async () => {
  const headers = { SID: await loggedIn() }
  for (const minutes of [19, 19, 19]) {
    now += minutes * MINUTE
    expect((await ask(headers)).body).toEqual([['CNY']])
  }
  now += 20 * MINUTE + 1
  expect(lost(await ask(headers))).toBe(true)
})

test('a restart loses the sessions', async () => {
  const headers = { SID: await loggedIn() }
  await rig.restart()
  expect(lost(await ask(headers))).toBe(true)
})

test('a log-out ends the session', async () => {
  const headers = { SID: await loggedIn() }
  await rig.post('LogOut', {}, headers)
  expect(lost(await ask(headers))).toBe(true)
})

test('an expired token is told by the fault, and the session is gone afterwards', async () => {
  const headers = { SID: await loggedIn() }
  await rig.fault('query', 'token-expired')
  expect(lost(await ask(headers))).toBe(true)
  expect(lost(await ask(headers))).toBe(true)
})

const signedLogin = (sign: string) => ({
  parameters: [tenant.acctId, 'hub_bot', tenant.appId, 1763800000, sign, 2052],
})

test('a fault that has not fired yet leaves the session alone', async () => {
  const headers = { SID: await loggedIn() }
  await rig.fault('query', 'token-expired', { after: 2 })
  expect((await ask(headers)).body).toEqual([['CNY']])
  expect((await ask(headers)).body).toEqual([['CNY']])
  expect(lost(await ask(headers))).toBe(true)
})

test('LoginBySign takes the signature of the facts', async () => {
  const sign = loginSignature(tenant, tenant.acctId, 'hub_bot', '1763800000')
  expect((await rig.post('LoginBySign', signedLogin(sign))).body).toMatchObject({ LoginResultType: 1 })
  expect((await rig.post('LoginBySign', signedLogin(`0${sign.slice(1)}x`))).body).toMatchObject({
    LoginResultType: 0,
    Context: null,
  })
})

test('login keys may have another case and lcid another type', async () => {
  const body = { acctID: tenant.acctId, userName: 'hub_bot', Password: users[0]?.password, lcid: '2052' }
  expect((await rig.post('ValidateUser', body)).body).toMatchObject({ LoginResultType: 1 })
})

test('an unknown account set is refused at login', async () => {
  const body = { acctid: 'x', username: 'hub_bot', password: users[0]?.password, lcid: 2052 }
  expect((await rig.post('ValidateUser', body)).status).toBe(500)
})

test('the list of data centres needs no login', async () => {
  expect((await rig.post('GetDataCenterList', {})).body).toMatchObject([{ Id: tenant.acctId, Number: 'CX01' }])
})
