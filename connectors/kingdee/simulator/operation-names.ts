import type { Call, Method } from './call.ts'
import { vendorCalls } from './call.ts'
import { isObject, member } from './json.ts'
import { dataOf, formIdOf } from './operations.ts'
import { isReversal } from './save.ts'

/** How the hub's connector calls its operations; faults can be put on these and on the vendor's own calls. */
const hubOperations = [
  'voucher.save',
  'voucher.reverse',
  'voucher.submit',
  'voucher.audit',
  'voucher.unaudit',
  'voucher.delete',
  'voucher.read',
  'voucher.find',
  'query',
  'login',
] as const
type HubOperation = (typeof hubOperations)[number]

export const operations: readonly string[] = [...hubOperations, ...vendorCalls]

const byMethod: Readonly<Record<Method, HubOperation | undefined>> = {
  ValidateUser: 'login',
  LoginByAppSecret: 'login',
  LoginBySign: 'login',
  LogOut: undefined,
  GetDataCenterList: undefined,
  Save: 'voucher.save',
  BatchSave: 'voucher.save',
  Draft: 'voucher.save',
  Submit: 'voucher.submit',
  Audit: 'voucher.audit',
  UnAudit: 'voucher.unaudit',
  Delete: 'voucher.delete',
  View: 'voucher.read',
  ExecuteBillQuery: 'query',
  BillQuery: 'query',
  QueryBusinessInfo: 'query',
}

/** The names of one call, the connector's first: a query of vouchers is `voucher.find`, a negative Save a reversal. */
export function operationNames(call: Call): readonly string[] {
  const name = hubName(call)
  return name === undefined ? [call.method] : [name, call.method]
}

function hubName(call: Call): HubOperation | undefined {
  const name = byMethod[call.method]
  if (name === 'query' && call.method !== 'QueryBusinessInfo')
    return formIdOf(call) === 'GL_VOUCHER' ? 'voucher.find' : name
  if (call.method !== 'Save') return name
  const model = member(dataOf(call) ?? {}, 'Model')
  return isObject(model) && isReversal(model) ? 'voucher.reverse' : name
}
