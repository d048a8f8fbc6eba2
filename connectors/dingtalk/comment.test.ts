import { expect, test } from 'vitest'
import { comment } from './comment.ts'
import type { Session } from './session.ts'
import { expense, fact, openVendor, type Said } from './test-ground.ts'

interface Sample {
  readonly request: { readonly body: { processInstanceId: string; text: string; commentUserId: string } }
  readonly response: Said
}
const sample = fact<Sample>('api-process-instance-comment')
const { text, commentUserId } = sample.request.body
const COMMENTS = '/v1.0/workflow/processInstances/comments'
const context = { today: '2026-01-05' }

async function bodyOf(session: Session, input: { instance: string; text: string }) {
  const prepared = await comment.prepare(session, input, 'SN1', context)
  if (prepared.is !== 'body') throw new Error(prepared.is)
  return prepared.body
}

async function sendOf(session: Session) {
  await comment.ready(session)
  const body = await bodyOf(session, { instance: expense, text })
  const permit = await session.ground.outbound.place('approval.comment')
  const sendBy = { uptime: Number.MAX_SAFE_INTEGER, wall: Number.MAX_SAFE_INTEGER }
  return comment.send(session, body, 'SN1', { sendBy, permit, timeout: 1000 })
}

test('a comment is sent as in the sample', async () => {
  await using vendor = await openVendor()
  vendor.says(COMMENTS, { body: sample.response.body })
  expect(await sendOf(vendor.session({ commentAs: commentUserId }))).toEqual({ instance: expense })
  expect(JSON.parse(vendor.asked.at(-1)?.body ?? '')).toEqual(sample.request.body)
})

test.each([{ success: true, result: false }, { success: false }, {}, { result: true }])(
  'an answer %j does not say whether the comment was written',
  async (body) => {
    await using vendor = await openVendor()
    vendor.says(COMMENTS, { body })
    await expect(sendOf(vendor.session({ commentAs: 'u' }))).rejects.toMatchObject({ failureClass: 'ambiguous' })
  },
)

test('an approval that is not there is a refusal', async () => {
  await using vendor = await openVendor()
  vendor.says(COMMENTS, { status: 400, body: { code: 'processInstanceNotExist', message: '审批实例不存在' } })
  await expect(sendOf(vendor.session({ commentAs: 'u' }))).rejects.toMatchObject({ failureClass: 'invalid' })
})

test('without a writer nothing is sent', async () => {
  await using vendor = await openVendor()
  const session = vendor.session()
  expect(await comment.validate?.(session, { instance: expense, text })).toMatchObject([{ reason: 'connection' }])
  expect(await comment.prepare(session, { instance: expense, text }, 'SN1', context)).toMatchObject({ is: 'park' })
})

test('a long text is cut at 1024 characters, never inside one', async () => {
  await using vendor = await openVendor()
  const session = vendor.session({ commentAs: 'u' })
  const long = await bodyOf(session, { instance: expense, text: `${'x'.repeat(1022)}😀😀` })
  expect(long.text).toBe(`${'x'.repeat(1022)}…`)
  const exact = await bodyOf(session, { instance: expense, text: 'y'.repeat(1024) })
  expect(exact.text).toBe('y'.repeat(1024))
})

test('the fingerprint is the approval and the text', async () => {
  await using vendor = await openVendor()
  const session = vendor.session({ commentAs: 'u' })
  const prints = await Promise.all(
    [
      { instance: 'a', text: 'x' },
      { instance: 'a', text: 'x' },
      { instance: 'a', text: 'y' },
      { instance: 'b', text: 'x' },
    ].map(async (input) => comment.fingerprint(await bodyOf(session, input))),
  )
  expect(new Set(prints).size).toBe(3)
  expect(prints[0]).toBe(prints[1])
})
