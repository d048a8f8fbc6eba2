import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyOfExample, example, shuniu, type Ran } from '../testing.ts'

const file = 'tests/payment-to-voucher.test.yaml'
let project: { path: string; remove(): void }
beforeEach(() => void (project = copyOfExample()))
afterEach(() => project.remove())

const text = (): string => readFileSync(join(example, file), 'utf8')
const head = (): string => text().slice(0, text().indexOf('cases:'))

/** The example's own event, with these cases. */
function withCases(cases: string): void {
  writeFileSync(join(project.path, file), `${head()}cases:\n${cases}`)
}

const run = (...argv: string[]): Promise<Ran> => shuniu(['test', '--project', project.path, ...argv])

interface Results {
  readonly passed: number
  readonly failed: number
  readonly cases: readonly {
    readonly name: string
    readonly ok: boolean
    readonly findings: readonly { path: string; expected: string; found: string; place: { line: number } }[]
    readonly error?: { code: string }
  }[]
}

async function results(...argv: string[]): Promise<Results & { code: number }> {
  const { code, out } = await run('--json', ...argv)
  return { ...(JSON.parse(out) as Results), code }
}

test('the tests of the example pass, a quarantine and a month of closing included', { timeout: 60_000 }, async () => {
  const { code, passed, failed, cases } = await results()
  expect(cases.filter(({ ok }) => !ok)).toEqual([])
  expect([code, failed]).toEqual([0, 0])
  expect(passed).toBeGreaterThanOrEqual(8)
})

test('what differs is said with what was expected, what came, and where it stands', async () => {
  withCases(
    '  - name: wrong\n    expect: { outcome: parked, calls: { voucher: { input: { book: "002" } } }, sends: 2 }\n',
  )
  const { code, cases } = await results()
  const line = head().split('\n').length + 2
  expect(code).toBe(1)
  expect(cases[0]?.findings).toMatchObject([
    { path: 'outcome', expected: 'parked', found: 'done', place: { line } },
    { path: 'calls.voucher.input.book', expected: '002', found: '001', place: { line } },
    { path: 'sends', expected: '2', found: '1', place: { line } },
  ])
})

test('a call that was made is no "none", and an event that was not expected shows', async () => {
  withCases('  - name: wrong\n    expect: { calls: { voucher: none }, emits: [] }\n')
  const { cases } = await results()
  expect(cases[0]?.findings).toMatchObject([
    { path: 'calls.voucher', expected: 'none', found: 'confirmed' },
    { path: 'emits', expected: 'none', found: 'finance.voucher.created' },
  ])
})

test(
  'a fault that never ends is a case that does not come to rest, not a test that hangs',
  { timeout: 60_000 },
  async () => {
    withCases(
      '  - name: endless\n    faults: { kingdee-main/voucher.find: { fault: html-502, times: 100000 }, voucher: reset-before }\n    expect: {}\n',
    )
    const { cases } = await results()
    expect(cases[0]?.error?.code).toBe('test.endless')
  },
)

test('what a simulator refuses is said in its words', async () => {
  withCases('  - name: wrong act\n    before: [{ on: kingdee, act: close-book }]\n    expect: {}\n')
  const { code, out } = await run()
  expect(code).toBe(1)
  expect(out).toContain('test.refused')
  expect(out).toContain('close-period')
})

test('an event that breaks its contract is said as such', async () => {
  withCases('  - name: wrong event\n    event: { amount: much }\n    expect: {}\n')
  expect((await results()).cases[0]?.error?.code).toBe('contract.invalid')
})

test('a real address is never called', async () => {
  const connection = join(project.path, 'connections/kingdee-main.yaml')
  writeFileSync(connection, readFileSync(connection, 'utf8').replace('${env:KINGDEE_URL}', 'https://erp.example.com'))
  withCases('  - name: any\n    expect: { outcome: done }\n')
  expect((await results()).cases[0]?.error?.code).toBe('test.not-simulated')
})

test('a mistake in the file is found before anything is tried', async () => {
  withCases('  - name: any\n    expect: { outcom: done, calls: { voucer: none } }\n')
  const { code, out, err } = await run()
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('config.unknown-key')
  expect(err).toContain('outcome')
})

test('JUnit names suite, case and failure', async () => {
  withCases('  - name: 一 & 二\n    expect: { sends: 7 }\n')
  const { out } = await run('--junit')
  expect(out).toContain(`<testsuite name="${file}" tests="1" failures="1"`)
  expect(out).toContain('name="一 &amp; 二"')
  expect(out).toContain('<failure message="sends: expected 7, found 1')
})

test('a name that no file has is said', async () => {
  const { code, err } = await run('nothing')
  expect(code).toBe(1)
  expect(err).toContain('test.none')
})
