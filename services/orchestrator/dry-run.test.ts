import { contracts, Decimal, Instant, type ValueRecord } from '@shuniu/contracts'
import { decodeFlow, parseTable, findRow, readYaml, type Tables } from '@shuniu/infra/config'
import { SimulatedClock } from '@shuniu/infra/time'
import type { Store } from '@shuniu/infra/store'
import { defineConnector, defineOperation, type ConnectorDefinition } from '@shuniu/sdk'
import { z } from 'zod'
import { expect, test } from 'vitest'
import { dryRun, type DryGround, type DryRun } from './dry-run.ts'
import { compileFlow } from './flow/compile.ts'
import { lookUps } from './flow/lookups.ts'
import type { FlowPlan } from './flow/plan.ts'

const input = z.strictObject({ text: z.string(), kind: z.string().nullish() })
const output = z.strictObject({ id: z.string(), kind: z.string(), many: z.array(z.string()) })

const note = defineOperation<object, z.infer<typeof input>, z.infer<typeof output>>({
  title: { en: 'Note', zh: '记' },
  input,
  output,
  effect: 'notice',
  grade: 'C',
  timeout: '1s',
  quarantine: '1s',
  lookUps: { times: 0, apart: '1s' },
  reference: 'none',
  ready: async () => undefined,
  prepare: async () => {
    throw new Error('a dry-run without a live connection prepares nothing')
  },
  send: async () => {
    throw new Error('a dry-run sends nothing')
  },
  fingerprint: () => '',
  describe: () => ({ text: '' }),
})

const words = { en: '', zh: '' }
const connector: ConnectorDefinition<unknown, object> = defineConnector<unknown, object>({
  name: 'notes',
  title: words,
  summary: words,
  settings: z.unknown(),
  addresses: () => [],
  limits: () => ({ concurrency: 1, perSecond: 0, perMonth: 0 }),
  open: () => ({}),
  sources: {},
  hooks: {},
  operations: { note },
  failures: {},
  budget: () => ({ perMonth: 0, lines: [] }),
  check: async () => [],
  discover: async () => ({ forms: [], lists: {} }),
})
const connectors = new Map<string, ConnectorDefinition>([['n', connector as ConnectorDefinition]])

const { table } = parseTable('short', 'tables/short.csv', 'word,mark\n差旅费,T\n')
const tables: Pick<Tables, 'shapes' | 'shape' | 'find'> = {
  shapes: table ? [table.shape] : [],
  shape: () => table?.shape,
  find: (_, keys, day) => table && findRow(table, keys, day),
}

function planOf(steps: string): FlowPlan {
  const source = `flow: f\non: approval.payment.approved\nsince: 2026-01-01T00:00:00Z\nwhere: event.currency == "CNY"\nsteps:\n${steps}`
  const { node } = readYaml(source, 'flows/f.yaml')
  const flow = node && decodeFlow(node).value
  const functions = lookUps({ tables, store: {} as Store, connections: new Map() })
  const compiled = flow && compileFlow(flow, source, { contracts, connectors, functions })
  if (!compiled?.plan) throw new Error(compiled?.problems.map(({ error }) => error.message).join('\n') ?? 'no flow')
  return compiled.plan
}

const data: ValueRecord = {
  approvalId: 'a-1',
  revision: new Decimal('1'),
  approvalNo: 'no-1',
  approvedAt: new Instant(0),
  department: { id: '1', name: 'x' },
  currency: 'CNY',
  amount: new Decimal('3'),
  lines: [
    { category: '差旅费', memo: 'm1', amount: new Decimal('1') },
    { category: '其他', memo: 'm2', amount: new Decimal('2') },
  ],
}

function dry(steps: string, more: Partial<DryGround> & { data?: ValueRecord } = {}): Promise<DryRun> {
  const { data: given = data, ...ground } = more
  const clock = new SimulatedClock(Date.UTC(2026, 10, 22))
  return dryRun(planOf(steps), { data: given }, { connectors, explain: false, zone: 'Asia/Shanghai', clock, ...ground })
}

const each = `
  - each: event.lines as line
    by: line.memo
    steps:
      - choose:
          - when: line.amount > 1
            steps:
              - { name: big, call: n/note, with: { text: "= line.memo", kind: large } }
        otherwise:
          - { name: small, call: n/note, with: { text: "= line.memo" } }
`

test('calls within each and choose are shown under the keys of their items', async () => {
  const { calls } = await dry(each)
  expect(calls.map(({ step, input: given }) => [step, given['text']])).toEqual([
    ['small[m1]', 'm1'],
    ['big[m2]', 'm2'],
  ])
  expect(new Set(calls.map(({ reference }) => reference)).size).toBe(2)
})

test('fields within each and choose are explained as well', async () => {
  const { explain = [] } = await dry(each, { explain: true })
  expect(explain.map(({ path, source }) => `${path} ${source}`)).toEqual([
    'small[m1].text line.memo',
    'big[m2].text line.memo',
    'big[m2].kind ',
  ])
})

test('steps behind a call see its output: what the input says, and marks for what only the target knows', async () => {
  const { calls } = await dry(`
  - { name: first, call: n/note, with: { text: a, kind: k } }
  - { name: second, call: n/note, with: { text: "\${first.id} \${first.kind} \${first.many.size()} \${first.reference.startsWith('SN')}" } }
`)
  expect(calls[1]?.input['text']).toBe('‹first.id› k 0 true')
})

test('a look-up that misses parks, but hides no other field of the explanation', async () => {
  const step =
    '  - { name: one, call: n/note, with: { text: "= table(\'short\', \'nobody\')", kind: "= event.currency" } }\n'
  const { park, calls, explain = [] } = await dry(step, { explain: true })
  expect([park?.reason, calls]).toEqual(['unmapped', []])
  expect(explain).toMatchObject([
    { path: 'one.text', value: null, error: { en: expect.stringContaining('table("short", "nobody")') } },
    { path: 'one.kind', value: 'CNY' },
  ])
})

test('a look-up names its row, and where it stands when somebody knows', async () => {
  const step = '  - { let: { mark: "table(\'short\', \'差旅费\')" } }\n  - { park: { message: "${mark}" } }\n'
  const { park, explain = [] } = await dry(step, { explain: true, placeOfRow: () => 'tables/short.csv:2' })
  expect(park).toMatchObject({ reason: 'human', message: { en: 'T' } })
  expect(explain[0]?.lookups).toEqual([
    expect.stringMatching(/^table\("short", "差旅费"\) = T \(tables\/short\.csv:2, row [0-9a-f]{8}\)$/),
  ])
})

test('what nobody can be asked is assumed, and said', async () => {
  const step = `  - { name: one, call: n/note, with: { text: "= crosswalk('project', 'P1', 'a', 'b')" } }\n`
  const { calls, assumed } = await dry(step, { assume: ['crosswalk'] })
  expect([calls[0]?.input['text'], assumed]).toEqual(['‹project P1›', ['crosswalk("project", "P1", "a", "b")']])
})

test('an event that `where` leaves out is skipped, an input the operation refuses parks as invalid', async () => {
  expect(await dry(each, { data: { ...data, currency: 'USD' } })).toMatchObject({ skipped: 'where', calls: [] })
  const wrong = `  - { name: one, call: n/note, with: { text: "= event.lines[7].memo" } }\n`
  expect((await dry(wrong)).park?.reason).toBe('invalid')
})
