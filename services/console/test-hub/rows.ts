import {
  contract,
  Decimal,
  encode,
  eventId,
  eventIdBytes,
  frame,
  Instant,
  toHeaders,
  type Value,
  type ValueRecord,
} from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import type { EventLog } from '@shuniu/infra/log'
import { hash52, type Change, type NewRow, type Store } from '@shuniu/infra/store'
import { flow } from './ports.ts'

export const at = (text: string): number => Date.parse(text)

/** Writes rows as the services write them: through real commits, with the totals of promise 2. */
export class Rows {
  constructor(
    readonly store: Store,
    private readonly log: EventLog,
  ) {}

  async commit(changes: readonly Change[]): Promise<readonly (number | undefined)[]> {
    const outcome = await this.store.commit(changes)
    if (outcome.is !== 'done') throw new Error(`refused: ${JSON.stringify(outcome)}`)
    return outcome.ids
  }

  async flow(): Promise<void> {
    const row = { flow, version: 'v1', source: '', active: 1, active_from: 0, registered_at: 0 }
    await this.commit([{ insert: 'flows', row }])
  }

  async receipt(given: Partial<NewRow<'receipts'>> & { subject: string }): Promise<number> {
    const { subject, state = 'published' } = given
    const row: NewRow<'receipts'> = {
      connection: 'dingtalk-main',
      source: 'approval',
      origin: 'push',
      subject_hash: hash52('dingtalk-main', 'approval', subject),
      key: `key-${subject}`,
      key_hash: hash52(`key-${subject}`),
      received_at: at('2026-11-20T02:00:03Z'),
      body: '{}',
      state,
      final: 1,
      attempts: 0,
      ...given,
    }
    const counts: Change[] = state === 'received' ? [] : [{ count: `receipts.${state}`, by: 1 }]
    const [id] = await this.commit([{ insert: 'receipts', row }, { count: 'receipts.accepted', by: 1 }, ...counts])
    return id ?? 0
  }

  /** Appends an event; gives its id and its place. */
  async event(
    type: string,
    data: ValueRecord,
    its: { time: string; source?: string; id?: string },
  ): Promise<{ id: string; position: number }> {
    const time = new Instant(at(its.time))
    const { topic, key } = contract(type)
    const document = String(data[key])
    const id = its.id ?? eventId({ time, connection: 'dingtalk-main', type, document, version: 'agree' })
    const source = its.source ?? '/connections/dingtalk-main'
    const event = { id, type, topic, key: document, time, source, subject: document, correlation: document, data }
    const eventBytes = eventIdBytes(id) ?? new Uint8Array()
    const attributes = JSON.stringify(toHeaders(event))
    const framed = frame(1, encode(contract(type), data))
    await this.log.append([{ eventId: eventBytes, topic, key: document, time: time.ms, attributes, data: framed }])
    const record = await this.log.find(eventBytes)
    return { id, position: record?.position ?? 0 }
  }

  async run(given: Partial<NewRow<'runs'>> & { key: string; event: number }): Promise<number> {
    const { key, state = 'done' } = given
    const name = given.flow ?? flow
    const row: NewRow<'runs'> = {
      flow: name,
      version: 'v1',
      kind: 'flow',
      key_hash: hash52(name, key),
      revision: 1,
      source: 'dingtalk-main',
      correlation: key,
      state,
      attempts: 0,
      created_at: at('2026-11-20T02:00:04Z'),
      finished_at: ['done', 'skipped'].includes(state) ? at('2026-11-20T02:00:09Z') : null,
      ...given,
    }
    const ended: Change[] = ['done', 'skipped', 'parked'].includes(state)
      ? [{ count: `deliveries.${state}`, by: 1 }]
      : []
    const [id] = await this.commit([{ insert: 'runs', row }, { count: 'deliveries.accepted', by: 1 }, ...ended])
    return id ?? 0
  }

  async effect(given: Partial<NewRow<'effects'>> & { run: number; key: string; reference: string }): Promise<number> {
    const row: NewRow<'effects'> = {
      flow,
      revision: 1,
      leg: JSON.stringify([flow, 'voucher']),
      connection: 'kingdee-main',
      operation: 'voucher.save',
      source: 'dingtalk-main',
      kind: 'money',
      grade: 'B',
      state: 'confirmed',
      input_hash: '',
      body: packValue(voucher('2026-11-20', '150.50')),
      fingerprint: '',
      journal_first: 0,
      journal: '[]',
      epoch: 1,
      boot: 'boot',
      send_by: 0,
      answer_by: 0,
      sent_at: at('2026-11-20T02:00:05Z'),
      sends: 1,
      attempts: 0,
      look_ups: 0,
      absences: 0,
      created_at: at('2026-11-20T02:00:05Z'),
      settled_at: at('2026-11-20T02:00:06Z'),
      ...given,
    }
    const [id] = await this.commit([{ insert: 'effects', row }])
    return id ?? 0
  }
}

/** A reference of ours with this ending. */
export const reference = (end: string): string => `SN${end.padStart(26, '0')}`

/** Data of `approval.payment.approved`. */
export function payment(id: string, over: ValueRecord = {}): ValueRecord {
  return {
    approvalId: id,
    revision: new Decimal('1'),
    approvalNo: `No-${id}`,
    title: '张三丰提交的付款申请',
    approvedAt: new Instant(at('2026-11-20T02:00:00Z')),
    department: { id: '587120341', name: '市场部' },
    payee: { name: '李四光', account: '6222021234567890128', bank: '工商银行' },
    currency: 'CNY',
    amount: new Decimal('150.50'),
    lines: [
      { category: '差旅费', memo: '机票', amount: new Decimal('100.00') },
      { category: '办公费', memo: '纸', amount: new Decimal('50.50') },
    ],
    ...over,
  }
}

/** A voucher's body in the form of its target. */
export function voucher(date: string, amount: string, payee = '李四光'): ValueRecord {
  const [debit, zero] = [new Decimal(amount), new Decimal('0')]
  return {
    Model: {
      FDate: date,
      FEntity: [
        {
          FEXPLANATION: `付款 ${payee} 机票`,
          FACCOUNTID: { FNumber: '6602.01' },
          FDetailID: { FF100002: { FNumber: 'D01' } },
          FDEBIT: debit,
          FCREDIT: zero,
        },
        { FEXPLANATION: `付款 ${payee}`, FACCOUNTID: { FNumber: '1002.01' }, FDEBIT: zero, FCREDIT: debit },
      ],
    },
  }
}

/** Journal entries as the orchestrator packs them. */
export function journal(entries: readonly { p: string; k: string; a: Value; v?: string }[]): string {
  return packValue(entries.map(({ p, k, a, v }) => ({ p, k, q: 'question', a, v: v ?? null })))
}
