import { contract, type Contract, type Language } from '@shuniu/contracts'
import { z } from 'zod'
import { text } from './input.ts'

export const contractItem = z.object({
  type: z.string(),
  topic: z.string(),
  owner: z.string(),
  key: z.string().meta({ description: 'The field that keeps events in order' }),
  revision: z.string().optional(),
  compatibility: z.string(),
  visibility: z.enum(['public', 'internal']),
  doc: z.string(),
})
export const contractList = z.object({ items: z.array(contractItem) })
export const contractParams = z.strictObject({ type: text('Event type, without its version') })
export const oneContract = contractItem.extend({ schema: z.unknown().meta({ description: 'The Avro schema' }) })

export function listContracts(contracts: readonly Contract[], language: Language): z.output<typeof contractList> {
  return { items: contracts.map((one) => itemOf(one, language)) }
}

/** One contract with its schema. Throws `contract.unknown` with the nearest one. */
export function showContract(
  contracts: readonly Contract[],
  { type }: z.output<typeof contractParams>,
  language: Language,
): z.output<typeof oneContract> {
  const found = contract(type, contracts)
  const schema: unknown = JSON.parse(found.text)
  return { ...itemOf(found, language), schema }
}

function itemOf(one: Contract, language: Language): z.output<typeof contractItem> {
  const { type, topic, owner, key, revision, compatibility, visibility, doc } = one
  const more = revision === undefined ? {} : { revision }
  return { type, topic, owner, key, compatibility, visibility, doc: doc[language], ...more }
}
