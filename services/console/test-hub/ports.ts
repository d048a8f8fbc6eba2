import {
  contract,
  contracts,
  Day,
  Decimal,
  decode,
  eventId,
  fromHeaders,
  HubError,
  isDecimal,
  isRecord,
  unframe,
  type EventHeaders,
  type ValueRecord,
} from '@shuniu/contracts'
import { parseTable, type Table } from '@shuniu/infra/config'
import type { EventLog, LogRecord } from '@shuniu/infra/log'
import { hash52, type Store } from '@shuniu/infra/store'
import { openLog, openMetrics } from '@shuniu/infra/telemetry'
import { realRandom, type Clock } from '@shuniu/infra/time'
import type { Listed } from '@shuniu/sdk'
import type { ConsolePorts, DryRun, HubStatus, ReadEvent } from '../ports.ts'

/** What a test may look at or change behind the API. */
export interface Behind {
  readonly target: Listed[]
  readonly reported: { code: string; fields: unknown }[]
  readonly decisions: string[]
  readonly delivered: number[]
  readonly learned: unknown[]
  status: HubStatus
  dry: DryRun
  passed: string[]
  readonly applied: string[]
  project: Awaited<ReturnType<ConsolePorts['project']['active']>>
}

export const flow = 'payment-to-voucher'
const approved = 'approval.payment.approved'
const withdrawn = 'approval.payment.withdrawn'

export function behind(): Behind {
  return {
    target: [],
    reported: [],
    decisions: [],
    delivered: [],
    learned: [],
    status: {
      version: '0.1.0',
      project: 'payment-to-voucher',
      epoch: 1,
      resync: true,
      startedAt: Date.parse('2026-11-22T00:00:00Z'),
      flows: [{ name: flow, version: 'v1', on: approved, active: true, from: 0, short: false }],
      connections: [
        {
          name: 'kingdee-main',
          connector: 'kingdee',
          breaker: 'closed',
          underWay: 0,
          waiting: 0,
          usedThisMonth: 250,
          perMonth: 1000,
        },
      ],
      notReady: [],
    },
    dry: { calls: [], emits: [] },
    passed: [],
    applied: [],
    project: { number: 3, running: 2, hash: 'a'.repeat(64), actor: 'ann', appliedAt: 0, files: {} },
  }
}

