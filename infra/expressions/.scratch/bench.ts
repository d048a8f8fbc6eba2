import { Decimal, Instant, type Value } from '@shuniu/contracts'
import { readYaml } from '../../config/yaml.ts'
import { compileTemplate, compileExpression, types } from '../index.ts'

const yaml = `
book: "001"
date: = day
entries:
  - each: event.lines as line
    summary: 付款 \${event.approvalNo} \${line.memo}
    account: = table("expense-account", line.category, day)
    department: = department
    debit: = line.amount
  - summary: 付款 \${event.approvalNo} \${event.payee.name}
    account: "1002"
    credit: = event.amount
`
const file = readYaml(yaml, 'x.yaml')
const tables: Record<string, string> = { 差旅: '6602.01', 餐饮: '6602.02' }
const functions = {
  table: {
    parameters: [types.string, types.string, types.dyn],
    returns: types.string,
    call: (given: readonly Value[]) => tables[given[1] as string] ?? null,
  },
}
const env = { variables: { event: types.dyn, day: types.date, department: types.string }, functions, lookups: true }
const { template, problems } = compileTemplate(file.node!, env)
if (!template) throw new Error(problems.map((p) => p.error.message).join())
const event = {
  approvalNo: 'A-1',
  amount: new Decimal('300.50'),
  approvedAt: Instant.parse('2026-01-05T03:30:00Z')!,
  payee: { name: '张三' },
  currency: 'CNY',
  lines: [
    { memo: '一', category: '差旅', amount: new Decimal('100.25') },
    { memo: '二', category: '餐饮', amount: new Decimal('100.25') },
    { memo: '三', category: '差旅', amount: new Decimal('100') },
  ],
}
const let_ = compileExpression('date(event.approvedAt, "Asia/Shanghai")', env).expression!
const where = compileExpression('event.currency == "CNY"', env).expression!
const check = compileExpression('event.lines.sum(l, l.amount) == event.amount', env).expression!
import { Day } from '@shuniu/contracts'
function dayOf(at: Instant) {
  return Day.ofEpochDay(Math.floor((at.ms + 8 * 3600000) / 86400000))
}
function hand() {
  if (event.currency !== 'CNY') throw 1
  let sum = new Decimal('0')
  for (const l of event.lines) sum = sum.plus(l.amount)
  if (!sum.eq(event.amount)) throw 2
  const day = dayOf(event.approvedAt)
  const entries: any[] = event.lines.map((line) => ({
    summary: `付款 ${event.approvalNo} ${line.memo}`,
    account: tables[line.category],
    department: 'D1',
    debit: line.amount,
  }))
  entries.push({ summary: `付款 ${event.approvalNo} ${event.payee.name}`, account: '1002', credit: event.amount })
  return { book: '001', date: day, entries }
}
function ours() {
  if (where.evaluate({ event }) !== true) throw 1
  const day = let_.evaluate({ event }) as Value
  if (check.evaluate({ event }) !== true) throw 2
  return template!.evaluate({ event, day, department: 'D1' })
}
console.log(JSON.stringify(ours()), JSON.stringify(hand()) === JSON.stringify(ours()))

const cases: Record<string, () => unknown> = {
  ours,
  hand,
  template: () => template!.evaluate({ event, day: null, department: 'D1' }),
  where: () => where.evaluate({ event }),
  let: () => let_.evaluate({ event }),
  check: () => check.evaluate({ event }),
}
const best: Record<string, number> = {}
for (const f of Object.values(cases)) for (let i = 0; i < 30000; i++) f()
for (let r = 0; r < 40; r++)
  for (const [k, f] of Object.entries(cases)) {
    const t = process.hrtime.bigint()
    for (let i = 0; i < 10000; i++) f()
    const ns = Number(process.hrtime.bigint() - t) / 10000
    best[k] = Math.min(best[k] ?? Infinity, ns)
  }
console.log(
  Object.entries(best)
    .map(([k, v]) => k + ' ' + v.toFixed(0))
    .join('  '),
  'ratio',
  (best.ours! / best.hand!).toFixed(2),
)
