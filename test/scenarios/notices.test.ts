import { createServer } from 'node:http'
import { Decimal } from '@shuniu/contracts'
import { expect, test, vi, type TestContext } from 'vitest'
import { act, append, fault } from './append.ts'
import { payment } from './events.ts'
import { post, sealed } from './push.ts'
import { rigFor, type Rig } from './rig.ts'
import { effects, patience, receipts, runs } from './seen.ts'

vi.setConfig({ testTimeout: 60_000 })

interface Posted {
  readonly id: unknown
  readonly body: Readonly<Record<'run' | 'receipt' | 'number' | 'reason' | 'text', string | undefined>>
}

/** An address of the company's chat that takes what it is sent; `statuses` are its first answers. */
async function webhook(
  { onTestFinished }: TestContext,
  ...statuses: number[]
): Promise<{ url: string; posted: Posted[] }> {
  const posted: Posted[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    posted.push({ id: request.headers['webhook-id'], body: JSON.parse(Buffer.concat(chunks).toString()) })
    response.writeHead(statuses.shift() ?? 204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}/notices`, posted }
}

const telling = (context: TestContext, notices: string): Promise<Rig> =>
  rigFor(context, {
    edit: (project) => project.write('hub.yaml', `${project.read('hub.yaml')}notices: { ${notices} }\n`),
  })

const unbalanced = (number: number) => payment(number, { amount: new Decimal('1') })

/** Longer than one round of whoever tells. */
const nextRound = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 6_000))

test.concurrent('what parks is told once by the webhook, a run as well as a receipt', async (context) => {
  const { url, posted } = await webhook(context)
  const rig = await telling(context, `webhook: "${url}"`)
  await append(rig, unbalanced(1), payment(2))
  await post(rig.hub, sealed('no event at all'))
  await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked check-failed', 'flow done'])
  await context.expect.poll(() => receipts(rig), patience).toEqual(['parked poison'])
  await context.expect.poll(() => posted.length, patience).toBe(2)
  await nextRound()
  const id = expect.stringMatching(/^[0-9a-f]{32}$/)
  const text = expect.stringContaining('明细合计与付款金额不一致')
  expect(posted).toMatchObject([
    { id, body: { run: '1', number: '20261122000000001', reason: 'check-failed', text } },
    { id, body: { receipt: '1', reason: 'poison' } },
  ])
})

test.concurrent('a webhook that fails is tried again, with the id it had', async (context) => {
  const { url, posted } = await webhook(context, 500)
  const rig = await telling(context, `webhook: "${url}"`)
  await append(rig, unbalanced(1))
  await context.expect.poll(() => posted.length, patience).toBe(2)
  expect(posted[1]).toEqual(posted[0])
})

test.concurrent('what parks is told once by a comment on the approval itself', async (context) => {
  const rig = await telling(context, 'comment: dingtalk-main')
  const { id } = await act<{ id: string }>(rig.dingtalk.url, 'approved-payment', { department: '新业务部' })
  await context.expect.poll(() => runs(rig), patience).toEqual(['flow parked unmapped'])
  const comments = () => rig.dingtalk.book.list('comment')
  await context.expect.poll(() => comments().length, patience).toBe(1)
  await nextRound()
  expect(comments()).toMatchObject([{ reference: id, body: { text: expect.stringContaining('unmapped') } }])
})

test.concurrent('a comment of which nobody knows whether it arrived is not repeated', async (context) => {
  const rig = await telling(context, 'comment: dingtalk-main')
  await fault(rig.dingtalk.url, { on: 'approval.comment', fault: 'reset-after' })
  await act(rig.dingtalk.url, 'approved-payment', { department: '新业务部' })
  const comments = () => rig.dingtalk.book.list('comment')
  await context.expect.poll(() => comments().length, patience).toBe(1)
  await nextRound()
  expect(comments()).toHaveLength(1)
})

test.concurrent('what is in doubt longer than its time is told once', async (context) => {
  const { url, posted } = await webhook(context)
  const rig = await telling(context, `webhook: "${url}"`)
  await append(rig, payment(2))
  await context.expect.poll(() => effects(rig), patience).toEqual(['confirmed'])
  await fault(rig.kingdee.url, { on: 'voucher.save', fault: 'reset-before' })
  await fault(rig.kingdee.url, { on: 'voucher.find', fault: 'html-502', times: 99 })
  await append(rig, payment(1))
  await context.expect.poll(() => posted.map(({ body }) => body.reason), patience).toEqual(['in-doubt'])
  await nextRound()
  expect([posted.length, (await effects(rig)).toSorted()]).toEqual([1, ['confirmed', 'in doubt']])
})