/** Small but real stand-ins for what other services do: they work on the same store as the API. */
export function portsOf(store: Store, log: EventLog, clock: Clock, its: Behind): ConsolePorts {
  const tables = new Map([['expense-account', tableOf('category,account\n差旅费,6602.01\n办公费,6602.03\n')]])
  const decide =
    (what: string) =>
    async (id: number, { actor, reason }: { actor: string; reason: string }) =>
      void its.decisions.push(`${what} ${id} ${actor} ${reason}`)
  return {
    store,
    log,
    clock,
    random: realRandom,
    metrics: openMetrics(),
    levels: openLog({ stream: { write: () => undefined } }).levels,
    report: { error: (code, fields) => void its.reported.push({ code, fields }) },
    contracts,
    folder: '/srv/项目',
    language: 'zh',
    zone: 'Asia/Shanghai',
    hashes: {
      key: (name, key) => hash52(name, key),
      subject: (connection, source, subject) => hash52(connection, source, subject),
      crosswalk: (kind, connection, id) => hash52('crosswalk', kind, connection, id),
    },
    parking: {
      retry: decide('retry run'),
      drop: decide('drop run'),
      resolve: async (id, document, { accept, actor, reason }) =>
        void its.decisions.push(`resolve run ${id} ${document} ${accept} ${actor} ${reason}`),
      learned: async (pair) => void its.learned.push(pair),
    },
    receiptParking: { retry: decide('retry receipt'), drop: decide('drop receipt') },
    flows: {
      events: (name) => (name === flow ? { on: approved, undoOn: [withdrawn] } : undefined),
      keyOf: (name, record) => {
        const { type, data } = readEvent(record)
        return name === flow && [approved, withdrawn].includes(type) ? String(data['approvalId']) : undefined
      },
      deliver: async (_flow, { position }) => {
        its.delivered.push(position)
        return true
      },
      emittedId: ({ flow: name, path, type, cause }) =>
        eventId({ time: cause.time, connection: `flow ${name}`, type, document: cause.id, version: path }),
      passedIds: async () => its.passed,
      dryRun: async () => its.dry,
    },
    project: {
      active: async () => its.project,
      apply: async (hash) => void its.applied.push(hash),
    },
    tables: {
      get shapes() {
        return [...tables.values()].map(({ shape }) => shape)
      },
      rows: (name) => [...(tables.get(name) ?? refuse(name)).rows.values()].flat(),
      async set(name, { keys, values }) {
        const before = tables.get(name) ?? refuse(name)
        tables.set(name, tableOf(`${before.text}${[...keys, ...Object.values(values)].join(',')}\n`))
      },
    },
    connections: {
      check: async () => [
        { ok: false, what: { en: 'No permission', zh: '缺少权限' }, help: { en: 'Grant it', zh: '请授权' } },
      ],
      forecast: (_, documentsPerDay = 50) => ({
        documentsPerDay,
        forms: 1,
        calls: documentsPerDay * 30,
        perMonth: 5000,
        usedThisMonth: 12,
        lines: [{ what: { en: 'approvals read', zh: '读取审批单' }, calls: documentsPerDay * 30 }],
      }),
      discover: async () => ({
        forms: [{ id: 'PROC-1', title: '付款', fields: [] }],
        lists: { accounts: [{ number: '6602.01' }] },
      }),
      sample: async () => ({ documents: [{ amount: new Decimal('12.50') }], events: [] }),
      sweep: async (name) => void its.decisions.push(`sweep ${name}`),
      sources: [{ connection: 'dingtalk-main', source: 'approval' }],
      targets: [
        { connection: 'kingdee-main', operation: 'voucher.save' },
        { connection: 'kingdee-main', operation: 'voucher.reverse' },
      ],
      list: async (_connection, _operation, from, to) => its.target.filter(({ day }) => from <= day && day <= to),
      describe: (_connection, operation, body) => describe(operation, body),
    },
    readEvent,
    backup: async () => ({ bytes: 4096 }),
    closeResync: async ({ actor, reason }) => {
      its.decisions.push(`close resync ${actor} ${reason}`)
      its.status = { ...its.status, resync: false }
    },
    status: () => its.status,
  }
}

function tableOf(text: string): Table {
  const { table } = parseTable('expense-account', 'tables/expense-account.csv', text)
  if (!table) throw new Error('a table of the test is wrong')
  return table
}

function refuse(name: string): never {
  throw new HubError('table.unknown', { name, nearest: 'expense-account' })
}

function readEvent(record: LogRecord): ReadEvent {
  const headers = JSON.parse(record.attributes) as EventHeaders
  const type = headers['ce_type'] ?? ''
  const data = decode(contract(type), unframe(record.data).payload)
  const { id, time, source, correlation } = fromHeaders(headers, { topic: record.topic, key: record.key, data })
  return { position: record.position, id, type, time, source: source.replace('/connections/', ''), correlation, data }
}

/** What the test's bodies say: those of Kingdee, as small as they can be, and of a comment. */
function describe(operation: string, body: ValueRecord): ReturnType<ConsolePorts['connections']['describe']> {
  if (operation === 'approval.comment')
    return { title: { en: 'Comment on an approval', zh: '在审批单上添加评论' }, text: String(body['text']) }
  const model = body['Model']
  if (!isRecord(model)) return undefined
  const entries = Array.isArray(model['FEntity']) ? model['FEntity'].filter(isRecord) : []
  const debits = entries.map(({ FDEBIT }) => (isDecimal(FDEBIT) ? FDEBIT : new Decimal('0')))
  const amount = debits.reduce((sum, one) => sum.plus(one), new Decimal('0')).toFixed(2)
  const title =
    operation === 'voucher.save'
      ? { en: 'Save a voucher', zh: '保存凭证' }
      : { en: 'Reverse a voucher', zh: '红字冲销凭证' }
  const day = model['FDate'] instanceof Day ? model['FDate'].text : String(model['FDate'])
  return { title, day, amount, currency: 'CNY', book: '001', text: `记 ${day} ${amount}` }
}
