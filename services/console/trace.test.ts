import { Decimal } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { approvalId, first, tellStory } from './test-hub/story.ts'
import { at, openTestHub, payment, reference, type TestHub } from './test-hub/index.ts'

interface Line {
  at: string
  what: string
  text: string
}

let hub: TestHub
let ids: Awaited<ReturnType<typeof tellStory>>
beforeAll(async () => {
  hub = await openTestHub()
  ids = await tellStory(hub)
})
afterAll(() => hub.close())

const ask = (number: string, query = '') => hub.get(`/api/v1/trace/${encodeURIComponent(number)}${query}`)
const storyOf = async (number: string, query = ''): Promise<Line[]> => (await ask(number, query)).json.story

describe('the story of a payment', () => {
  test('goes from the approval to the comment and the reversal, in the order in which it happened', async () => {
    const story = await storyOf(`No-${approvalId}`)
    expect(story.map(({ what }) => what)).toEqual([
      'event',
      'received',
      'read',
      'run',
      'look-up',
      'look-up',
      'look-up',
      'call',
      'line',
      'line',
      'failed',
      'looked up',
      'answer',
      'emitted',
      'notice',
      'answer',
      'done',
      'event',
      'decision',
      'received',
      'read',
      'undo',
      'call',
      'line',
      'line',
      'answer',
      'done',
    ])
    const times = story.map((line) => line.at)
    expect(times).toEqual(times.toSorted())
  })

  test('says in Chinese what a finance person wants to know', async () => {
    const text = (await storyOf(`No-${approvalId}`)).map((line) => line.text)
    expect(text).toContain('付款申请已全部审批通过，No-approval-1，CNY 150.50，明细 2 行')
    expect(text).toContain('收到 dingtalk-main 的单据（推送送达），已落盘后才应答。')
    expect(text).toContain(`已发送：保存凭证 → kingdee-main，2026-11-20，CNY 150.50，${first}`)
    expect(text).toContain('贷 1002.01 150.50 付款 李*')
    expect(text).toContain('记账日期 2026-11-20（2026-11 open）。')
    expect(text).toContain('按参考号查询：找到 记-27 (100027)。')
    expect(text.find((line) => line.includes('记-27（内码 100027）'))).toContain('已由 SN')
    expect(text).toContain('王会计：park retry —— 已与审批人确认')
    expect(text).toContain('已向 dingtalk-main 重新读取单据 No-approval-1 并发布为事件。')
  })

  test('says the same in English', async () => {
    const text = (await storyOf(`No-${approvalId}`, '?lang=en')).map((line) => line.text)
    expect(text).toContain('debit 6602.01 [D01] 150.50 付款 李* 机票')
    expect(text.some((line) => line.startsWith('Table expense-account: 差旅费 → 6602.01 (row version '))).toBe(true)
    expect(text).toContain('Looked up at voucher: 6602.03 (row version 0123456789abcdef; the row has changed since).')
    expect(text).toContain(
      'Received from dingtalk-main, found by a sweep (no push had told us); kept on disk before it was acknowledged.',
    )
  })

  test('carries rows, facts and versions for programs', async () => {
    const { json } = await ask(`No-${approvalId}`)
    expect(json.runs.map((run: { kind: string }) => run.kind)).toEqual(['flow', 'flow', 'undo'])
    expect(json.effects.map((effect: { state: string }) => effect.state)).toEqual([
      'confirmed',
      'confirmed',
      'confirmed',
    ])
    expect(json.receipts).toHaveLength(2)
    expect(json.events.map((event: { type: string }) => event.type)).toEqual([
      'approval.payment.approved',
      'finance.voucher.created',
      'approval.payment.withdrawn',
    ])
    const call = json.story.find((line: Line) => line.what === 'call')
    expect(call).toMatchObject({ reference: first, grade: 'B', step: 'voucher', day: '2026-11-20', amount: '150.50' })
    expect(json.events[0].data.lines[1]).toMatchObject({ category: '办公费', amount: '50.5' })
  })

  test('is found by every number people and systems know', async () => {
    const expected = (await ask(`No-${approvalId}`)).json.story
    const numbers = [
      approvalId,
      first,
      ids.event,
      '100027',
      '记-31',
      `run ${ids.run}`,
      String(ids.undo),
      'approval-1-revoke',
    ]
    for (const number of numbers) expect((await ask(number)).json.story, number).toEqual(expected)
  })

  test('M03 shows no name, bank account or phone of a person, in fields or in free text', async () => {
    for (const query of ['', '?lang=en']) {
      const { text } = await ask(approvalId, query)
      expect(text).not.toMatch(/李四光|张三丰|6222021234567890128|13812345678/)
      expect(text).toContain('****0128')
      expect(text).toContain('138****5678')
    }
  })

  test('L01 what nobody knows is a 404', async () => {
    const { status, json } = await ask('No-nothing')
    expect([status, json.code]).toEqual([404, 'api.unknown-number'])
  })

  test.each(["' OR 1=1 --", '"; DROP TABLE effects; --', '../../etc/passwd', '%00', '{{7*7}}'])(
    'L07 %j is looked for as it is, and found nowhere',
    async (number) => {
      expect((await ask(number)).status).toBeOneOf([404, 422])
      expect((await ask(approvalId)).status).toBe(200)
    },
  )
})

