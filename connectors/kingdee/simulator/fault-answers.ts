import type { SimAnswer, VendorFault } from '@shuniu/sdk/simulator'
import { callLimit, failure, msgCode, ok, queryFailure, Refusal } from './answers.ts'
import type { Call, Method } from './call.ts'
import { member, textOf } from './json.ts'
import { loginRefused } from './login.ts'
import { dataOf, isQuery } from './operations.ts'

const logins: ReadonlySet<Method> = new Set<Method>(['ValidateUser', 'LoginByAppSecret', 'LoginBySign'])
const batches: ReadonlySet<Method> = new Set<Method>(['BatchSave', 'Submit', 'Audit', 'UnAudit', 'Delete'])

/** A failure in the form the caller of this method expects. */
export function refused(call: Call, refusal: Refusal): SimAnswer {
  if (logins.has(call.method)) return ok(loginRefused(refusal.message))
  return ok(isQuery(call) ? queryFailure(refusal) : failure(refusal))
}

/** How this vendor says a fault. Own invention: the text of a refusal. */
export function vendorFault(fault: VendorFault, call: Call): SimAnswer | undefined | 'handle' {
  switch (fault) {
    case 'refuse':
      return refused(call, new Refusal(isQuery(call) ? msgCode.exception : msgCode.invalid, '服务端拒绝了本次操作'))
    case 'throttle':
      return refused(call, callLimit())
    case 'token-expired':
      return logins.has(call.method) ? undefined : 'handle'
    case 'empty-query':
      return isQuery(call) ? ok([]) : undefined
    case 'partial-batch':
      return batches.has(call.method) && recordsOf(call) > 1 ? 'handle' : undefined
  }
}

function recordsOf(call: Call): number {
  const data = dataOf(call) ?? {}
  const records = member(data, call.method === 'BatchSave' ? 'Model' : 'Ids')
  return Array.isArray(records) ? records.length : textOf(records).split(',').length
}
