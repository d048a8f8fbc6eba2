import { contract, Decimal, eventId, Instant, type HubEvent, type ValueRecord } from '@shuniu/contracts'

/** An approved payment as an event, for tests that begin behind the ingress. */
export function payment(number: number, overrides: ValueRecord = {}): HubEvent {
  const type = 'approval.payment.approved'
  const time = new Instant(Date.now() - 60_000 + number)
  const data = {
    approvalId: `approval-${number}`,
    revision: new Decimal('1'),
    approvalNo: `2026112200000000${number}`,
    approvedAt: time,
    department: { id: '587120341', name: '市场部' },
    currency: 'CNY',
    amount: new Decimal('150.50'),
    lines: [
      { category: '差旅费', memo: '机票', amount: new Decimal('100.00') },
      { category: '办公费', memo: '纸', amount: new Decimal('50.50') },
    ],
    ...overrides,
  }
  const document = String(data.approvalId)
  return {
    id: eventId({ time, connection: 'dingtalk-main', type, document, version: 'agree' }),
    type,
    topic: contract(type).topic,
    key: document,
    time,
    source: '/connections/dingtalk-main',
    subject: String(data.approvalNo),
    correlation: document,
    data,
  }
}

/** The withdrawal of that payment, up to a revision. */
export function withdrawal(number: number, revision = '1'): HubEvent {
  const of = payment(number)
  const type = 'approval.payment.withdrawn'
  const time = new Instant(Date.now())
  const data = { approvalId: of.key, revision: new Decimal(revision), approvalNo: of.subject, withdrawnAt: time }
  const id = eventId({
    time,
    connection: 'dingtalk-main',
    type,
    document: `${of.key}-revoke`,
    version: 'agree',
  })
  return { ...of, id, type, topic: contract(type).topic, time, data }
}

/** That payment as it was changed after approval. */
export function changed(number: number, revision: string, amount: string): HubEvent {
  const of = payment(number)
  const lines = [{ category: '差旅费', memo: '改', amount: new Decimal(amount) }]
  const time = new Instant(of.time.ms + 1000 * Number(revision))
  const document = `${of.key}-${revision}`
  const id = eventId({ time, connection: 'dingtalk-main', type: of.type, document, version: 'agree' })
  const data = { ...of.data, revision: new Decimal(revision), amount: new Decimal(amount), lines }
  return { ...of, id, time, data }
}
