import type { SimAnswer, SimRequest } from '@shuniu/sdk/simulator'
import { callLimit, ok, Refusal, responseError, ServerException, sessionLost } from './answers.ts'
import type { Call } from './call.ts'
import type { Catalogue } from './catalogue.ts'
import type { Desk } from './desk.ts'
import { refused } from './fault-answers.ts'
import { dataCenters, identify, login } from './login.ts'
import { perform } from './operations.ts'
import type { Quota } from './quota.ts'
import type { Sessions } from './sessions.ts'

/** What every call meets before any business: who calls, and how often. */
export interface Service {
  readonly desk: Desk
  readonly forms: Catalogue
  readonly sessions: Sessions
  readonly quota: Quota
}

/** Answers one call; refusals become the envelope its caller expects. */
export async function serve(service: Service, request: SimRequest, call: Call): Promise<SimAnswer> {
  try {
    switch (call.method) {
      case 'GetDataCenterList':
        return ok(dataCenters())
      case 'LogOut':
        service.sessions.end(request.headers)
        return ok(true)
      case 'ValidateUser':
      case 'LoginByAppSecret':
      case 'LoginBySign':
        return login(call, service.sessions)
      default:
        return await business(service, request, call)
    }
  } catch (error) {
    if (error instanceof Refusal) return refused(call, error)
    if (error instanceof ServerException) return responseError(error.message)
    throw error
  }
}

async function business(service: Service, request: SimRequest, call: Call): Promise<SimAnswer> {
  if (request.fault?.fault === 'token-expired') {
    service.sessions.end(request.headers)
    throw sessionLost()
  }
  const caller = identify(request, service.sessions)
  if (caller instanceof Refusal) throw caller
  if ('status' in caller) return caller
  if (!service.quota.take()) throw callLimit()
  const fault = request.fault ? { fault: request.fault } : {}
  return ok(await perform({ ...service, ...fault, call, user: caller.user }), caller.cookies)
}
