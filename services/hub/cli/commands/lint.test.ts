import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { addresses as environment, copyOfExample, example, shuniu } from '../testing.ts'

const broken = fileURLToPath(new URL('../fixtures/broken', import.meta.url))

interface Linted {
  readonly errors: number
  readonly warnings: number
  readonly problems: readonly {
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
  expect(out).toMatch(/^flows\/payment\.yaml:6:15 {2}error {2}table\.unknown {2}没有映射表“departement”/m)
  expect(out).toMatch(/^ {4}→ 最接近的名称：lines/m)
  expect(err).toContain('8 个错误')
})

test('SARIF names file, line and rule', async () => {
  const { out } = await shuniu(['lint', '--project', broken, '--sarif'])
  const { version, runs } = JSON.parse(out) as { version: string; runs: { results: object[] }[] }
  expect(version).toBe('2.1.0')
  expect(runs[0]?.results[3]).toMatchObject({
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
