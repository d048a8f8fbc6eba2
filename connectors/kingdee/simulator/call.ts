import type { SimAnswer, SimRequest } from '@shuniu/sdk/simulator'
import { plain } from './answers.ts'
import { isObject, member, objectOf, parseJson, textOf } from './json.ts'
import type { Json, JsonObject } from './json.ts'

/** A call whatever its body form was: the method in the vendor's spelling and its arguments by name. */
export interface Call {
  readonly method: Method
  readonly args: Readonly<Record<string, Json>>
}

/** Arguments of each method in positional order (kingdee.md §1, §2.1). */
const methods = {
  ValidateUser: ['acctid', 'username', 'password', 'lcid'],
  LoginByAppSecret: ['acctid', 'username', 'appid', 'appsecret', 'lcid'],
  LoginBySign: ['acctid', 'username', 'appid', 'timestamp', 'sign', 'lcid'],
  LogOut: [],
  GetDataCenterList: [],
  Save: ['formid', 'data'],
  BatchSave: ['formid', 'data'],
  Draft: ['formid', 'data'],
  Submit: ['formid', 'data'],
  Audit: ['formid', 'data'],
  UnAudit: ['formid', 'data'],
  Delete: ['formid', 'data'],
  View: ['formid', 'data'],
  ExecuteBillQuery: ['data'],
  BillQuery: ['data'],
  QueryBusinessInfo: ['data'],
} as const
export type Method = keyof typeof methods

const isMethod = (name: string): name is Method => name in methods
/** The vendor's own calls this simulator answers. */
export const vendorCalls: readonly Method[] = Object.keys(methods).filter(isMethod)
const byLowerName = new Map(vendorCalls.map((name) => [name.toLowerCase(), name]))

const services = {
  'kingdee.bos.webapi.servicesstub.authservice': /^(ValidateUser|LoginBy\w+|LogOut)$/,
  'kingdee.bos.servicefacade.servicesstub.account.accountservice': /^GetDataCenterList$/,
  'kingdee.bos.webapi.servicesstub.dynamicformservice': /^(?!ValidateUser|LoginBy|LogOut|GetDataCenterList)/,
}
const isService = (name: string): name is keyof typeof services => Object.hasOwn(services, name)

/** `/k3cloud/{Service}.{Method}.common.kdsvc`; the case of the method does not matter. */
function methodOf(path: string): Method | undefined {
  const [, service = '', name = ''] = /^\/k3cloud\/([\w.]+)\.(\w+)\.common\.kdsvc$/i.exec(path) ?? []
  const method = byLowerName.get(name.toLowerCase())
  const known = service.toLowerCase()
  return method !== undefined && isService(known) && services[known].test(method) ? method : undefined
}

/** Reads a request, or says why the server refuses it before any business. Any content type will do. */
export function readCall(request: SimRequest): Call | SimAnswer {
  const method = request.method === 'POST' ? methodOf(request.path) : undefined
  if (method === undefined) return plain(404, `No service at ${request.method} ${request.path}`)
  const names: readonly string[] = methods[method]
  try {
    const body = request.text.trim() === '' ? {} : parseJson(request.text)
    if (!isObject(body)) return plain(500, 'Additional text found in JSON string after finishing deserializing object.')
    return { method, args: readArguments(body, names) }
  } catch {
    return plain(500, 'Unexpected character encountered while parsing value.')
  }
}

/** Positional and legacy bodies carry `parameters`, named ones the arguments themselves; `data` may be JSON text. */
function readArguments(body: JsonObject, names: readonly string[]): Record<string, Json> {
  const parameters = member(body, 'parameters')
  const given = (name: string, index: number): Json =>
    (Array.isArray(parameters) ? parameters[index] : member(body, name)) ?? null
  return Object.fromEntries(
    names.map((name, index) => [name, name === 'data' ? (objectOf(given(name, index)) ?? null) : given(name, index)]),
  )
}

/** One argument as text, empty when it is not given. */
export const argument = (call: Call, name: string): string => textOf(call.args[name])
