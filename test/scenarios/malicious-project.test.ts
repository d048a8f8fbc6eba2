import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HubError } from '@shuniu/contracts'
import { startHub } from '@shuniu/hub'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { append } from './append.ts'
import { payment } from './events.ts'
import { ProjectCopy, rigFor } from './rig.ts'
import { patience, runs } from './seen.ts'

vi.setConfig({ testTimeout: 30_000 })

const flow = 'flows/payment-to-voucher.yaml'
const kingdee = 'connections/kingdee-main.yaml'
const check = 'event.lines.sum(l, l.amount) == event.amount'

let folder: string
let project: ProjectCopy
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shuniu-hostile-'))
  project = new ProjectCopy(join(folder, 'project'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const environment = { DINGTALK_URL: 'http://127.0.0.1:9', KINGDEE_URL: 'http://127.0.0.1:9' }

/** Why it does not start: the codes of all problems, in order and once each. It takes no more than two seconds to say so. */
async function refusal(more: Record<string, string> = {}): Promise<string[]> {
  const began = Date.now()
  const options = { project: project.dir, data: join(folder, 'data'), port: 0, logLevel: 'silent' } as const
  const error = await startHub({ ...options, environment: { ...environment, ...more } }).then(
    (hub) => hub.close().then(() => new Error('it started')),
    (refused: unknown) => refused,
  )
  expect(Date.now() - began).toBeLessThan(4_000)
  expect(Object.keys(Object.prototype)).toEqual([])
  if (!(error instanceof HubError)) throw error
  const { cause } = error.options
  const all = cause instanceof AggregateError ? (cause.errors as HubError[]) : [error]
  for (const { place } of all) if (cause instanceof AggregateError) expect(place?.line).toBeGreaterThan(0)
  return [...new Set(all.map(({ code }) => code))]
}

const add = (file: string, text: string): void => project.write(file, `${project.read(file)}\n${text}\n`)

/** A list of lists of lists …, each nine times the one before. */
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefgh'.split('').map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[at]}`).join(', ')}]`),
].join('\n')

describe('H: a hostile flow never starts', () => {
  test.for<[string, () => void]>([
    ['H01 an alias bomb', () => add(flow, bomb)],
    ['H02 merge keys', () => add(flow, 'x: &x { a: 1 }\ny: { <<: *x }')],
    ['H02 an ordered map', () => add(flow, 'x: !!omap [ a: 1 ]')],
    ['H03 __proto__ as a key', () => add(flow, '__proto__: { polluted: true }')],
    ['H03 a merged prototype', () => add(flow, '<<: { __proto__: { polluted: true } }')],
    ['H03 constructor as the name of a step', () => project.replace(flow, 'name: voucher', 'name: constructor')],
    ['H04 a tag that makes a function', () => add(flow, 'x: !!js/function "function () { return 1 }"')],
    ['H04 binary', () => add(flow, 'x: !!binary aGVsbG8=')],
    ['H04 a tag of one’s own', () => add(flow, 'x: !shell "rm -rf /"')],
    ['H05 a depth of 20,000', () => add(flow, `x: ${'['.repeat(20_000)}${']'.repeat(20_000)}`)],
    ['H08 100,000 steps', () => add(flow, '  - park: x\n'.repeat(100_000))],
    ['H08 ten megabytes', () => add(flow, `# ${'x'.repeat(10e6)}`)],
    ['H09 a step called ../x', () => project.replace(flow, 'name: voucher', 'name: ../x')],
    ['H09 a step with a name of 1 MB', () => project.replace(flow, 'name: voucher', `name: ${'x'.repeat(1e6)}`)],
    ['H09 a flow called ../x', () => project.replace(flow, 'flow: payment-to-voucher', 'flow: ../x')],
    [
      'H12 a quarantine of no time without a reason',
      () =>
        project.replace(
          kingdee,
          ', because: "the simulator\'s late executions stay within 5 s" }\n  voucher.reverse',
          ' }\n  voucher.reverse',
        ),
    ],
    ['H12 a time-out of a millisecond', () => project.replace(kingdee, 'timeout: 2s', 'timeout: 1ms')],
    ['H14 a NUL', () => add(flow, '# \0')],
    ['H14 UTF-16', () => project.write(flow, Buffer.from(project.read(flow), 'utf16le').toString('latin1'))],
    ['H14 tabs as indentation', () => project.replace(flow, '  - check:', '\t- check:')],
    [
      'two flows of one first name',
      () =>
        project.write(
          'flows/pay.yaml',
          `${project.read(flow).replace('flow: payment-to-voucher', 'flow: pay')}\nformerly: payment-to-voucher\n`,
        ),
    ],
  ])('%s', async ([, spoil]) => {
    spoil()
    expect((await refusal())[0]).toMatch(/^(config|flow|connection|project|expression)\./)
  })

  test('H07 a flow that starts itself', async () => {
    project.replace(flow, 'emit: finance.voucher.created', 'emit: approval.payment.approved')
    expect(await refusal()).toContain('flow.self-trigger')
  })

  test('H10 a secret that nobody set', async () => {
    project.replace(kingdee, '${file:secrets/kingdee-simulator}', '${env:NOBODY_SET_THIS}')
    expect(await refusal()).toEqual(['config.missing-variable'])
  })

  test('H14 CRLF line ends and a byte order mark mean the same', async (context) => {
    const rig = await rigFor(context, {
      edit: (copy) => copy.write(flow, `\ufeff${copy.read(flow).replaceAll('\n', '\r\n')}`),
    })
    await append(rig, payment(1))
    await expect.poll(() => runs(rig), patience).toEqual(['flow done'])
  })
})

describe('I: a hostile expression never starts', () => {
  test.for([
    'event.constructor.constructor("return process")()',
    'event[`constructor`]',
    'event.__proto__ == null',
    'event["__lookupGetter__"]("x")',
    'Error.prepareStackTrace',
    'process.exit(1)',
    'import("node:fs")',
    'arguments.callee',
    '(() => true)()',
    'event.lines.map(l, l).constructor',
    'matches(event.currency, "^(a+)+$")',
    'now() == null',
    'random() > 0.5',
    'env("PATH") != ""',
    '$.lines[?(@.amount > 1)]',
    `${'('.repeat(5_000)}true${')'.repeat(5_000)}`,
    `${'!'.repeat(50_000)}true`,
  ])('I01–I16 %s', async (written) => {
    project.replace(flow, check, JSON.stringify(written))
    expect((await refusal())[0]).toMatch(/^(expression|config)\./)
  })

  test('I12 one that never ends parks its own run, and holds up nobody', async (context) => {
    const nested =
      'event.lines.map(a, event.lines.map(b, event.lines.map(c, event.lines.map(d, event.lines.map(e, a))))).size() > 0'
    const rig = await rigFor(context, { edit: (copy) => copy.replace(flow, check, JSON.stringify(nested)) })
    const [line] = payment(1).data['lines'] as object[]
    const lines = Array.from({ length: 60 }, () => ({ ...line }))
    const began = Date.now()
    await append(rig, payment(1, { lines }), payment(2))
    await expect.poll(() => runs(rig), patience).toEqual(['flow parked invalid', 'flow done'])
    expect(Date.now() - began).toBeLessThan(5_000)
  })
})

describe('J: a hub never starts with an address where no business system lives:', () => {
  test.for([
    'http://0.0.0.0',
    'http://169.254.169.254',
    'http://100.100.100.200',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:a9fe:a9fe]',
    'http://[64:ff9b::a9fe:a9fe]',
    'http://[fe80::1]',
    'http://[2002:7f00:1::]',
    'http://240.0.0.1',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/_SET',
    'data:text/html,x',
    'unix:/var/run/docker.sock',
  ])('J02–J15 %s', async (address) => {
    expect((await refusal({ KINGDEE_URL: address }))[0]).toMatch(/^(http\.address|config\.)/)
  })
})
