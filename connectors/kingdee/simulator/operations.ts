import type { TakenFault } from '@shuniu/sdk/simulator'
import { msgCode, noPermission, Refusal, ServerException, unknownForm } from './answers.ts'
import { argument } from './call.ts'
import type { Call } from './call.ts'
import type { Catalogue, CatalogueForm } from './catalogue.ts'
import type { Desk } from './desk.ts'
import { isObject, member, textOf } from './json.ts'
import type { JsonObject } from './json.ts'
import type { User } from './tenant.ts'
import { voucherOperation } from './voucher-operations.ts'

/** What one DynamicFormService call works with. */
export interface Work {
  readonly call: Call
  readonly user: User
  readonly desk: Desk
  readonly forms: Catalogue
  readonly fault?: TakenFault
}

/** True for the calls whose failures hide in a one-cell table. */
export const isQuery = ({ method }: Call): boolean => method === 'ExecuteBillQuery' || method === 'BillQuery'

/** The data of a call; undefined when it is no object. */
export function dataOf({ args }: Call): JsonObject | undefined {
  const data = args['data']
  return isObject(data) ? data : undefined
}

/** The form a call is about: an argument of its own, or inside the data. */
export const formIdOf = (call: Call): string => argument(call, 'formid') || textOf(member(dataOf(call) ?? {}, 'FormId'))

/** Does the work; the body of the answer, or a Refusal or ServerException thrown. */
export async function perform(work: Work): Promise<unknown> {
  const { call, forms, user } = work
  const data = dataOf(call)
  if (!data) throw new ServerException('未将对象引用设置到对象的实例。')
  const form = formNamed(forms, formIdOf(call))
  switch (call.method) {
    case 'ExecuteBillQuery':
      return find(form, user, data).rows
    case 'BillQuery': {
      const { keys, rows } = find(form, user, data)
      return rows.map((row) => Object.fromEntries(keys.map((key, index) => [key, row[index]])))
    }
    case 'QueryBusinessInfo':
      return form.describe()
    default:
      if (form.id !== 'GL_VOUCHER' || !user.mayUseVouchers) throw noPermission()
      return voucherOperation(work, data)
  }
}

function formNamed(forms: Catalogue, id: string): CatalogueForm {
  // Own invention: the text.
  if (id === '') throw new Refusal(msgCode.formIdEmpty, '业务对象标识不能为空')
  const form = forms.get(id)
  if (!form) throw unknownForm(id)
  return form
}

/** Without rights the answer is empty instead of a refusal (kingdee.md §1.1), after the fields have been checked. */
function find(form: CatalogueForm, user: User, data: JsonObject) {
  const found = form.query(data)
  return form.id === 'GL_VOUCHER' && !user.mayUseVouchers ? { ...found, rows: [] } : found
}
