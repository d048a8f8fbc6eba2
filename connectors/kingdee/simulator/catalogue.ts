import type { Desk } from './desk.ts'
import { accountForm, baseForms, calendarForm } from './forms.ts'
import type { Form } from './forms.ts'
import type { JsonObject } from './json.ts'
import { runQuery } from './query.ts'
import type { Found } from './query.ts'
import { voucherEntities, voucherForm } from './voucher-form.ts'

/** One form as the operations see it. */
export interface CatalogueForm {
  readonly id: string
  readonly title: string
  readonly fields: readonly string[]
  query(data: JsonObject): Found
  /** The reply of QueryBusinessInfo. */
  describe(): object
}

/** The forms that exist, by id. */
export type Catalogue = ReadonlyMap<string, CatalogueForm>

type Entities = Readonly<Record<string, readonly { readonly key: string; readonly type: string }[]>>

function catalogued<Row>(form: Form<Row>, entities: Entities = { FBillHead: form.columns }): CatalogueForm {
  return {
    id: form.id,
    title: form.title,
    fields: form.columns.map((column) => column.key),
    query: (data) => runQuery(form, data),
    describe: () => businessInfo(form, entities),
  }
}

const multi = (text: string) => [{ Key: 2052, Value: text }]

/** The detailed shape of this reply is unconfirmed (kingdee.md §4.5). */
function businessInfo<Row>({ id, title, key }: Form<Row>, entities: Entities): object {
  const entrys = Object.entries(entities).map(([entity, columns]) => ({
    Key: entity,
    Name: multi(entity),
    Fields: columns.map((column) => ({
      Key: column.key,
      Name: multi(column.key),
      FieldType: column.type,
      MustInput: mustInput.has(column.key),
    })),
  }))
  return {
    Result: {
      ResponseStatus: { IsSuccess: true, Errors: [], SuccessEntitys: [], SuccessMessages: [], MsgCode: 0 },
      NeedReturnData: { Id: id, Name: multi(title), PkFieldName: key, Entrys: entrys },
    },
  }
}

const mustInput = new Set([
  'FAccountBookID',
  'FDate',
  'FVOUCHERGROUPID',
  'FEXPLANATION',
  'FACCOUNTID',
  'FCURRENCYID',
  'FEXCHANGERATETYPE.FNumber',
])

/** GL_VOUCHER and the base data it refers to; every other form id is unknown here. */
export function openCatalogue(desk: Desk): Catalogue {
  const forms = [
    catalogued(voucherForm(desk.vouchers), voucherEntities),
    catalogued(accountForm(desk.isForbidden)),
    catalogued(calendarForm(desk.periods.list)),
    ...baseForms.map((form) => catalogued(form)),
  ]
  return new Map(forms.map((form) => [form.id, form]))
}
