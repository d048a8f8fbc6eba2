import { parseContract, type Contract } from './contract.ts'
import { HubError } from './errors.ts'
import { eventSchemas } from './events.gen.ts'
import { nearest } from './nearest.ts'

/** The contracts that come with the hub. */
export const contracts: readonly Contract[] = Object.values(eventSchemas).map(shipped)

function shipped(json: unknown): Contract {
  const { contract: parsed, problems } = parseContract(json)
  if (parsed) return parsed
  throw new HubError('internal.bug', { what: problems.map((one) => one.error.message).join(' ') })
}

/** The contract of an event type; throws `contract.unknown` with the nearest one. */
export function contract(type: string, among: readonly Contract[] = contracts): Contract {
  const found = among.find((one) => one.type === type)
  if (found) return found
  const types = among.map((one) => one.type)
  throw new HubError('contract.unknown', { type, nearest: nearest(type, types, Infinity) })
}
