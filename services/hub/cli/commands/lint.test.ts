import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { contract } from '@shuniu/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { addresses as environment, copyOfExample, example, shuniu } from '../testing.ts'

const broken = fileURLToPath(new URL('../fixtures/broken', import.meta.url))

interface Linted {
  readonly errors: number
  readonly warnings: number
  readonly problems: readonly {
    readonly severity: string
    readonly code: string
    readonly message: string
    readonly help: string
    readonly place: { file: string; line: number; column: number }
  }[]
}

test('the example has no problem', async () => {
  const { code, out, err } = await shuniu(['lint', '--project', example], { environment })
  expect([code, out]).toEqual([0, ''])
  expect(err).toContain('No problems')
})

test('all problems of connections, flows, tables and tests come at once, each with its place', async () => {
  const { code, out } = await shuniu(['lint', '--project', broken, '--json'])
  const { problems, errors } = JSON.parse(out) as Linted
  const found = problems.map(({ code: id, place }) => `${place.file}:${place.line}:${place.column} ${id}`)
  expect([code, errors]).toEqual([1, problems.length])
  expect(found).toEqual([
    'connections/kingdee-main.yaml:4:15 config.missing-variable',
    'connections/kingdee-main.yaml:8:14 config.secret-in-clear',
    'connections/kingdee-main.yaml:10:17 connection.shorter',
    'connections/kingdee-main.yaml:11:17 connection.unknown-operation',
    'flows/payment.yaml:6:15 table.unknown',
    'flows/payment.yaml:8:18 expression.unknown-field',
    'flows/payment.yaml:9:5 flow.unknown-operation',
    'tables/expense-account.csv:3:1 table.overlap',
    'tests/payment.test.yaml:4:15 test.unknown-step',
  ])
})

test('a variable that is not set is one problem of its connection, and none of the flows that call it', async () => {
  const { out } = await shuniu(['lint', '--project', example, '--json'])
  const problems = (JSON.parse(out) as Linted).problems.map(({ code, place }) => `${place.file} ${code}`)
  expect(problems).toEqual([
    'connections/dingtalk-main.yaml config.missing-variable',
    'connections/kingdee-main.yaml config.missing-variable',
  ])
})

test('where a project has no connection at all, none is guessed', async () => {
  const project = copyOfExample()
  rmSync(join(project.path, 'connections'), { recursive: true })
  const { out } = await shuniu(['lint', '--project', project.path], { environment })
  project.remove()
  expect(out).toContain('flow.unknown-connection')
  expect(out).not.toContain('Did you mean')
})

/** Codes of the errors that lint finds in the example with one file changed. */
async function linted(file: string, change: (text: string) => string): Promise<string[]> {
  const project = copyOfExample()
  onTestFinished(() => project.remove())
  const path = join(project.path, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, change(existsSync(path) ? readFileSync(path, 'utf8') : ''))
  const { out } = await shuniu(['lint', '--project', project.path, '--json'], { environment })
  const errors = (JSON.parse(out) as Linted).problems.filter(({ severity }) => severity === 'error')
  return errors.map(({ code, place }) => `${place.file}:${place.line} ${code}`)
}

test.each([
  ['flows/payment-to-voucher.yaml', /since:.*\n/, '', 'config.missing-key'],
  ['connections/dingtalk-main.yaml', 'connector:', 'konnector: x\nconnector:', 'config.unknown-key'],
  ['connections/dingtalk-main.yaml', '  clientId:', '\tclientId:', 'config.yaml'],
  ['tables/department.csv', /D03/, 'D03,one,too,many', 'table.'],
])('what misses %s, which is there but broken (%s), is no problem besides', async (file, from, to, code) => {
  const problems = await linted(file, (text) => text.replace(from, to))
  expect(problems).toEqual([expect.stringContaining(`${file}:`)])
  expect(problems[0]).toContain(code)
})

test.each(['MADE-UP-secret', '${env:DINGTALK_SECRET:-MADE-UP-secret}', 'x${file:secrets/dingtalk-simulator}'])(
  'the secret %s is refused, wherever it stands',
  async (written) => {
    const file = 'connections/dingtalk-main.yaml'
    const inSettings = await linted(file, (text) => text.replace(/clientSecret: .*/, `clientSecret: "${written}"`))
    expect(inSettings).toEqual([expect.stringContaining('config.secret-in-clear')])
    const deeper = await linted(file, (text) => text.replace(/aesKey: .*/, `aesKey: "${'a'.repeat(43)}"`))
    expect(deeper).toEqual([expect.stringContaining('config.secret-in-clear')])
  },
)

test('a contract of the project cannot stand in for a shipped one, and says where it is wrong', async () => {
  const shipped = contract('approval.payment.approved').text
  const file = 'contracts/approval.payment.approved.avsc'
  expect(await linted(file, () => shipped)).toEqual([`${file}:1 contract.twice`])
  const wrong = JSON.stringify(JSON.parse(shipped), undefined, 2).replace('"owner": "', '"owner": "", "was": "')
  const line = wrong.slice(0, wrong.indexOf('"owner"')).split('\n').length
  expect(await linted(file, () => wrong)).toEqual([`${file}:${line} contract.attribute`])
})

test('a problem has the nearest right name in its help', async () => {
  const { out } = await shuniu(['lint', '--project', broken, '--json'])
  const helps = Object.fromEntries(
    (JSON.parse(out) as Linted).problems.map(({ code, message, help }) => [code, message + help]),
  )
  expect(helps['table.unknown']).toContain('department')
  expect(helps['expression.unknown-field']).toContain('lines')
  expect(helps['flow.unknown-operation']).toContain('voucher.save')
  expect(helps['test.unknown-step']).toContain('voucher')
})

test('for people a problem is place, code, sentence, and what to do', async () => {
  const { out, err } = await shuniu(['lint', '--project', broken, '--lang', 'zh'])
  expect(out).toMatch(/^flows\/payment\.yaml:6:15 {2}错误 {2}table\.unknown {2}没有映射表“departement”/m)
  expect(out).toMatch(/^ {4}→ 最接近的名称：lines/m)
  expect(err).toContain('9 个错误')
})

test('SARIF names file, line and rule', async () => {
  const { out } = await shuniu(['lint', '--project', broken, '--sarif'])
  const { version, runs } = JSON.parse(out) as { version: string; runs: { results: object[] }[] }
  expect(version).toBe('2.1.0')
  expect(runs[0]?.results[4]).toMatchObject({
    ruleId: 'table.unknown',
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'flows/payment.yaml' },
          region: { startLine: 6, startColumn: 15 },
        },
      },
    ],
  })
})

test('a folder without a project says what is missing', async () => {
  const { code, out } = await shuniu(['lint', '--project', fileURLToPath(new URL('.', import.meta.url))])
  expect(code).toBe(1)
  expect(out).toContain('config.not-found')
})
