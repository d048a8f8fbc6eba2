import { expect, test } from 'vitest'
import { expense, expenseForm, fact, openVendor } from './test-ground.ts'
import { undelivered } from './undelivered.ts'

const LIST = '/call_back/get_call_back_failed_result'
const callback = { token: 'Hub2024TokenAbc', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' }
const { response } = fact<{ response: { body: { failed_list: Record<string, object>[] } } }>(
  'api-callback-failed-result',
)

/** The sample's approval with other words in its event. */
function changed(words: object) {
  const [, item] = response.body.failed_list
  const tagged = Object(item?.bpms_instance_change)
  return { ...item, bpms_instance_change: { ...tagged, bpmsCallBackData: { ...tagged.bpmsCallBackData, ...words } } }
}

test('of the sample list the finished approval is told, as a sweep would', async () => {
  await using vendor = await openVendor()
  vendor.says(LIST, { body: { ...response.body, has_more: true } })
  const { handed, more } = await undelivered(vendor.session({ callback }))
  expect(handed).toMatchObject([{ key: `sweep:${expense}`, subject: expense, form: expenseForm }])
  expect(more).toBe(true)
  expect(vendor.asked.at(-1)).toMatchObject({ method: 'GET', path: LIST })
})

test.each([
  ['only begun', { type: 'start' }],
  ['withdrawn', { type: 'terminate' }],
  ['without a form', { processCode: undefined }],
])('an approval that is %s is no news', async (_, words) => {
  await using vendor = await openVendor()
  vendor.says(LIST, { body: { errcode: 0, failed_list: [changed(words)], has_more: false } })
  expect(await undelivered(vendor.session({ callback }))).toEqual({ handed: [], more: false })
})

test('without an HTTP push nothing is asked', async () => {
  await using vendor = await openVendor()
  expect(await undelivered(vendor.session())).toEqual({ handed: [], more: false })
  expect(vendor.asked).toEqual([])
})

test('an answer without a list is no empty list', async () => {
  await using vendor = await openVendor()
  vendor.says(LIST, { body: { errcode: 0 } })
  await expect(undelivered(vendor.session({ callback }))).rejects.toMatchObject({ code: 'dingtalk.nonsense' })
})