test('a change after the approval says its revision', async () => {
  const data = payment('changed-1', { revision: new Decimal('2') })
  const { position } = await hub.rows.event('approval.payment.approved', data, { time: '2026-11-20T01:00:00Z' })
  await hub.rows.run({ key: 'changed-1', event: position, revision: 2 })
  const [line] = await storyOf('changed-1')
  expect(line?.text).toBe('付款申请已全部审批通过，No-changed-1，修订 2，CNY 150.50，明细 2 行')
})

describe('what has not ended well', () => {
  test('a parked run says why, and what to do next', async () => {
    const { rows } = hub
    const event = await rows.event('approval.payment.approved', payment('parked-1'), { time: '2026-11-20T03:00:00Z' })
    const detail = packValue({ message: { en: 'Table x has no row', zh: '映射表 x 中没有李四光' }, step: 'voucher' })
    await rows.run({
      key: 'parked-1',
      event: event.position,
      state: 'parked',
      reason: 'unmapped',
      detail,
      created_at: at('2026-11-20T03:00:05Z'),
    })
    const last = (await storyOf('parked-1')).at(-1)
    expect(last).toMatchObject({ what: 'parked', reason: 'unmapped' })
    expect(last?.text).toBe(
      '待人工处理：映射表 x 中没有李* 在映射表中补上缺少的行（`shuniu tables set`），运行会自动继续。',
    )
  })

  test('an effect in doubt is told as in doubt, never as failed or posted', async () => {
    const { rows } = hub
    const event = await rows.event('approval.payment.approved', payment('doubt-1'), { time: '2026-11-20T04:00:00Z' })
    const run = await rows.run({ key: 'doubt-1', event: event.position, state: 'waiting', reason: 'in doubt' })
    await rows.effect({
      run,
      key: 'doubt-1',
      reference: reference('77'),
      state: 'in doubt',
      settled_at: null,
      sends: 2,
      sent_at: at('2026-11-20T04:05:00Z'),
    })
    const story = await storyOf('doubt-1', '?lang=en')
    expect(story.map(({ what }) => what)).toContain('sent again')
    expect(story.find(({ what }) => what === 'in doubt')?.text).toBe(
      'State: sent, and nobody knows yet whether it was done',
    )
    expect(story.some(({ what }) => what === 'answer' || what === 'done')).toBe(false)
  })

  test('an event that no flow takes says so', async () => {
    const event = await hub.rows.event('approval.payment.approved', payment('nobody-1'), {
      time: '2026-11-20T05:00:00Z',
    })
    await hub.rows.run({ flow: '', key: event.id, event: event.position, state: 'skipped', reason: 'no flow' })
    expect((await storyOf(event.id, '?lang=en')).map(({ text }) => text)).toContain('No flow takes this event.')
  })

  test('what followed from an event without a run of its own is found from the event', async () => {
    const type = 'approval.payment.approved'
    const cause = await hub.rows.event(type, payment('passed-1'), { time: '2026-11-20T05:00:00Z' })
    const followed = await hub.rows.event(type, payment('passed-2'), { time: '2026-11-20T05:00:01Z' })
    hub.behind.passed.push(followed.id)
    const { json } = await ask(cause.id)
    expect(json.events.map(({ id }: { id: string }) => id)).toEqual([cause.id, followed.id])
  })

  test('a receipt that was not read yet is told before there is any event', async () => {
    await hub.rows.receipt({ subject: 'unread-1', state: 'received', origin: 'stream' })
    expect((await storyOf('unread-1', '?lang=en')).map(({ text }) => text)).toEqual([
      'Received from dingtalk-main, through the open stream; kept on disk before it was acknowledged.',
      'Not read yet; it will be.',
    ])
  })

  test('L06 markup in a vendor’s words stays text in a JSON answer', async () => {
    const bad = '<img src=x onerror=alert(1)><script>alert(2)</script>'
    const detail = packValue({ message: { en: bad, zh: bad } })
    await hub.rows.receipt({ subject: 'xss-1', key: 'xss', state: 'parked', reason: 'invalid', detail })
    const answer = await ask('xss-1')
    expect(answer.headers['content-type']).toContain('application/json')
    expect(answer.json.story[1].text).toContain(bad)
  })
})
