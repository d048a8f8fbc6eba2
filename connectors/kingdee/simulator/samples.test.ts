import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gatewaySignature, appSignature, splitAppId } from './signature.ts'
import { tenant, users } from './tenant.ts'
import { openRig, outcome } from './testing.ts'
import type { Rig } from './testing.ts'

interface Exchange {
  request: { url: string; headers: Record<string, string>; body: unknown }
  response: { status: number; headers?: Record<string, string | string[]>; body: unknown }
}

const exchangesOf = (name: string): Exchange[] =>
  JSON.parse(readFileSync(new URL(`../facts/samples/${name}.json`, import.meta.url), 'utf8')).exchanges

let rig: Rig
let session: string
beforeEach(async () => {
  rig = await openRig({ 'open-from': '2025-10' })
  session = await logIn(users[0])
})
afterEach(() => rig.close())

async function logIn(user: (typeof users)[number] | undefined): Promise<string> {
  const body = { acctid: tenant.acctId, username: user?.name, password: user?.password, lcid: 2052 }
  const { text } = await rig.post('ValidateUser', body)
  return JSON.parse(text).KDSVCSessionId
}

/** Sends the request of a sample as it is; only the session and what `swap` names are those of this simulator. */
async function replay({ request }: Exchange, swap: Record<string, string> = {}, headers: Record<string, string> = {}) {
  const swapped = (text: string) => Object.entries(swap).reduce((done, [from, to]) => done.replaceAll(from, to), text)
  const cookie = request.headers['Cookie']?.replace('5d0c6e1e-7b1e-4d5e-9a59-2f1a7c0b8e11', session)
  const method = /\.(\w+)\.common\.kdsvc$/.exec(request.url)?.[1] ?? ''
  const sent = { ...request.headers, ...(cookie === undefined ? {} : { Cookie: cookie }), ...headers }
  const answer = await rig.post(method, swapped(JSON.stringify(request.body)), sent)
  return { ...answer, body: JSON.parse(JSON.stringify(answer.body ?? null)) }
}

/** The voucher of sample 06, saved; samples that act on `100312` get its id. */
async function saved(): Promise<Record<string, string>> {
  const [save] = exchangesOf('06-voucher-save-ok')
  if (!save) throw new Error('sample 06 has no exchange')
  return { '100312': String(outcome((await replay(save)).body)) }
}

const telling = new Set(['IsSuccess', 'MsgCode', 'Message', 'FieldName', 'DIndex', 'ErrorCode', 'LoginResultType'])

/** The shape of an answer: keys and types, and the values of what clients decide by. */
function shapeOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => shapeOf(one))
  if (typeof value !== 'object' || value === null) return telling.has(key) || value === null ? value : typeof value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one, name)]))
}

const headerNames = (headers: Record<string, unknown> | undefined) =>
  Object.keys(headers ?? {}).map((name) => name.toLowerCase())

async function sameShape(exchange: Exchange | undefined, swap = {}, headers = {}) {
  if (!exchange) throw new Error('the sample has no such exchange')
  const answer = await replay(exchange, swap, headers)
  expect(answer.status).toBe(exchange.response.status)
  expect(shapeOf(answer.body)).toEqual(shapeOf(exchange.response.body))
  for (const name of headerNames(exchange.response.headers)) expect(answer.headers.has(name)).toBe(true)
}

/** What a client sends that has the application grant and no session. */
function signed(method: string): Record<string, string> {
  const path = `/k3cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.${method}.common.kdsvc`
  const appData = `${tenant.acctId},hub_bot,2052,100`
  return {
    'X-Api-ClientID': splitAppId(tenant.appId).clientId,
    'x-api-timestamp': '1763800000',
    'x-api-nonce': '42',
    'X-Api-Signature': gatewaySignature(tenant.appId, path, '42', '1763800000'),
    'X-Kd-Appkey': tenant.appId,
    'X-Kd-Appdata': Buffer.from(appData).toString('base64'),
    'X-Kd-Signature': appSignature(tenant, appData),
  }
}

describe('logins', () => {
  test('01 a password opens a session', () =>
    sameShape(exchangesOf('01-login-password-ok')[0], { '<secret>': users[0]?.password }))

  test('02 a wrong password does not', () => sameShape(exchangesOf('02-login-password-wrong')[0]))

  test('03 an application secret opens a session', () =>
    sameShape(exchangesOf('03-login-appsecret-ok')[0], { '<secret>': tenant.appSecret }))

  test('04 the probe answers, and opens a session by its signature', () =>
    // The sample leaves the signature headers out.
    sameShape(exchangesOf('04-probe-currency')[0], {}, signed('ExecuteBillQuery')))
})

