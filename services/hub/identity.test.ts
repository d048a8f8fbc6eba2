import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HubError } from '@shuniu/contracts'
import { loadProject, type Project } from '@shuniu/infra/config'
import { openEmbedded, type Embedded } from '@shuniu/infra/embedded'
import { openEmbeddedStore, type Store } from '@shuniu/infra/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rememberConnections, sharedIdentities, unsaidRenames, withFirstNames } from './identity.ts'

const example = fileURLToPath(new URL('../../examples/payment-to-voucher', import.meta.url))
let folder: string
let embedded: Embedded
let store: Store

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shuniu-identity-'))
  cpSync(example, join(folder, 'project'), { recursive: true })
  embedded = await openEmbedded({ folder: join(folder, 'data') })
  store = openEmbeddedStore(embedded)
  await started(await project())
})
afterEach(async () => {
  await embedded.close()
  rmSync(folder, { recursive: true, force: true })
})

async function project(): Promise<Project> {
  const environment = { DINGTALK_URL: 'http://127.0.0.1:1', KINGDEE_URL: 'http://127.0.0.1:2' }
  return (await loadProject(join(folder, 'project'), { environment })).project
}

/** What a start leaves behind: the connections, and the flows as active. */
async function started({ flows, ...rest }: Project): Promise<void> {
  const active = [...flows.values()].map((flow) => ({
    flow: flow.formerly ?? flow.flow,
    version: 'v',
    source: flow.text,
    active: 1,
    active_from: 1,
    registered_at: 1,
  }))
  await store.commit([
    rememberConnections({ flows, ...rest }),
    ...active.map((row) => ({ upsert: 'flows', row }) as const),
  ])
}

/** Renames a file of the project and what it says its name is; `more` is added to it. */
function rename(kind: 'flow' | 'connection', from: string, to: string, more = ''): void {
  const path = (name: string): string => join(folder, 'project', `${kind}s`, `${name}.yaml`)
  renameSync(path(from), path(to))
  const text = readFileSync(path(to), 'utf8').replace(`${kind}: ${from}`, `${kind}: ${to}`)
  writeFileSync(path(to), `${text}${more}`)
}

const said = async () =>
  (await unsaidRenames(await project(), store)).map(({ error }) => [error.code, error.place?.file, error.parameters])

describe('a start', () => {
  test('of the same project has nothing to ask', async () => {
    expect(await said()).toEqual([])
  })

  test('with a flow gone and another there asks whether it was renamed, and shows where', async () => {
    rename('flow', 'payment-to-voucher', 'pay')
    const parameters = { name: 'pay', vanished: 'payment-to-voucher' }
    expect(await said()).toEqual([['project.renamed-flow', 'flows/pay.yaml', parameters]])
  })

  test('takes `formerly:` and `new: true` for an answer', async () => {
    rename('flow', 'payment-to-voucher', 'pay', 'formerly: payment-to-voucher\n')
    rename('connection', 'kingdee-main', 'ledger', 'new: true\n')
    expect(await said()).toEqual([])
  })

  test('asks again when `formerly:` names what nobody knows', async () => {
    rename('flow', 'payment-to-voucher', 'pay', 'formerly: payment-to-vouchers\n')
    expect(await said()).toMatchObject([['project.renamed-flow', 'flows/pay.yaml', { name: 'pay' }]])
  })

  test('asks about a connection only when one of the same connector is gone', async () => {
    rename('connection', 'dingtalk-main', 'office')
    expect(await said()).toEqual([
      ['project.renamed-connection', 'connections/office.yaml', { name: 'office', vanished: 'dingtalk-main' }],
    ])
    rename('connection', 'office', 'dingtalk-main')
    cpSync(join(folder, 'project/connections/kingdee-main.yaml'), join(folder, 'project/connections/kingdee-two.yaml'))
    rename('connection', 'kingdee-two', 'kingdee-three')
    expect(await said()).toEqual([])
  })

  test('lets a flow go, and a new one come later', async () => {
    rename('flow', 'payment-to-voucher', 'pay')
    await started({ ...(await project()), flows: new Map() })
    await store.commit([{ update: 'flows', where: { flow: 'payment-to-voucher' }, set: { active: 0 } }])
    expect(await said()).toEqual([])
  })
})

describe('a step', () => {
  const [voucher, note] = ['  - name: voucher\n', '  - name: note\n']

  /** Writes other lines into the flow. */
  function edit(...changes: readonly (readonly [string, string])[]): void {
    const path = join(folder, 'project/flows/payment-to-voucher.yaml')
    const edited = changes.reduce((text, [from, to]) => text.replace(from, to), readFileSync(path, 'utf8'))
    writeFileSync(path, edited)
  }

  test('that is gone beside a new one of the same operation is asked about', async () => {
    edit([voucher, '  - name: bill\n'])
    const parameters = { flow: 'payment-to-voucher', name: 'bill', vanished: 'voucher' }
    expect(await said()).toEqual([['project.renamed-step', 'flows/payment-to-voucher.yaml', parameters]])
  })

  test('takes `formerly:` and `new: true` for an answer', async () => {
    edit([voucher, '  - name: bill\n    formerly: voucher\n'], [note, '  - name: remark\n    new: true\n'])
    expect(await said()).toEqual([])
  })

  test('may go, and one that calls something else may come', async () => {
    edit([note, '  - name: submitted\n'], ['dingtalk-main/approval.comment', 'kingdee-main/voucher.submit'])
    expect(await said()).toEqual([])
  })

  test('that an earlier version had is no new one', async () => {
    edit([voucher, '  - name: bill\n    new: true\n'])
    const renamed = await project()
    await store.commit([{ update: 'flows', where: {}, set: { active: 0 } }])
    const row = { flow: 'payment-to-voucher', version: 'w', active: 1, active_from: 1, registered_at: 2 }
    const source = renamed.flows.get('payment-to-voucher')?.text ?? ''
    await store.commit([{ upsert: 'flows', row: { ...row, source } }])
    edit(['  - name: bill\n    new: true\n', voucher])
    expect(await said()).toEqual([])
  })

  test('of a renamed flow is known by the flow’s first name', async () => {
    edit([voucher, '  - name: bill\n'])
    rename('flow', 'payment-to-voucher', 'pay', 'formerly: payment-to-voucher\n')
    expect(await said()).toMatchObject([['project.renamed-step', 'flows/pay.yaml', { flow: 'pay', name: 'bill' }]])
  })
})

test('two flows of one first name are a mistake', async () => {
  const path = (name: string): string => join(folder, 'project/flows', `${name}.yaml`)
  const text = readFileSync(path('payment-to-voucher'), 'utf8')
  writeFileSync(path('pay'), `${text.replace('flow: payment-to-voucher', 'flow: pay')}formerly: payment-to-voucher\n`)
  const [problem, ...others] = sharedIdentities(await project())
  expect([problem?.error, others]).toEqual([expect.any(HubError), []])
  expect(problem?.error.parameters).toEqual({
    name: 'payment-to-voucher',
    other: 'pay',
    identity: 'payment-to-voucher',
  })
})

test('a renamed connection is found by both of its names', async () => {
  rename('connection', 'kingdee-main', 'ledger', 'formerly: kingdee-main\n')
  const found = withFirstNames(
    await project(),
    new Map([
      ['ledger', 1],
      ['dingtalk-main', 2],
    ]),
  )
  expect([...found].toSorted()).toEqual([
    ['dingtalk-main', 2],
    ['kingdee-main', 1],
    ['ledger', 1],
  ])
})
