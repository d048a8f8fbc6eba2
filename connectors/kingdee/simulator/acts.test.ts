import { afterEach, beforeEach, expect, test } from 'vitest'
import { model, openRig, outcome } from './testing.ts'
import type { Rig } from './testing.ts'

let rig: Rig
beforeEach(async () => {
  rig = await openRig({}, () => Date.parse('2026-11-22T03:00:00Z'))
})
afterEach(() => rig.close())

const status = (id: unknown) => rig.running.book.get(String(id))?.status
const submit = async (id: unknown) =>
  outcome(await rig.call('Submit', { formid: 'GL_VOUCHER', data: { Ids: String(id) } }))

test('delete, edit and audit a voucher', async () => {
  const id = await rig.save(model({}, 100))
  await rig.act('edit-voucher', { id: String(id), amount: '120.50', summary: '改过' })
  expect(rig.running.book.get(String(id))).toMatchObject({
    body: { FEntity: [{ FDEBIT: '120.50', FEXPLANATION: '改过' }, { FCREDIT: '120.50' }] },
  })
  await rig.act('audit-voucher', { id })
  expect(status(id)).toBe('C')
  await rig.act('delete-voucher', { id })
  expect(status(id)).toBe('deleted')
  expect((await rig.act('delete-voucher', { id })).status).toBe(409)
})

test('hold a voucher until they close it', async () => {
  const id = await rig.save(model())
  await rig.act('hold-voucher', { id })
  expect(await submit(id)).toMatch(/^13: /)
  await rig.act('release-voucher', { id })
  expect(await submit(id)).toBe(id)
})

test.each([
  ['close-period', { period: '2026-13' }],
  ['close-period', { book: '002', period: '2026-01' }],
  ['lock-account', { account: '9999' }],
  ['edit-voucher', { id: 100_000 }],
  ['edit-voucher', { id: 100_000, amount: -1 }],
])('%s with %j is refused', async (act, input) => {
  expect((await rig.act(act, input)).status).toBe(400)
})
