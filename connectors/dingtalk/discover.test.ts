import { expect, test } from 'vitest'
import { userName } from './contacts.ts'
import { discover } from './discover.ts'
import { expenseForm, fact, openVendor, type ScriptedVendor, type Said } from './test-ground.ts'

interface Sample {
  readonly response: Said & { readonly body: { readonly result: object } }
}
const LIST = '/v1.0/workflow/processes/managements/templates'
const SCHEMA = '/v1.0/workflow/forms/schemas/processCodes'
const DEPARTMENTS = '/topapi/v2/department/listsub'
const USERS = '/topapi/v2/user/list'
const schema = fact<Sample>('api-form-schema').response.body

async function openOrganisation(): Promise<ScriptedVendor> {
  const vendor = await openVendor()
  vendor.says(LIST, { body: { success: true, result: [{ flowTitle: '费用报销单', processCode: expenseForm }] } })
  vendor.says(SCHEMA, { body: schema })
  vendor.says(DEPARTMENTS, ({ body }) => {
    const { dept_id } = JSON.parse(body) as { dept_id: unknown }
    if (dept_id === 1) return { body: fact<Sample>('api-department-listsub').response.body }
    return { body: { errcode: 0, result: [] } }
  })
  vendor.says(USERS, ({ body }) => {
    const { dept_id, cursor } = JSON.parse(body) as { dept_id: unknown; cursor: unknown }
    const first = fact<Sample>('api-user-list').response.body
    if (dept_id !== 587120342) return { body: { errcode: 0, result: { has_more: false, list: [] } } }
    return cursor === 0
      ? { body: first }
      : { body: { errcode: 0, result: { has_more: false, list: [{ userid: 'manager6812', name: '王建国' }] } } }
  })
  return vendor
}

test('forms are read with ids, labels, aliases, options, formats and columns', async () => {
  await using vendor = await openOrganisation()
  const { forms } = await discover(vendor.session({ commentAs: 'manager' }))
  expect(forms).toHaveLength(1)
  expect(forms[0]).toMatchObject({ id: expenseForm, title: '费用报销单' })
  expect(forms[0]?.fields).toEqual([
    { id: 'TextareaField_0J9WD3H6P100', label: '报销事由', component: 'TextareaField', required: true },
    {
      id: 'DDSelectField_1Q7LZ3XK9S00',
      label: '报销类型',
      component: 'DDSelectField',
      required: true,
      options: ['差旅报销', '日常报销'],
    },
    {
      id: 'TableField_1H6KJ2B9WQ80',
      label: '费用明细',
      component: 'TableField',
      required: true,
      columns: [
        expect.objectContaining({ label: '费用类型', options: ['差旅费', '住宿费', '市内交通费', '业务招待费'] }),
        expect.objectContaining({ label: '摘要' }),
        expect.objectContaining({ label: '金额（元）', component: 'MoneyField' }),
        expect.objectContaining({ label: '发生日期', format: 'yyyy-MM-dd' }),
      ],
    },
    {
      id: 'MoneyField_1M2V8D0T4EO0',
      label: '报销总额（元）',
      component: 'MoneyField',
      required: true,
      alias: 'total_amount',
    },
    { id: 'DDAttachment_0J9WD3H6P600', label: '发票附件', component: 'DDAttachment' },
  ])
})

test('options may be objects or JSON, a label may be a pair, and what holds nothing is no field', async () => {
  await using vendor = await openOrganisation()
  const items = [
    { componentName: 'TextNote', props: { id: 'TextNote_1' } },
    {
      componentName: 'DDSelectField',
      props: { id: 's', label: 'S', options: ['{"value":"a","key":"0"}', { value: 'b' }] },
    },
    { componentName: 'DDDateRangeField', props: { id: 'r', label: ['从', '到'] } },
  ]
  vendor.says(SCHEMA, { body: { result: { name: 'F', schemaContent: { items } } } })
  const [form] = (await discover(vendor.session({ commentAs: 'manager' }))).forms
  expect(form?.fields).toEqual([
    { id: 's', label: 'S', component: 'DDSelectField', options: ['a', 'b'] },
    { id: 'r', label: '从~到', component: 'DDDateRangeField' },
  ])
})

test('two fields with one label are told', async () => {
  await using vendor = await openOrganisation()
  const items = ['a', 'b'].map((id) => ({ componentName: 'TextField', props: { id, label: '备注' } }))
  vendor.says(SCHEMA, { body: { result: { name: 'F', schemaContent: { items } } } })
  const session = vendor.session({ commentAs: 'manager' })
  await discover(session)
  expect(session.ground).toMatchObject({ logged: [['dingtalk.label-twice', { form: expenseForm, labels: ['备注'] }]] })
})

test('a form that was switched off is left out', async () => {
  await using vendor = await openOrganisation()
  vendor.says(SCHEMA, { body: { result: { ...schema.result, status: 'INVALID' } } })
  expect((await discover(vendor.session({ commentAs: 'manager' }))).forms).toEqual([])
})

test('departments and users are listed level by level and page by page, each once', async () => {
  await using vendor = await openOrganisation()
  const { lists } = await discover(vendor.session({ commentAs: 'manager' }))
  expect(lists.departments).toEqual([
    { id: '587120341', name: '市场部', parent: '1' },
    { id: '587120342', name: '财务部', parent: '1' },
    { id: '587120343', name: '采购部', parent: '1' },
  ])
  expect(lists.users).toEqual([
    { id: '25341768092134750', name: '陈雪', department: '587120342' },
    { id: '093621478512036700', name: '赵强', department: '587120342' },
    { id: 'manager6812', name: '王建国', department: '587120342' },
  ])
})

test('pages that lead in a circle end', async () => {
  await using vendor = await openOrganisation()
  vendor.says(USERS, { body: { errcode: 0, result: { has_more: true, next_cursor: 0, list: [] } } })
  expect((await discover(vendor.session({ commentAs: 'manager' }))).lists.users).toEqual([])
})

test('forms whose codes are known need no list, and nobody to ask for', async () => {
  await using vendor = await openOrganisation()
  const { forms } = await discover(vendor.session(), [expenseForm])
  expect(forms.map(({ id }) => id)).toEqual([expenseForm])
  expect(vendor.asked.some(({ path }) => path === LIST)).toBe(false)
})

test('without somebody to ask for, it says what to set', async () => {
  await using vendor = await openOrganisation()
  await expect(discover(vendor.session())).rejects.toMatchObject({ code: 'dingtalk.no-user' })
})

test('an answer without departments is a failure, not an empty organisation', async () => {
  await using vendor = await openOrganisation()
  vendor.says(DEPARTMENTS, { body: { errcode: 0 } })
  await expect(discover(vendor.session({ commentAs: 'm' }))).rejects.toMatchObject({ code: 'dingtalk.nonsense' })
})

test('a name is read from the sample', async () => {
  await using vendor = await openVendor()
  vendor.says('/topapi/v2/user/get', { body: fact<Sample>('api-user-get').response.body })
  expect(await userName(vendor.session(), '01482567391029374')).toBe('李晓敏')
})
