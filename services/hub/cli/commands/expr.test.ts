import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shuniu, temporaryFolder } from '../testing.ts'

/** One answer a line, for one question a line. */
async function answers(...lines: string[]): Promise<string[]> {
  const { code, out, err } = await shuniu(['expr', '--json'], { input: `${lines.join('\n')}\n` })
  expect([code, err]).toEqual([0, ''])
  return out.trimEnd().split('\n')
}

const ask = (expr: string, bindings?: object): string => JSON.stringify(bindings ? { expr, bindings } : { expr })

test('decimals are JSON numbers in full digits', async () => {
  expect(await answers('{"expr":"a + b","bindings":{"a":0.1,"b":12345678901234567890.2}}')).toEqual([
    '{"value":12345678901234567890.3}',
  ])
})

test('durations and instants are strings', async () => {
  expect(await answers(ask('duration("90s")'), ask('timestamp("2026-01-05T11:30:00+08:00")'))).toEqual([
    '{"value":"90s"}',
    '{"value":"2026-01-05T03:30:00Z"}',
  ])
})

test('lists and records come back as they are, names of prototypes included', async () => {
  expect(await answers('{"expr":"x","bindings":{"x":{"__proto__":[1,null,true,"付款"]}}}')).toEqual([
    '{"value":{"__proto__":[1,null,true,"付款"]}}',
  ])
})

test('every line is answered in order, whatever it holds', async () => {
  const deep = `{"expr":"1","bindings":{"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`
  const found = await answers(
    'nonsense',
    '',
    '[]',
    '{"expr":1}',
    ask('1 +'),
    ask('1 / 2'),
    ask('nobody'),
    deep,
    ask('1'),
  )
  const codes = found.map((line) => (JSON.parse(line) as { error?: { code: string } }).error?.code)
  expect(codes).toEqual([
    'json.syntax',
    'json.syntax',
    'usage.bad-value',
    'usage.bad-value',
    'expression.syntax',
    'expression.no-division',
    'expression.unknown-name',
    'json.too-deep',
    undefined,
  ])
})

test('bytes that are no text are answered as well', async () => {
  const { out } = await shuniu(['expr', '--json'], { input: '{"expr":"\u0000"}\n{"expr":"2"}' })
  expect(out.split('\n').slice(0, 2)).toEqual([expect.stringContaining('"error"'), '{"value":2}'])
})

test('types are not known before: a mixed list is no mistake', async () => {
  expect(await answers(ask('[1, "a", true].size()'), ask('x.y == 1', { x: { y: 1 } }))).toEqual([
    '{"value":3}',
    '{"value":true}',
  ])
})

test('a sample is typed by its contract, and its document is there too', async () => {
  const folder = temporaryFolder()
  const file = join(folder.path, 'sample.json')
  const data = {
    approvalId: 'a',
    revision: 1,
    approvalNo: 'n',
    approvedAt: '2026-11-20T01:00:00Z',
    department: { id: 'd', name: '市场部' },
    currency: 'CNY',
    amount: '150.50',
    lines: [{ category: '差旅费', amount: '100.00' }],
  }
  const document = { result: 'agree', finishedAt: '2026-11-20T01:00:00Z', fields: { 金额: '150.50' } }
  const sample = { documents: [document], events: [{ type: 'approval.payment.approved', data }] }
  writeFileSync(file, JSON.stringify(sample))
  const input = [
    'event.amount + 1',
    'event.approvedAt == document.finishedAt',
    'money(document.fields["金额"]) == event.amount',
    'help',
    'exit',
    '1',
  ].join('\n')
  const { out, err } = await shuniu(['expr', '--event', file], { input: `${input}\n` })
  folder.remove()
  expect(out).toBe('151.5\ntrue\ntrue\n')
  expect(err).toContain('event, document')
})

test('at the prompt an expression reads the sample, and a mistake is talk', async () => {
  const folder = temporaryFolder()
  const file = join(folder.path, 'event.yaml')
  writeFileSync(file, 'amount: 150.50\nlines: [{ amount: 100.00 }, { amount: 50.50 }]\n')
  const input = 'event.lines.sum(l, l.amount) == event.amount\nevent.amuont\n'
  const { code, out, err } = await shuniu(['expr', '--event', file], { input })
  folder.remove()
  expect([code, out]).toEqual([0, 'true\n'])
  expect(err).toContain('expression.no-such-field')
})
