import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { addresses as environment, example, shuniu, temporaryFolder, type Ran } from '../testing.ts'

const folder = temporaryFolder()
afterAll(() => folder.remove())

const payment = {
  approvalId: 'approval-1',
  revision: 1,
  approvalNo: '202611220000000001',
  approvedAt: '2026-11-20T09:00:00+08:00',
  department: { id: '587120341', name: '市场部' },
  currency: 'CNY',
  amount: '150.50',
  lines: [
    { category: '差旅费', memo: '机票', amount: '100.00' },
    { category: '办公费', memo: '纸', amount: '50.50' },
  ],
}

function fileWith(content: unknown, name = 'event.json'): string {
  const path = join(folder.path, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

test('without a project, or with a broken flow, that is what is said', async () => {
  const args = ['flow', 'dry-run', 'payment-to-voucher', '--event', fileWith(payment)]
  const { code, err } = await shuniu([...args, '--project', folder.path])
  expect([code, err]).toEqual([1, expect.stringContaining('config.not-found')])
  expect(err).not.toContain('cli.unknown-flow')
})

test('a file that is no JSON is named with its line', async () => {
  const { err } = await dryRun(fileWith('{\n  "type": ,\n}', 'bad.json'))
  expect(err).toMatch(/bad\.json:2:\d+ +json\.syntax/)
})

const dryRun = (file: string, ...more: string[]): Promise<Ran> =>
  shuniu(['flow', 'dry-run', 'payment-to-voucher', '--project', example, '--event', file, ...more], { environment })

interface Dry {
  readonly calls: { step: string; input: { entries?: { account: string; debit?: number }[] }; reference: string }[]
  readonly emits: { type: string }[]
  readonly assumed: string[]
  readonly skipped?: string
  readonly park?: { reason: string; message: { zh: string } }
  readonly explain?: { path: string; value: unknown; source: string; lookups: string[]; error?: { en: string } }[]
}

async function dryJson(file: string, ...more: string[]): Promise<Dry & { code: number }> {
  const { code, out } = await dryRun(file, '--json', ...more)
  return { ...(JSON.parse(out) as Dry), code }
}

test('shows the voucher that would be saved, line by line, and sends nothing', async () => {
  const { code, out, err } = await dryRun(fileWith(payment))
  expect(code).toBe(0)
  expect(out).toContain('voucher  kingdee-main / voucher.save  SN')
  expect(out).toMatch(/付款 202611220000000001 机票 +6602\.01 +D01 +100\.00/)
  expect(out).toMatch(/付款 202611220000000001 +1002\.01 +150\.50$/m)
  expect(err).toContain('openDate("kingdee-main", "001", 2026-11-20)')
})

test('the reference is the one the document would carry: the same each time, another for another source', async () => {
  const [first, again] = [await dryJson(fileWith(payment)), await dryJson(fileWith(payment))]
  expect(first.calls[0]?.reference).toMatch(/^SN[0-9A-HJKMNP-TV-Z]{26}$/)
  expect(again.calls[0]?.reference).toBe(first.calls[0]?.reference)
  const wrapped = { type: 'approval.payment.approved', source: 'dingtalk-main', data: payment }
  expect((await dryJson(fileWith(wrapped))).calls[0]?.reference).not.toBe(first.calls[0]?.reference)
})

test('explains each field: expression, look-up, and where the row stands', async () => {
  const { explain = [] } = await dryJson(fileWith(payment), '--explain')
  const account = explain.find(({ path }) => path === 'voucher.entries[0].account')
  expect(account).toMatchObject({ value: '6602.01', source: 'table("expense-account", line.category, day)' })
  expect(account?.lookups).toEqual([
    expect.stringMatching(
      /^table\("expense-account", "差旅费", 2026-11-20\) = 6602\.01 \(tables\/expense-account\.csv:2, row [0-9a-f]{8}\)$/,
    ),
  ])
  expect(explain.find(({ path }) => path === 'let department')?.lookups).toHaveLength(1)
  expect(explain.find(({ path }) => path === 'voucher.book')).toMatchObject({ value: '001', source: '' })
})

test('a missing row would park, and the fields that can be computed are explained all the same', async () => {
  const lines = [{ category: '不存在', memo: '', amount: '150.50' }]
  const { code, park, calls, explain = [] } = await dryJson(fileWith({ ...payment, lines }), '--explain')
  expect([code, park?.reason, calls]).toEqual([1, 'unmapped', []])
  expect(explain.find(({ path }) => path === 'voucher.entries[0].account')?.error?.en).toContain('不存在')
  expect(explain.find(({ path }) => path === 'voucher.entries[0].debit')?.value).toBe(150.5)
})

test('a check that does not hold would park with its words', async () => {
  const { code, out } = await dryRun(fileWith({ ...payment, amount: '150.51' }), '--lang', 'zh')
  expect(code).toBe(1)
  expect(out).toContain('明细合计与付款金额不一致')
})

test('an event the flow does not take says why', async () => {
  expect(await dryJson(fileWith({ ...payment, currency: 'USD' }))).toMatchObject({
    code: 0,
    calls: [],
    skipped: 'where',
  })
})

test('reads YAML, the output of a sample, and a list of events', async () => {
  const yaml = fileWith(JSON.stringify(payment).replace('{', '# yaml\n{'), 'event.yaml')
  const sample = fileWith({
    documents: [],
    events: [
      { type: 'approval.payment.withdrawn', data: {} },
      { type: 'approval.payment.approved', data: payment },
    ],
  })
  for (const file of [yaml, sample])
    expect((await dryJson(file)).calls.map(({ step }) => step)).toEqual(['voucher', 'note'])
})

test.each([
  ['nothing of the kind', { type: 'approval.payment.withdrawn', data: {} }, 'cli.no-event'],
  ['no record', '[1, 2]', 'cli.event-shape'],
  ['no JSON', '{"a":', 'json.syntax'],
  ['data that breaks the contract', { ...payment, amount: 'much' }, 'contract.invalid'],
])('a file with %s is refused', async (_, content, error) => {
  const { code, err } = await dryRun(fileWith(content))
  expect([code, err]).toEqual([1, expect.stringContaining(error)])
})

test('an unknown flow has its nearest name', async () => {
  const { code, err } = await shuniu(
    ['flow', 'dry-run', 'payment-to-vucher', '--project', example, '--event', fileWith(payment)],
    { environment },
  )
  expect(code).toBe(1)
  expect(err).toContain('payment-to-voucher')
})
