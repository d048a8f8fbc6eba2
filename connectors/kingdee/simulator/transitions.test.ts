import { afterEach, beforeEach, expect, test } from 'vitest'
import { envelope, model, openRig, outcome, vouchersOf } from './testing.ts'
import type { Rig } from './testing.ts'

let rig: Rig
beforeEach(async () => {
  rig = await openRig({}, () => Date.parse('2026-11-22T03:00:00Z'))
})
afterEach(() => rig.close())

const move = async (method: string, ids: unknown) =>
  outcome(await rig.call(method, { formid: 'GL_VOUCHER', data: { Ids: String(ids) } }))
const status = (id: unknown) => rig.running.book.get(String(id))?.status

test('goes from saved over submitted to audited and back', async () => {
  const id = await rig.save(model())
  for (const method of ['Submit', 'Audit', 'UnAudit', 'Submit', 'Audit', 'UnAudit', 'Delete']) {
    expect(await move(method, id)).toBe(id)
  }
  const history = rig.running.book.history(String(id)).map((entry) => entry.status)
  expect(history).toEqual(['A', 'B', 'C', 'D', 'B', 'C', 'D', 'deleted'])
})

test.each([
  { before: [], refused: ['Audit', 'UnAudit'] },
  { before: ['Submit'], refused: ['Submit', 'UnAudit', 'Delete'] },
  { before: ['Submit', 'Audit'], refused: ['Submit', 'Audit', 'Delete'] },
])('after $before it refuses $refused', async ({ before, refused }) => {
  const id = await rig.save(model())
  for (const method of before) await move(method, id)
  const state = status(id)
  for (const method of refused) expect(await move(method, id)).toMatch(/^12: /)
  expect(status(id)).toBe(state)
})

test('several at once are done one by one', async () => {
  const first = await rig.save(model())
  const second = await rig.save(model())
  await move('Submit', second)
  const answer = await rig.call('Submit', { formid: 'GL_VOUCHER', data: { Ids: `${first},${second},7` } })
  const { SuccessEntitys, Errors, IsSuccess } = envelope(answer).Result.ResponseStatus
  expect([SuccessEntitys.map(({ Id }) => Id), Errors.map(({ DIndex }) => DIndex), IsSuccess]).toEqual([
    [first],
    [1, 2],
    false,
  ])
})

test('two writes on one record at the same time meet the edit lock', async () => {
  const id = await rig.save(model())
  const results = await Promise.all([move('Submit', id), move('Submit', id)])
  expect(results.filter((one) => one === id)).toHaveLength(1)
  expect(results.find((one) => one !== id)).toMatch(/^1[23]: /)
})

test('a deleted voucher is gone for reads and stays in the book', async () => {
  const id = await rig.save(model({ F_HUB_SourceId: 'SN01' }))
  await move('Delete', id)
  expect(await rig.query('GL_VOUCHER', 'FVOUCHERID', { FilterString: "F_HUB_SourceId='SN01'" })).toEqual([])
  expect(outcome(await rig.call('View', { formid: 'GL_VOUCHER', data: { Id: id } }))).toMatch(/^10: /)
  expect(status(id)).toBe('deleted')
  expect(await rig.save(model())).toBe(Number(id) + 1)
  expect(vouchersOf(rig).at(-1)?.number).toBe('记-3')
})
