import { Decimal, type Value } from '@shuniu/contracts'
import { readYaml } from '../../config/yaml.ts'
import { compileTemplate, types } from '../index.ts'
const functions = {
  table: {
    parameters: [types.string, types.string, types.dyn],
    returns: types.string,
    call: (given: readonly Value[]) => 'x',
  },
}
const env = { variables: { event: types.dyn, day: types.date, department: types.string }, functions, lookups: true }
const event = {
  approvalNo: 'A-1',
  amount: new Decimal('300.50'),
  payee: { name: '张三' },
  currency: 'CNY',
  lines: [
    { memo: '一', category: '差旅', amount: new Decimal('100.25') },
    { memo: '二', category: '餐饮', amount: new Decimal('100.25') },
    { memo: '三', category: '差旅', amount: new Decimal('100') },
  ],
}
const cases: Record<string, string> = {
  full: 'book: "001"\ndate: = day\nentries:\n  - each: event.lines as line\n    summary: 付款 ${event.approvalNo} ${line.memo}\n    account: = table("expense-account", line.category, day)\n    department: = department\n    debit: = line.amount\n  - summary: 付款 ${event.approvalNo} ${event.payee.name}\n    account: "1002"\n    credit: = event.amount\n',
  constants: 'a: "1"\nb: "2"\nc: "3"\nd: "4"\n',
  names: 'a: = day\nb: = day\nc: = day\nd: = day\n',
  selects: 'a: = event.amount\nb: = event.amount\nc: = event.amount\nd: = event.amount\n',
  texts: 'a: 付 ${event.approvalNo}\nb: 付 ${event.approvalNo}\nc: 付 ${event.approvalNo}\nd: 付 ${event.approvalNo}\n',
  tables:
    'a: = table("x", "y", day)\nb: = table("x", "y", day)\nc: = table("x", "y", day)\nd: = table("x", "y", day)\n',
  each: 'a:\n  - each: event.lines as line\n    b: "x"\n',
  eachLine: 'a:\n  - each: event.lines as line\n    b: = line\n',
  eachEvent: 'a:\n  - each: event.lines as line\n    b: = event.amount\n',
  eachDebit: 'a:\n  - each: event.lines as line\n    b: = line.amount\n',
  text1: 'a: x${event.approvalNo}\nb: x${event.approvalNo}\nc: x${event.approvalNo}\nd: x${event.approvalNo}\n',
  text2: 'a: ${event.approvalNo}\nb: ${event.approvalNo}\nc: ${event.approvalNo}\nd: ${event.approvalNo}\n',
}
const t = Object.entries(cases).map(([k, y]) => {
  const r = compileTemplate(readYaml(y, 'x').node!, env).template!
  return [k, () => r.evaluate({ event, day: null, department: 'D1' })] as const
})
const best: Record<string, number> = {}
for (const [, f] of t) for (let i = 0; i < 30000; i++) f()
for (let r = 0; r < 40; r++)
  for (const [k, f] of t) {
    const s = process.hrtime.bigint()
    for (let i = 0; i < 10000; i++) f()
    best[k] = Math.min(best[k] ?? Infinity, Number(process.hrtime.bigint() - s) / 10000)
  }
console.log(
  Object.entries(best)
    .map(([k, v]) => k + ' ' + v.toFixed(0))
    .join('  '),
)
