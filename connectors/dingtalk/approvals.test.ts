import { Instant } from '@shuniu/contracts'
import type { FormDescription, Handed, Reading } from '@shuniu/sdk'
import { describe, expect, test } from 'vitest'
import { approval } from './approvals.ts'
import { handedOf, handedOfSweep } from './events.ts'
import { expense, expenseForm, factText, openVendor, sampleDetail, type ScriptedVendor } from './test-ground.ts'

const INSTANCE = '/v1.0/workflow/processInstances'
const USER = '/topapi/v2/user/get'

/** A vendor that knows these details by id, and 李晓敏. */
async function vendorWith(details: Readonly<Record<string, object>>): Promise<ScriptedVendor> {
  const vendor = await openVendor()
  vendor.says(INSTANCE, ({ query }) => {
    const detail = details[query.get('processInstanceId') ?? '']
    return detail
      ? { body: JSON.stringify({ success: true, result: detail }) }
      : { status: 400, body: { code: 'processInstanceNotExist', message: '审批实例不存在' } }
  })
  vendor.says(USER, { body: JSON.parse(factText('api-user-get')).response.body })
  return vendor
}

const completed = (changed: object = {}) => sampleDetail('completed', changed)
const finishPush = handedOf(factText('event-http-bpms-instance-finish-agree'))
const push = (changed: object): Handed => handedOf(JSON.stringify({ ...JSON.parse(finishPush.body), ...changed }))

async function readOne(
  details: Readonly<Record<string, object>>,
  receipt: Handed,
  forms: FormDescription[] = [],
): Promise<Reading> {
  await using vendor = await vendorWith(details)
  return await approval.read(vendor.session(), receipt, Object.fromEntries(forms.map((form) => [form.id, form])))
}

function documentOf(reading: Reading) {
  if (reading.is !== 'document') throw new Error(`${reading.is}: ${reading.because}`)
  return reading.document
}

describe('a finished approval', () => {
  test('is the document that expressions see', async () => {
    const document = documentOf(await readOne({ [expense]: completed() }, finishPush))
    expect(document).toMatchObject({
      form: expenseForm,
      id: expense,
      root: expense,
      kind: 'new',
      number: '202601050920000153862',
      final: true,
      at: Instant.parse('2026-01-05T03:30Z'),
      rootAt: Instant.parse('2026-01-05T03:30Z'),
      agreedChanges: 0,
      values: {
        title: '李晓敏提交的费用报销单',
        status: 'COMPLETED',
        result: 'agree',
        createdAt: Instant.parse('2026-01-05T01:20Z'),
        finishedAt: Instant.parse('2026-01-05T03:30Z'),
        originator: { id: '01482567391029374', name: '李晓敏' },
        department: { id: '587120341', name: '市场部' },
        fields: { '报销总额（元）': '4326.50' },
      },
    })
  })

  test('is the same document by push and by sweep', async () => {
    const pushed = await readOne({ [expense]: completed() }, finishPush)
    const swept = await readOne({ [expense]: completed() }, handedOfSweep(expenseForm, expense))
    expect(swept).toEqual(pushed)
  })

  test('that was refused is a document as well, with another version', async () => {
    const refused = documentOf(
      await readOne({ [expense]: completed({ result: 'refuse' }) }, push({ result: 'refuse' })),
    )
    expect(refused.values).toMatchObject({ result: 'refuse' })
    expect(refused.version).not.toBe(documentOf(await readOne({ [expense]: completed() }, finishPush)).version)
  })

  test('keeps the labels of the saved form', async () => {
    const field = { id: 'MoneyField_1M2V8D0T4EO0', label: '总额', component: 'MoneyField' }
    const form: FormDescription = { id: expenseForm, title: '报销', fields: [field] }
    const document = documentOf(await readOne({ [expense]: completed() }, finishPush, [form]))
    expect(document.values).toMatchObject({ fields: { 总额: '4326.50' } })
  })

  test('whose originator has left has no name, and is not asked about again', async () => {
    await using vendor = await vendorWith({ [expense]: completed() })
    vendor.says(USER, { body: { errcode: 60121, errmsg: '找不到该用户' } })
    const session = vendor.session()
    const first = documentOf(await approval.read(session, finishPush, {}))
    await approval.read(session, finishPush, {})
    expect(first.values).toMatchObject({ originator: { id: '01482567391029374', name: null } })
    expect(vendor.asked.filter(({ path }) => path === USER)).toHaveLength(1)
  })

  test('is not given without its name when DingTalk is only busy', async () => {
    await using vendor = await vendorWith({ [expense]: completed() })
    vendor.says(USER, { body: { errcode: -1, errmsg: '系统繁忙' } })
    await expect(approval.read(vendor.session(), finishPush, {})).rejects.toMatchObject({ failureClass: 'transient' })
  })
})

