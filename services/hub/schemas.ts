import { hash } from 'node:crypto'
import { parseSchemaText, type AvroSchema, type Contract } from '@shuniu/contracts'
import type { Store } from '@shuniu/infra/store'

const numbers = new WeakMap<Contract, number>()

/** The number of a contract's schema on the wire: the same in every process, never used for another text. */
export function schemaId(contract: Contract): number {
  let number = numbers.get(contract)
  if (number === undefined) numbers.set(contract, (number = numberOf(contract.text)))
  return number
}

function numberOf(text: string): number {
  return Number.parseInt(hash('sha256', text, 'hex').slice(0, 8), 16) >>> 1
}

/**
 * Keeps the schemas of today's contracts beside the events, and reads those of earlier days: an event stays readable
 * after its contract has changed. Answers with the writer's schema of a number, undefined when nobody ever wrote with it.
 */
export async function keepSchemas(
  store: Store,
  contracts: readonly Contract[],
): Promise<(number: number) => AvroSchema | undefined> {
  await store.commit(
    contracts.map((contract) => ({
      insert: 'schemas',
      row: { number: schemaId(contract), type: contract.type, text: contract.text },
      orSkip: true,
    })),
  )
  const known = new Map<number, AvroSchema>()
  for (const { number, text } of await store.select('schemas', {})) {
    const { schema } = parseSchemaText(text)
    if (schema) known.set(number, schema)
  }
  return (number) => known.get(number)
}
