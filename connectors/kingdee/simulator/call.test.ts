import { afterAll, beforeAll, expect, test } from 'vitest'
import { users, tenant } from './tenant.ts'
import { model, openRig } from './testing.ts'
import type { Rig } from './testing.ts'

let rig: Rig
let SID: string
beforeAll(async () => {
  rig = await openRig()
  const body = { acctid: tenant.acctId, username: 'hub_bot', password: users[0]?.password, lcid: 2052 }
  SID = JSON.parse((await rig.post('ValidateUser', body)).text).KDSVCSessionId
})
afterAll(() => rig.close())

const data = { FormId: 'BD_Currency', FieldKeys: 'FCODE', FilterString: "FNumber='PRE007'" }
const saved = { Model: model() }
const legacy = { format: 1, useragent: 'ApiClient', rid: '3f1f', timestamp: '2026-11-22 11:00:00', v: '1.0' }

test.each([
  { form: 'named', body: { data } },
  { form: 'named, data as text', body: { data: JSON.stringify(data) } },
  { form: 'positional', body: { parameters: [JSON.stringify(data)] } },
  { form: 'legacy', body: { ...legacy, parameters: [JSON.stringify(data)] } },
])('a query in the $form form is understood', async ({ body }) => {
  expect((await rig.post('ExecuteBillQuery', body, { SID })).body).toEqual([['USD']])
})

test.each([
  { form: 'named', body: { formid: 'GL_VOUCHER', data: saved } },
  { form: 'named, data as text', body: { FormId: 'GL_VOUCHER', data: JSON.stringify(saved) } },
  { form: 'positional', body: { parameters: ['GL_VOUCHER', JSON.stringify(saved)] } },
  { form: 'legacy', body: { ...legacy, parameters: ['GL_VOUCHER', JSON.stringify(saved)] } },
])('a Save in the $form form is understood', async ({ body }) => {
  expect((await rig.post('Save', body, { SID })).body).toMatchObject({
    Result: { ResponseStatus: { IsSuccess: true } },
  })
})

test('any content type and any case of the method will do', async () => {
  const headers = { SID, 'Content-Type': 'applicatin/json' }
  expect((await rig.post('executebillquery', { data }, headers)).body).toEqual([['USD']])
})

test('a bare list and a broken body are HTTP 500', async () => {
  expect(await rig.post('Save', ['GL_VOUCHER', saved], { SID })).toMatchObject({
    status: 500,
    text: expect.stringContaining('Additional text found in JSON string'),
  })
  expect((await rig.post('Save', '{"formid":', { SID })).status).toBe(500)
})

test('there is no GET form and no other service', async () => {
  const path = '/k3cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.Save.common.kdsvc'
  expect((await fetch(rig.running.url + path)).status).toBe(404)
  expect((await rig.post('Explode', {}, { SID })).status).toBe(404)
  const wrongService = path.replace('DynamicFormService.Save', 'AuthService.Save')
  expect((await fetch(rig.running.url + wrongService, { method: 'POST', body: '{}' })).status).toBe(404)
})
