import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formsShape, writeForms } from './forms-file.ts'
import { decode } from './decode.ts'
import { nodeAt, placeOf } from './node.ts'
import { loadProject, type Project } from './project.ts'
import { readYaml } from './yaml.ts'

const example = join(import.meta.dirname, 'fixtures/payment-to-voucher')
const environment = {
  DINGTALK_SECRET: 'ding-secret-1',
  KINGDEE_SECRET: 'king-secret-1',
  KINGDEE_URL: 'http://127.0.0.1:9001/k3cloud/',
}

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shuniu-project-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

function write(file: string, text: string | Uint8Array): void {
  mkdirSync(dirname(join(dir, file)), { recursive: true })
  writeFileSync(join(dir, file), text)
}

/** `file:line:column code` of each problem of the folder. */
async function wrongWith(): Promise<string[]> {
  const { problems } = await loadProject(dir, { environment })
  return problems.map(({ error, severity }) => {
    const { file, line, column } = error.place ?? {}
    return `${file}:${line}:${column} ${error.code}${severity === 'warning' ? ' (warning)' : ''}`
  })
}

async function loadExample(): Promise<Project> {
  const { project, problems } = await loadProject(example, { environment })
  expect(problems.map(({ error }) => error.message)).toEqual([])
  return project
}

