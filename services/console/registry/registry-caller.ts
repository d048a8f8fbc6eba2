import { callerOf, type AccessGround, type AccessRequest } from '../access.ts'
import type { Caller } from './registry.ts'

/** What a command of ours says when it means to register. */
export const registerHeader = 'shuniu-register'

/**
 * Who asks the registry. To register takes an administrator who means it: one with a token does; where nobody needs a
 * token, stock serializers would register whatever they write, so the request has to say that it is meant.
 */
export async function registryCaller(request: AccessRequest, ground: AccessGround): Promise<Caller> {
  const { role, name } = await callerOf(request, ground)
  const isMeant = request.headers['authorization'] !== undefined || request.headers[registerHeader] !== undefined
  return { mayRegister: role === 'admin' && isMeant, actor: name ?? 'registry' }
}
