import { defineConnector } from '@shuniu/sdk'
import { approval } from './approvals.ts'
import { budget } from './budget.ts'
import { callback } from './callback.ts'
import { check } from './check.ts'
import { comment } from './comment.ts'
import { discover } from './discover.ts'
import { failures } from './failures.ts'
import { openSession } from './session.ts'
import { hostsOf, settings } from './settings.ts'
import { stream } from './stream.ts'

/** DingTalk, an internal application of one organisation: approvals as events, comments as notices. */
export default defineConnector({
  name: 'dingtalk',
  title: { en: 'DingTalk', zh: '钉钉' },
  summary: {
    en: 'Approvals of DingTalk as events, by stream or HTTP push, with sweeps; comments on approvals.',
    zh: '把钉钉审批变成事件（Stream 或 HTTP 推送，加定期补查），并可在审批单上评论。',
  },
  settings,
  addresses: (chosen) => [...new Set(Object.values(hostsOf(chosen)))],
  // The vendor allows 20 calls a second of one API; a few are left to other programs of the same application.
  limits: ({ perMonth }) => ({ concurrency: 4, perSecond: 15, perMonth }),
  open: openSession,
  sources: { approval },
  hooks: { callback },
  stream,
  operations: { 'approval.comment': comment },
  failures,
  budget,
  check,
  discover: (session) => discover(session),
})