describe('a project', () => {
  it('gives its hub, with defaults filled in', async () => {
    const { hub } = await loadExample()
    expect(hub).toMatchObject({
      name: 'payment-to-voucher',
      language: 'zh',
      zone: 'Asia/Shanghai',
      notices: { comment: 'dingtalk-main' },
      log: 'embedded',
      store: 'embedded',
      limits: { waiting: 10_000 },
    })
  })

  it('gives connections with their settings resolved, and as they are written', async () => {
    const { connections } = await loadExample()
    const dingtalk = connections.get('dingtalk-main')
    expect([...connections.keys()]).toEqual(['dingtalk-main', 'kingdee-main'])
    expect(dingtalk?.settings).toEqual({
      url: 'https://api.dingtalk.com',
      clientId: 'ding8x',
      clientSecret: 'ding-secret-1',
      stream: true,
      callback: { token: 'token-from-a-file', maxAge: '10m' },
    })
    expect(JSON.stringify(dingtalk?.settingsAsWritten)).not.toContain('ding-secret-1')
    expect(dingtalk?.settingsAsWritten).toMatchObject({ clientSecret: '${env:DINGTALK_SECRET}' })
    expect(dingtalk?.from?.toString()).toBe('2025-12-31T16:00:00.000Z')
    expect(dingtalk?.events?.map((event) => event.emit)).toEqual([
      'approval.payment.approved',
      'approval.payment.withdrawn',
    ])
    expect(dingtalk?.forms[0]?.fields[1]?.columns?.map((column) => column.label)).toEqual(['费用类型', '金额（元）'])
    const save = connections.get('kingdee-main')?.operations?.['voucher.save']
    expect([save?.timeout?.ms, save?.quarantine?.ms, save?.lookUps?.apart?.ms]).toEqual([2000, 8000, 2000])
    expect(save?.because).toContain('within 5 s')
  })

  it('knows every secret that must be masked, and no address', async () => {
    const { secrets } = await loadExample()
    expect(secrets).toEqual(['ding-secret-1', 'token-from-a-file', 'king-secret-1'])
  })

  it('gives flows with their source, and nodes that point into the file', async () => {
    const { flows } = await loadExample()
    const flow = flows.get('payment-to-voucher')
    expect(flow?.text).toContain('flow: payment-to-voucher')
    const step = flow?.steps[1]
    const debit = step?.kind === 'call' ? nodeAt(step.with, ['entries', 0, 'debit']) : undefined
    expect(debit && placeOf(debit)).toEqual({ file: 'flows/payment-to-voucher.yaml', line: 23, column: 18 })
  })

  it('gives tables, tests and contracts', async () => {
    const { tables, tests, contracts } = await loadExample()
    expect([...tables.values()].map((table) => table.shape)).toEqual([
      { name: 'department', keys: ['department'], values: ['code'], dated: true },
      { name: 'expense-account', keys: ['category'], values: ['account'], dated: false },
    ])
    expect(tests.map(({ name, file }) => [name, file])).toEqual([['balanced', 'tests/balanced.test.yaml']])
    expect(contracts.map(({ name }) => name)).toEqual(['note'])
  })

  it('reports every problem of every file at once', async () => {
    write('hub.yaml', 'name: a\ncolour: red')
    write('connections/one.yaml', 'connection: two\nconnector: x\nsettings: { a: "${env:NONE}" }')
    write('connections/bad.yaml', 'connection: [')
    write(
      'connections/one.forms.yaml',
      '- id: F\n  title: f\n  fields: [{ id: a, label: b, component: C, colums: [] }]',
    )
    write('flows/f.yaml', 'flow: f\non: a.b.c\nsteps: [{ wait: 3d }]')
    write('flows/g.yml', 'flow: g')
    write('tables/t.csv', 'k,v\nA,1\nA,2')
    write('tests/x.test.yaml', 'a: 1\na: 2')
    write('contracts/c.avsc', Buffer.from('{}', 'utf16le'))
    expect(await wrongWith()).toEqual([
      'connections/bad.yaml:1:14 config.yaml',
      'connections/one.forms.yaml:3:45 config.unknown-key',
      'connections/one.yaml:1:13 config.name-differs',
      'connections/one.yaml:3:17 config.missing-variable',
      'contracts/c.avsc:1:2 config.control-character',
      'flows/f.yaml:1:1 config.missing-key',
      'flows/f.yaml:3:9 config.step-comes-later',
      'flows/g.yml:1:1 config.stray-file (warning)',
      'hub.yaml:2:1 config.unknown-key',
      'tables/t.csv:3:1 table.overlap',
      'tests/x.test.yaml:2:1 config.duplicate-key',
    ])
  })

  it('needs nothing but its hub file', async () => {
    expect(await wrongWith()).toEqual(['hub.yaml:1:1 config.not-found'])
    write('hub.yaml', 'name: empty')
    expect(await wrongWith()).toEqual([])
  })

  it('warns of forms without their connection, and is silent about files that are not meant for it', async () => {
    write('hub.yaml', 'name: a')
    write('connections/gone.forms.yaml', '[]')
    write('connections/README.md', 'text')
    write('connections/.hidden.yaml', 'text')
    write('tests/sample.json', '{}')
    expect(await wrongWith()).toEqual(['connections/gone.forms.yaml:1:1 config.stray-file (warning)'])
  })

  it('takes a folder in the place of a file for what it is', async () => {
    write('hub.yaml', 'name: a')
    mkdirSync(join(dir, 'flows/x.yaml'), { recursive: true })
    expect(await wrongWith()).toEqual(['flows/x.yaml:1:1 config.unreadable'])
  })

  it('counts the whole address of notices as secret when it came by reference', async () => {
    write('hub.yaml', 'name: a\nnotices: { webhook: "${env:HOOK}" }')
    const hook = 'https://hooks.example/services/T0/B0/xyz'
    const { project, problems } = await loadProject(dir, { environment: { HOOK: hook } })
    expect(problems).toEqual([])
    expect(project.hub.notices.webhook).toBe(hook)
    expect(project.secrets).toEqual([hook])
  })

  it.each(['ftp://x', 'example.com', '5'])('refuses the address "%s" for notices', async (webhook) => {
    write('hub.yaml', `name: a\nnotices: { webhook: ${webhook} }`)
    expect(await wrongWith()).toEqual(['hub.yaml:2:21 config.bad-format'])
  })

  it('H08 does not even read a file of ten megabytes', async () => {
    cpSync(example, dir, { recursive: true })
    write('flows/huge.yaml', '- check: true\n'.repeat(800_000))
    expect(await wrongWith()).toEqual(['flows/huge.yaml:1:1 config.too-large'])
  })
})

describe('a forms file', () => {
  it('is read back as it was written, comment and all', () => {
    const field = {
      id: 'a',
      label: '金额: "x" # y',
      component: 'MoneyField',
      required: true,
      options: ['001', 'true', '='],
    }
    const forms = [{ id: 'PROC-1', title: '付款', fields: [{ ...field, columns: [field] }] }]
    const text = writeForms('dingtalk-main', forms)
    const { node } = readYaml(text, 'connections/dingtalk-main.forms.yaml')
    expect(text).toMatch(/^# Forms of dingtalk-main/)
    expect(node && decode(node, formsShape).value).toEqual(forms)
  })
})