describe('what is no document', () => {
  test.each([
    'event-http-bpms-instance-start',
    'event-http-bpms-instance-delete',
    'event-http-bpms-task-start',
    'event-http-bpms-task-finish-agree',
    'event-http-user-add-org',
    'event-http-org-dept-remove',
    'event-http-todo-task-create',
  ])('%s is skipped without a call (B05)', async (name) => {
    await using vendor = await vendorWith({})
    const reading = await approval.read(vendor.session(), handedOf(factText(name)), {})
    expect(reading).toMatchObject({ is: 'skipped', final: false })
    expect(vendor.asked).toEqual([])
  })

  test('an event of another organisation is skipped without a call', async () => {
    await using vendor = await vendorWith({})
    const reading = await approval.read(vendor.session({ corpId: 'ding-other' }), finishPush, {})
    expect(reading).toMatchObject({ is: 'skipped', final: false })
    expect(vendor.asked).toEqual([])
  })

  test('a withdrawn approval is skipped for good', async () => {
    const receipt = handedOf(factText('event-http-bpms-instance-terminate'))
    const reading = await readOne({ [receipt.subject]: sampleDetail('terminated') }, receipt)
    expect(reading).toMatchObject({ is: 'skipped', final: true })
  })

  test('a running approval found by a sweep is skipped until later', async () => {
    const reading = await readOne({ [expense]: sampleDetail('running') }, handedOfSweep(expenseForm, expense))
    expect(reading).toMatchObject({ is: 'skipped', final: false })
  })

  test.each(['', 'null', '{"EventType":', '{}'])('a receipt %j is unreadable', async (body) => {
    expect(await readOne({}, handedOf(body))).toMatchObject({ is: 'unreadable' })
  })

  test.each([
    ['an unknown action', { bizAction: 'TRANSFER' }],
    ['a change of nothing', { bizAction: 'MODIFY' }],
    ['a revocation of nothing', { bizAction: 'REVOKE' }],
    ['a new one that belongs to another', { mainProcessInstanceId: 'other' }],
    ['no number', { businessId: '' }],
    ['no status', { status: undefined }],
    ['a time without a zone', { finishTime: '2026-01-05 03:30' }],
  ])('a detail with %s is unreadable: a revocation must not become a payment', async (_, changed) => {
    expect(await readOne({ [expense]: completed(changed) }, finishPush)).toMatchObject({ is: 'unreadable' })
  })
})

describe('a push that contradicts the detail is read again (B08)', () => {
  test.each([
    ['finish, but it runs', sampleDetail('running'), {}],
    ['agree, but it was refused', completed({ result: 'refuse' }), {}],
    ['refuse, but it was agreed', completed(), { result: 'refuse' }],
    ['terminate, but it was agreed', completed(), { type: 'terminate', result: undefined }],
    ['finish, but it was withdrawn', sampleDetail('terminated'), {}],
    ['finish, but it has no result yet', completed({ result: '' }), {}],
    ['finish, but it has no time yet', completed({ finishTime: 'null' }), {}],
  ])('%s', async (_, detail, changed) => {
    expect(await readOne({ [expense]: detail }, push(changed))).toMatchObject({ is: 'again' })
  })

  test('finish, but nobody knows the approval', async () => {
    expect(await readOne({}, finishPush)).toMatchObject({ is: 'again' })
  })
})

/** The first approval, changes of it, and a document read from such a set by a sweep. */
const main = (more: object = {}) => completed({ finishTime: '2026-01-05T03:30Z', ...more })
const after = (bizAction: string, minute: string, more: object = {}) =>
  completed({ bizAction, mainProcessInstanceId: 'root', finishTime: `2026-01-06T00:${minute}Z`, ...more })
