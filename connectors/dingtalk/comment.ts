import type { ValueRecord } from '@shuniu/contracts'
import { defineOperation } from '@shuniu/sdk'
import { z } from 'zod'
import { unexpected } from './answers.ts'
import { callApi, type Session } from './session.ts'
import { isTrue, textOf } from './tolerant.ts'

/** Characters a comment may have (dingtalk.md §4.1). */
const LONGEST = 1024

const input = z.strictObject({
  instance: z.string().min(1).describe('Instance id of the approval: document.id or document.rootId.'),
  text: z.string().min(1).describe('What to write; beyond 1024 characters it is cut.'),
})
const output = z.strictObject({ instance: z.string().describe('Instance id that was commented.') })

/**
 * Writes a comment on an approval. DingTalk keeps no reference of ours and offers no look-up, so it is grade C:
 * never sent twice; as a notice it is given up when nobody knows whether it arrived.
 */
export const comment = defineOperation<Session, z.infer<typeof input>, z.infer<typeof output>>({
  title: { en: 'Comment on an approval', zh: '在审批单上添加评论' },
  input,
  output,
  effect: 'notice',
  grade: 'C',
  timeout: '10s',
  quarantine: '60s',
  lookUps: { times: 0, apart: '10s' },
  reference: 'none: a comment has no place for it',
  ready: async ({ tokens }) => void (await tokens.get()),
  validate: async ({ settings }) => (settings.commentAs === undefined ? [noCommenter] : []),
  async prepare({ settings }, { instance, text }) {
    if (settings.commentAs === undefined) return { is: 'park', finding: noCommenter }
    return { is: 'body', body: { processInstanceId: instance, text: cut(text), commentUserId: settings.commentAs } }
  },
  async send(session, body, _reference, context) {
    const path = '/v1.0/workflow/processInstances/comments'
    const answer = await callApi(session, { operation: 'approval.comment', method: 'POST', path, body, context })
    if (!isTrue(answer.success) || !isTrue(answer.result)) throw unexpected('neither success nor refusal', true)
    return { instance: part(body, 'processInstanceId') }
  },
  fingerprint: (body) => JSON.stringify([part(body, 'processInstanceId'), part(body, 'text')]),
  describe: (body) => ({ text: part(body, 'text') }),
})

const noCommenter = {
  reason: 'connection',
  path: 'settings.commentAs',
  message: {
    en: 'Comments need a writer: set commentAs in the connection.',
    zh: '评论需要署名用户：请在连接中设置 commentAs。',
  },
} as const

const part = (body: ValueRecord, name: string): string => textOf(body[name]) ?? ''

/** Never in the middle of a character. */
function cut(text: string): string {
  if (text.length <= LONGEST) return text
  return `${text.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
