import type { SimAnswer } from '@shuniu/sdk/simulator'
import { z } from 'zod'
import { answer, newError } from './answers.ts'
import { application } from './organisation.ts'
import type { Publisher } from './publisher.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import type { StreamGateway } from './stream.ts'

const subscription = z.object({ type: z.string(), topic: z.string() })

/** Opening a stream connection (dingtalk.md §3.1). */
export const streamRoute = (stream: StreamGateway): Route =>
  route({
    at: 'POST /v1.0/gateway/connections/open',
    operation: 'stream.open',
    open: true,
    input: z.object({ clientId: z.string(), clientSecret: z.string(), subscriptions: z.array(subscription).min(1) }),
    run({ clientId, clientSecret, subscriptions }, { headers }) {
      if (clientId !== application.clientId || clientSecret !== application.clientSecret) {
        return newError(400, 'invalidClientIdOrSecret', '无效的clientId或者clientSecret')
      }
      if (subscriptions.some(({ type, topic }) => type === 'EVENT' && topic !== '*')) {
        return newError(400, 'invalidParameter', 'EVENT 只支持订阅 *')
      }
      const opened = stream.open()
      return headers.accept?.includes('application/json') ? answer(opened) : inXml(opened)
    },
  })

/** Without `Accept: application/json` the gateway answers XML (dingtalk.md §3.1). */
const inXml = ({ endpoint, ticket }: { endpoint: string; ticket: string }): SimAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/xml;charset=utf-8' },
  body: `<?xml version="1.0" encoding="utf-8"?><response><endpoint>${endpoint}</endpoint><ticket>${ticket}</ticket></response>`,
})

/** Events that were given up (dingtalk.md §2.2). */
export const failedRoute = (publisher: Publisher): Route =>
  route({
    at: 'GET /call_back/get_call_back_failed_result',
    operation: 'push.failed',
    counted: true,
    empty: () => failedList([], false),
    input: z.object({}),
    async run() {
      const { items, more } = await publisher.takeFailed()
      return failedList(items, more)
    },
  })

const failedList = (items: readonly object[], more: boolean): SimAnswer =>
  answer({ errcode: 0, errmsg: 'ok', failed_list: items, has_more: more })
