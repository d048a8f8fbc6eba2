import { Day, Decimal, eventId, Instant } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import type { TestHub } from './index.ts'
import { flow } from './ports.ts'
import { at, journal, payment, reference, voucher } from './rows.ts'

export const approvalId = 'approval-1'
export const first = reference('1')
export const note = reference('2')
export const red = reference('3')

/**
 * One payment from push to voucher to comment, as the services leave it behind: its first answer was lost, so it was
 * looked up; later it was withdrawn and its voucher reversed.
 */
export async function tellStory(hub: TestHub): Promise<{ event: string; run: number; undo: number }> {
  const { rows } = hub
  const event = await rows.event('approval.payment.approved', payment(approvalId), { time: '2026-11-20T02:00:00Z' })
  const events = JSON.stringify([event.id])
  await rows.receipt({ subject: approvalId, number: `No-${approvalId}`, events })
  const run = await rows.run({ key: approvalId, event: event.position, number: `No-${approvalId}` })
  await rows.effect({
    run,
    key: approvalId,
    reference: first,
    number: `No-${approvalId}`,
    journal: journal(await lookUps(hub)),
    document: '100027',
    document_number: '记-27',
    undone_by: red,
  })
  const trace = (effect: string, time: string, what: string, detail: string) =>
    ({ insert: 'traces', row: { effect, at: at(time), what, detail } }) as const
  const lost = packValue({ code: 'http.reset', class: 'ambiguous', message: 'reset by 13812345678' })
  const found = packValue({
    found: [{ id: '100027', number: '记-27', status: 'A' }],
    proven: true,
    verdict: 'confirmed',
  })
  await rows.commit([
    trace(first, '2026-11-20T02:00:05.500Z', 'failed', lost),
    trace(first, '2026-11-20T02:00:05.800Z', 'look-up', found),
  ])
  await emitted(hub, event.id, run)
  await rows.effect({
    run,
    key: approvalId,
    reference: note,
    connection: 'dingtalk-main',
    operation: 'approval.comment',
    kind: 'notice',
    grade: 'C',
    leg: JSON.stringify([flow, 'note']),
    body: packValue({ text: '李四光 的款已生成凭证 记-27' }),
    created_at: at('2026-11-20T02:00:08Z'),
    sent_at: at('2026-11-20T02:00:08Z'),
    settled_at: at('2026-11-20T02:00:08.300Z'),
  })
  const data = {
    approvalId,
    revision: new Decimal('1'),
    approvalNo: `No-${approvalId}`,
    withdrawnAt: new Instant(at('2026-11-21T01:00:00Z')),
  }
  const withdrawal = await rows.event('approval.payment.withdrawn', data, { time: '2026-11-21T01:00:00Z' })
  await rows.receipt({
    subject: 'approval-1-revoke',
    origin: 'sweep',
    key: 'sweep:1',
    events: JSON.stringify([withdrawal.id]),
    number: `No-${approvalId}`,
    received_at: at('2026-11-21T01:30:00Z'),
  })
  const undo = await rows.run({
    key: approvalId,
    event: withdrawal.position,
    kind: 'undo',
    number: `No-${approvalId}`,
    created_at: at('2026-11-21T01:30:01Z'),
    finished_at: at('2026-11-21T01:30:05Z'),
  })
  await rows.effect({
    run: undo,
    key: approvalId,
    reference: red,
    operation: 'voucher.reverse',
    number: `No-${approvalId}`,
    leg: JSON.stringify([flow, 'voucher', 'undo']),
    body: packValue(voucher('2026-11-21', '-150.50')),
    document: '100031',
    document_number: '记-31',
    created_at: at('2026-11-21T01:30:02Z'),
    sent_at: at('2026-11-21T01:30:02Z'),
    settled_at: at('2026-11-21T01:30:03Z'),
  })
  const line = { actor: '王会计', action: 'park retry', target: `run ${undo}`, reason: '已与审批人确认', detail: '' }
  await rows.commit([{ insert: 'audit', row: { ...line, at: at('2026-11-21T01:29:00Z'), previous: '', hash: 'h' } }])
  return { event: event.id, run, undo }
}

async function lookUps({ ports }: TestHub): Promise<Parameters<typeof journal>[0]> {
  const travel = ports.tables.rows('expense-account').find(({ keys }) => keys[0] === '差旅费')
  return [
    { p: 'let 0 day', k: 'look-up', a: Day.parse('2026-11-20') ?? null, v: '2026-11 open' },
    { p: 'voucher', k: 'look-up', a: '6602.01', v: travel?.version ?? '' },
    { p: 'voucher', k: 'look-up', a: '6602.03', v: '0123456789abcdef' },
    { p: 'voucher', k: 'effect', a: first },
  ]
}

/** `finance.voucher.created`, because of the approval. */
async function emitted({ rows }: TestHub, cause: string, run: number): Promise<void> {
  const type = 'finance.voucher.created'
  const path = 'emit 2'
  const time = new Instant(at('2026-11-20T02:00:00Z'))
  const id = eventId({ time, connection: `flow ${flow}`, type, document: cause, version: path })
  const data = {
    businessKey: approvalId,
    revision: new Decimal('1'),
    approvalId,
    approvalNo: `No-${approvalId}`,
    reference: first,
    connection: 'kingdee-main',
    book: '001',
    date: Day.parse('2026-11-20') ?? '',
    period: '2026-11',
    number: '记-27',
    documentId: '100027',
    status: 'A',
    currency: 'CNY',
    amount: new Decimal('150.50'),
  }
  const { position } = await rows.event(type, data, { time: '2026-11-20T02:00:07Z', source: `/flows/${flow}`, id })
  await rows.run({ flow: '', key: id, event: position, state: 'skipped', reason: 'no flow' })
  const entries = journal([{ p: path, k: 'emit', a: null }])
  await rows.commit([{ insert: 'journal', row: { run, first: 4, entries } }])
}
