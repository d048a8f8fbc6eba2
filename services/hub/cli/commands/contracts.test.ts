import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyOfExample, example, shuniu, temporaryFolder } from '../testing.ts'

const shipped = fileURLToPath(new URL('../../../../contracts/events', import.meta.url))
let folder: { path: string; remove(): void }
beforeEach(() => void (folder = temporaryFolder()))
afterEach(() => folder.remove())

test('list and show say what events promise, in the language of the user', async () => {
  const list = await shuniu(['contracts', 'list', '--project', example])
  expect(list.out).toContain('finance.voucher.created.v1')
  const { out } = await shuniu(['contracts', 'show', 'approval.payment.approved', '--project', example, '--lang', 'zh'])
  expect(out).toMatch(/^amount +decimal\(20,4\)/m)
  expect(out).toMatch(/^lines\[?\]?\.amount|^lines\.amount/m)
})

test('the shipped contracts are compatible with what was released', async () => {
  const { code, err } = await shuniu(['contracts', 'check', shipped])
  expect([code, err]).toEqual([0, 'Contracts: 4, compatible with every released version.\n'])
})

test('a field that became another type is refused', async () => {
  cpSync(shipped, folder.path, { recursive: true })
  const file = join(folder.path, 'finance.voucher.created.avsc')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/("name": "number",\s*"type": \["null", )"string"/, '$1"int"'))
  const { code, out } = await shuniu(['contracts', 'check', folder.path])
  expect(code).toBe(1)
  expect(out).toContain('finance.voucher.created.avsc:1:1')
})

test('what export writes is what check takes', async () => {
  const out = join(folder.path, 'out')
  expect((await shuniu(['contracts', 'export', out, '--project', example])).code).toBe(0)
  expect(readdirSync(out)).toContain('finance.voucher.created.avsc')
  const { code, out: said } = await shuniu(['contracts', 'check', out, '--json'])
  const { contracts, problems } = JSON.parse(said) as { contracts: number; problems: { code: string }[] }
  expect([code, contracts, new Set(problems.map((one) => one.code))]).toEqual([0, 4, new Set(['contract.unreleased'])])
})

test('a folder that is not there is not fine', async () => {
  const { code, err } = await shuniu(['contracts', 'check', join(folder.path, 'none')])
  expect(code).toBe(1)
  expect(err).toContain('contract.unreadable-folder')
})

test('a break is told with whom it hurts: versions that consumers read with, and flows', async () => {
  cpSync(shipped, folder.path, { recursive: true })
  const file = join(folder.path, 'approval.payment.approved.avsc')
  writeFileSync(file, readFileSync(file, 'utf8').replace('"name": "currency"', '"name": "money"'))
  const { code, out } = await shuniu(['contracts', 'check', folder.path, '--project', example, '--json'])
  const { problems } = JSON.parse(out) as { problems: { code: string; message: string }[] }
  expect(code).toBe(1)
  const [hurt] = problems.filter((one) => one.code === 'contract.hurts')
  expect(hurt?.message).toContain('consumers that read with version 1')
  expect(hurt?.message).toContain('flow payment-to-voucher')
})

test.each([
  ['--markdown', /^# .*\n[\s\S]*\n## finance\.voucher\.created\.v1\n/],
  ['--html', /^<!doctype html>[\s\S]*<h2>finance\.voucher\.created\.v1<\/h2>/],
  ['--asyncapi', /^\{\n {2}"asyncapi": "3\.0\.0"/],
])('export %s is one document, on stdout or in a file', async (format, expected) => {
  const { code, out } = await shuniu(['contracts', 'export', format, '--project', example])
  expect(code).toBe(0)
  expect(out).toMatch(expected)
  const file = join(folder.path, 'document')
  expect(await shuniu(['contracts', 'export', file, format, '--project', example])).toMatchObject({ code: 0, out: '' })
  expect(readFileSync(file, 'utf8')).toBe(out)
})

test('export wants to know where, and only one form at a time', async () => {
  expect((await shuniu(['contracts', 'export', '--project', example])).code).toBe(64)
  expect((await shuniu(['contracts', 'export', '--html', '--asyncapi', '--project', example])).code).toBe(64)
})

test('the page and the document say how the topics of the project are set', async () => {
  const copy = copyOfExample()
  appendFileSync(
    join(copy.path, 'hub.yaml'),
    'store: { postgres: "postgres://db/shuniu" }\nlog: { kafka: { brokers: ["kafka-1:9092"], prefix: cn., retention: 90d } }\n',
  )
  const { out: page } = await shuniu(['contracts', 'export', '--markdown', '--project', copy.path, '--lang', 'en'])
  expect(page).toContain('## cn.finance.voucher.created.v1')
  expect(page).toContain('| Retention | 90 days |')
  const { out } = await shuniu(['contracts', 'export', '--asyncapi', '--project', copy.path])
  const { servers, channels } = JSON.parse(out) as { servers: object; channels: Record<string, object> }
  expect(servers).toMatchObject({ kafka: { host: 'kafka-1:9092' } })
  expect(channels['cn.finance.voucher.created.v1']).toMatchObject({
    bindings: { kafka: { topicConfiguration: { 'retention.ms': 90 * 86_400_000 } } },
  })
  copy.remove()
})
