/** One component of a form as the schema gives it; a table has children (dingtalk.md §4.1). */
export interface Component {
  readonly componentName: string
  readonly props: {
    readonly id: string
    /** A component of two fields (a date range) has a JSON array of two labels. */
    readonly label: string
    readonly required: boolean
    readonly bizAlias?: string
    readonly options?: readonly string[]
    readonly [more: string]: unknown
  }
  readonly children?: readonly Component[]
}

export interface Form {
  readonly processCode: string
  readonly formUuid: string
  readonly name: string
  readonly items: readonly Component[]
}

type More = Partial<Component['props']>

const component = (kind: string, key: string, label: string, required = false, more: More = {}): Component => ({
  componentName: kind,
  props: { id: `${kind}_${key}`, label, required, ...more },
})
const table = (key: string, label: string, more: More, children: readonly Component[]): Component => ({
  ...component('TableField', key, label, true, more),
  children,
})
const day = { format: 'yyyy-MM-dd', unit: '天' }
const stat = (id: string) => ({
  actionName: '添加',
  statField: [{ id, label: '金额（元）', upper: true }],
  verticalPrint: true,
})

/** What a payment line can be for. */
export const paymentCategories = [
  '差旅费',
  '业务招待费',
  '办公费',
  '交通费',
  '住宿费',
  '培训费',
  '服务费',
  '广告费',
] as const

export const paymentForm: Form = {
  processCode: 'PROC-0F8B2A77-5D3C-4E19-9B60-1A2C3D4E5F60',
  formUuid: 'FORM-3E9A6C14-8B27-4D50-A1F3-72C0E5B9D846',
  name: '付款申请',
  items: [
    component('TextareaField', '2K4PZ7QX1A00', '付款事由', true, { placeholder: '请输入' }),
    component('MoneyField', '2K4PZ7QX1B00', '付款总额（元）', true, { bizAlias: 'total_amount' }),
    component('DepartmentField', '2K4PZ7QX1C00', '费用承担部门', true),
    component('TextField', '2K4PZ7QX1D00', '收款方', true),
    component('TextField', '2K4PZ7QX1E00', '收款账号', true),
    component('DDSelectField', '2K4PZ7QX1F00', '付款方式', true, { options: ['银行转账', '支票', '现金'] }),
    component('DDSelectField', '2K4PZ7QX1G00', '币种', true, { options: ['CNY'] }),
    component('DDDateField', '2K4PZ7QX1H00', '期望付款日期', false, day),
    table('2K4PZ7QX1I00', '费用明细', stat('MoneyField_2K4PZ7QX2C00'), [
      component('DDSelectField', '2K4PZ7QX2A00', '费用类型', true, { options: paymentCategories }),
      component('TextField', '2K4PZ7QX2B00', '摘要', true),
      component('MoneyField', '2K4PZ7QX2C00', '金额（元）', true),
      component('DDDateField', '2K4PZ7QX2D00', '发生日期', false, day),
    ]),
    component('DDAttachment', '2K4PZ7QX1J00', '附件'),
  ],
}

/** The form of the samples, with every component that their instances show. */
export const expenseForm: Form = {
  processCode: 'PROC-5C8E2B7A-41D9-4F60-9A3B-7E1D0C52F846',
  formUuid: 'FORM-7D1B0C92-5E38-4A6F-B027-93C1E4F8D650',
  name: '费用报销单',
  items: [
    component('TextareaField', '0J9WD3H6P100', '报销事由', true, { placeholder: '请输入' }),
    component('DDSelectField', '1Q7LZ3XK9S00', '报销类型', true, { options: ['差旅报销', '日常报销'] }),
    component('DepartmentField', '0J9WD3H6P200', '费用承担部门'),
    component('InnerContactField', '0J9WD3H6P300', '同行人'),
    component('DDDateRangeField', '0J9WD3H6P400', '["开始时间","结束时间"]', false, day),
    component('DDMultiSelectField', '0J9WD3H6P500', '费用标签', false, {
      options: ['内部会议', '客户现场', '展会', '培训', '可转嫁客户'],
    }),
    table('1H6KJ2B9WQ80', '费用明细', stat('MoneyField_5RC0X7YN2C00'), [
      component('DDSelectField', '5RC0X7YN2A00', '费用类型', true, {
        options: ['差旅费', '住宿费', '市内交通费', '业务招待费'],
      }),
      component('TextField', '5RC0X7YN2B00', '摘要', true),
      component('MoneyField', '5RC0X7YN2C00', '金额（元）', true),
      component('DDDateField', '5RC0X7YN2D00', '发生日期', true, day),
    ]),
    component('MoneyField', '1M2V8D0T4EO0', '报销总额（元）', true, { bizAlias: 'total_amount' }),
    component('NumberField', '0J9WD3H6PA00', '发票张数'),
    component('TextField', '0J9WD3H6P800', '收款人开户行'),
    component('TextField', '0J9WD3H6P900', '收款账号'),
    component('DDAttachment', '0J9WD3H6P600', '发票附件'),
    component('DDPhotoField', '0J9WD3H6PB00', '现场照片'),
    component('RelateField', '0J9WD3H6P700', '关联出差申请'),
    component('TextField', '0J9WD3H6PC00', '备注'),
  ],
}

export const forms: readonly Form[] = [paymentForm, expenseForm]

/** Finds a form by processCode or by its name. */
export function findForm(written: string): Form | undefined {
  return forms.find(({ processCode, name }) => processCode === written || name === written)
}

/** Finds a component by label, id or alias. */
export function findComponent(items: readonly Component[], written: string): Component | undefined {
  return items.find(({ props }) => props.label === written || props.id === written || props.bizAlias === written)
}

const MADE = '1757576001000'
const CHANGED_MS = 1764576001000
/** `2025-12-01T08:00Z`, the form of the call that finds a code by name. */
export const formChanged = `${new Date(CHANGED_MS).toISOString().slice(0, 16)}Z`

/** `result` of `GET /v1.0/workflow/forms/schemas/processCodes`. */
export function formSchema({ processCode, formUuid, name, items }: Form): object {
  return {
    creatorUserId: '25341768092134750',
    appUuid: '',
    formCode: processCode,
    formUuid,
    name,
    memo: '',
    ownerIdType: 'orgId',
    schemaContent: { title: name, icon: 'common', items },
    icon: 'null',
    appType: 0,
    engineType: 0,
    status: 'PUBLISHED',
    listOrder: 1,
    customSetting: 'null',
    procType: 'inner',
    visibleRange: 'PRIVATE',
    gmtCreate: MADE,
    gmtModified: String(CHANGED_MS),
  }
}