describe('saving', () => {
  test('05 with the signature of the Java SDK and no session', () =>
    sameShape(exchangesOf('05-voucher-save-ok-signed')[0]))

  test.each(['06-voucher-save-ok', '22-voucher-reversal-ok', '24-voucher-batchsave-partial'])('%s', (name) =>
    sameShape(exchangesOf(name)[0]),
  )

  test.each([
    '07-voucher-save-unbalanced',
    '08-voucher-save-period-closed',
    '10-voucher-save-account-not-leaf',
    '11-voucher-save-dimension-as-array',
  ])('%s is refused in the same words', (name) => sameShape(exchangesOf(name)[0]))

  test('09 a missing dimension is refused in the same words', async () => {
    // Difference: here 1002.02 is the account that needs a bank account, 1002.01 needs none.
    const [exchange] = exchangesOf('09-voucher-save-dimension-missing')
    if (!exchange) throw new Error('sample 09 has no exchange')
    const { body } = await replay(exchange, { '1002.01': '1002.02' })
    expect(JSON.parse(JSON.stringify(body).replace('1002.02', '1002.01'))).toEqual(exchange.response.body)
  })

  test('17 a user without rights is refused in the same words', async () => {
    session = await logIn(users[1])
    await sameShape(exchangesOf('17-no-permission')[0])
  })

  test('20 the call limit', async () => {
    await rig.fault('voucher.save', 'throttle')
    await sameShape(exchangesOf('20-call-limit')[0])
  })
})

describe('the life of a voucher', () => {
  test('12 submit and audit', async () => {
    const swap = await saved()
    for (const exchange of exchangesOf('12-voucher-submit-audit-ok')) await sameShape(exchange, swap)
  })

  test('13 audit of what was only saved', async () =>
    sameShape(exchangesOf('13-voucher-audit-wrong-state')[0], await saved()))

  test('19 somebody has it open', async () => {
    const swap = await saved()
    await rig.act('hold-voucher', { id: swap['100312'] })
    // Difference: the running number in the text is that of this book.
    const [exchange] = exchangesOf('19-edit-lock-conflict')
    if (!exchange) throw new Error('sample 19 has no exchange')
    const { text } = await replay(exchange, swap)
    expect(JSON.parse(text.replace('记-1', '记-27'))).toEqual(exchange.response.body)
  })

  test('21 a view has property names', async () => {
    const swap = await saved()
    for (const exchange of exchangesOf('12-voucher-submit-audit-ok')) await replay(exchange, swap)
    const [exchange] = exchangesOf('21-voucher-view-ok')
    if (!exchange) throw new Error('sample 21 has no exchange')
    // The sample leaves out the rest of the object.
    expect(shapeOf((await replay(exchange, swap)).body)).toMatchObject(Object(shapeOf(exchange.response.body)))
  })

  test('23 unaudit and delete', async () => {
    const swap = await saved()
    for (const exchange of exchangesOf('12-voucher-submit-audit-ok')) await replay(exchange, swap)
    for (const exchange of exchangesOf('23-voucher-unaudit-delete-ok')) await sameShape(exchange, swap)
  })
})

describe('queries', () => {
  test('14 a look-up by reference finds one row for each entry, and nothing for another reference', async () => {
    await saved()
    for (const exchange of exchangesOf('14-voucher-lookup-by-reference')) await sameShape(exchange)
  })

  test.each(['15-query-error-nested', '18-unknown-form'])('%s in the same words', (name) =>
    sameShape(exchangesOf(name)[0]),
  )

  test('28 the required dimensions of accounts', () =>
    // Differences: 6602.03 needs no project here; 2202 is the leaf itself.
    sameShapeOfRow('28-account-dimensions-query'))
})

async function sameShapeOfRow(name: string) {
  const [exchange] = exchangesOf(name)
  if (!exchange || !Array.isArray(exchange.response.body)) throw new Error('the sample has no rows')
  const { body } = await replay(exchange, { '1002.01': '1002.02', '2202.01': '2202' })
  expect(body).toEqual([
    ['1002.02', '招商银行', true, 'FF100005'],
    ['2202', '应付账款', true, 'FFLEX4'],
    ['6602.03', '办公费', true, 'FFLEX5'],
  ])
  expect(shapeOf(body[0])).toEqual(shapeOf(exchange.response.body[0]))
}

describe('failures', () => {
  test('16 a lost session, once as envelope and once as a table', async () => {
    for (const exchange of exchangesOf('16-session-lost')) await sameShape(exchange)
  })

  test('30 an unknown account set', () => {
    const appData = Buffer.from('0000,hub_bot,2052,100').toString('base64')
    return sameShape(exchangesOf('30-transport-failures')[1], {}, { 'X-Kd-Appdata': appData })
  })

  test('30 a Save without a model is an exception in plain text', async () => {
    const [, , exchange] = exchangesOf('30-transport-failures')
    if (!exchange) throw new Error('sample 30 has no third exchange')
    expect((await replay(exchange)).text).toBe(exchange.response.body)
  })

  test('30 the connection is cut after the server committed', async () => {
    const [, , , , exchange] = exchangesOf('30-transport-failures')
    if (!exchange) throw new Error('sample 30 has no fifth exchange')
    await rig.fault('voucher.save', 'reset-after')
    const cookie = { Cookie: `kdservice-sessionid=${session}` }
    await expect(replay(exchange, {}, cookie)).rejects.toThrow()
    expect(rig.running.book.list('voucher').at(-1)?.reference).toBe('DT-PAY-20251118000731:L1')
  })
})

// Not replayed: 25–27 and 29 (forms beyond vouchers: unknown or read only here), the gateway's 519 of 30 (the simulator is a
// self-hosted server, which does not judge the time), 31 and 32 (other products).