const readSwept = async (details: Readonly<Record<string, object>>, id: string) =>
  documentOf(await readOne(details, handedOfSweep(expenseForm, id)))

describe('changes and revocations', () => {
  test('a change counts itself, and carries its root and the time of the root', async () => {
    const details = { root: main({ attachedProcessInstanceIds: ['m1'] }), m1: after('MODIFY', '10') }
    expect(await readSwept(details, 'm1')).toMatchObject({
      id: 'm1',
      root: 'root',
      kind: 'modify',
      agreedChanges: 1,
      rootAt: Instant.parse('2026-01-05T03:30Z'),
    })
  })

  test('agreed changes count in the order of their ends, then of their ids', async () => {
    const details = {
      root: main({ attachedProcessInstanceIds: ['m3', 'm1', 'refused', 'running', 'm2'] }),
      m1: after('MODIFY', '10'),
      m2: after('MODIFY', '20'),
      m3: after('MODIFY', '20'),
      refused: after('MODIFY', '05', { result: 'refuse' }),
      running: after('MODIFY', '05', { status: 'RUNNING', result: '', finishTime: undefined }),
    }
    const numbers = await Promise.all(
      ['m1', 'm2', 'm3'].map(async (id) => (await readSwept(details, id)).agreedChanges),
    )
    expect(numbers).toEqual([1, 2, 3])
  })

  test('a revocation carries the changes agreed before it, and is never new', async () => {
    const details = {
      root: main({ attachedProcessInstanceIds: ['m1', 'revoke', 'm2'] }),
      m1: after('MODIFY', '10'),
      revoke: after('REVOKE', '20'),
      m2: after('MODIFY', '30'),
    }
    expect(await readSwept(details, 'revoke')).toMatchObject({ kind: 'revoke', root: 'root', agreedChanges: 1 })
  })

  test('a change of a change leads to the first approval', async () => {
    const details = {
      root: main({ attachedProcessInstanceIds: ['m1'] }),
      m1: after('MODIFY', '10', { attachedProcessInstanceIds: ['m2'] }),
      m2: after('MODIFY', '20', { mainProcessInstanceId: 'm1' }),
    }
    expect(await readSwept(details, 'm2')).toMatchObject({ root: 'root', agreedChanges: 2 })
  })

  test('a ring of changes is unreadable, not endless', async () => {
    const details = {
      m1: after('MODIFY', '10', { mainProcessInstanceId: 'm2' }),
      m2: after('MODIFY', '20', { mainProcessInstanceId: 'm1' }),
    }
    expect(await readOne(details, handedOfSweep(expenseForm, 'm1'))).toMatchObject({ is: 'unreadable' })
  })

  test('a change deleted since does not count', async () => {
    const details = { root: main({ attachedProcessInstanceIds: ['gone', 'm1'] }), m1: after('MODIFY', '10') }
    expect(await readSwept(details, 'm1')).toMatchObject({ agreedChanges: 1 })
  })

  test('finished changes are read once in a session', async () => {
    await using vendor = await vendorWith({
      root: main({ attachedProcessInstanceIds: ['m1', 'm2'] }),
      m1: after('MODIFY', '10'),
      m2: after('MODIFY', '20'),
    })
    const session = vendor.session()
    await approval.read(session, handedOfSweep(expenseForm, 'm2'), {})
    const before = vendor.asked.length
    await approval.read(session, handedOfSweep(expenseForm, 'm2'), {})
    const asked = vendor.asked.slice(before).map(({ query }) => query.get('processInstanceId'))
    expect(asked).toEqual(['m2', 'root'])
  })
})

test('the type of a document names what a mapping may use', () => {
  const form: FormDescription = {
    id: expenseForm,
    title: '报销',
    fields: [{ id: 'MoneyField_1', label: '总额', component: 'MoneyField', required: true }],
  }
  expect(approval.documentType(form)).toMatchObject({
    kind: 'record',
    fields: {
      revision: { type: { kind: 'integer' } },
      finishedAt: { type: { kind: 'instant' } },
      fields: { type: { kind: 'record', fields: { 总额: { type: { kind: 'string' } } } } },
    },
  })
  expect(approval.documentType()).toMatchObject({ fields: { fields: { type: { kind: 'map' } } } })
})
