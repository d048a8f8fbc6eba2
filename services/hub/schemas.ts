import { HubError, parseSchemaText, schemaNumber, type AvroSchema, type Contract } from '@shuniu/contracts'
import type { Row, Store } from '@shuniu/infra/store'
import type { Clock, Timer } from '@shuniu/infra/time'

const numbers = new WeakMap<Contract, number>()

/** The number of a contract's schema on the wire: the same in every process, never used for another text. */
export function schemaId(contract: Contract): number {
  let number = numbers.get(contract)
  if (number === undefined) numbers.set(contract, (number = schemaNumber(contract.text)))
  return number
}

/** So often is looked for schemas that were registered meanwhile, by this process or another, ms. */
const pace = 2_000

/** The schemas that events may have been written with. */
export interface KnownSchemas {
  /** The writer's schema of a number; undefined when nobody ever registered or wrote with it. */
  of(number: number): AvroSchema | undefined
  /** Asks for these now; rejects when the store does not answer, for then nobody knows. */
  ask(numbers: readonly number[]): Promise<void>
  close(): void
}

/**
 * Keeps the schemas of today's contracts beside the events, and reads those of earlier days: an event stays readable
 * after its contract has changed. What is registered later is known two seconds after. Throws `registry.collision` when
 * another schema has the number of a contract: it must not be written with.
 */
export async function keepSchemas(
  store: Store,
  contracts: readonly Contract[],
  clock: Pick<Clock, 'after'>,
): Promise<KnownSchemas> {
  await store.commit(
    contracts.map((contract) => ({
      insert: 'schemas',
      row: { number: schemaId(contract), type: contract.type, text: contract.text },
      orSkip: true,
    })),
  )
  const own = new Map(contracts.map((contract) => [schemaId(contract), contract.text]))
  const known = new Map<number, AvroSchema>()
  let last = 0
  async function learn(): Promise<void> {
    for (const row of await store.select('schemas', { id: { above: last } }, { order: { by: 'id' } })) {
      take(row)
      last = row.id
    }
  }
  function take({ number, text }: Row<'schemas'>): void {
    if ((own.get(number) ?? text) !== text) throw new HubError('registry.collision', { id: number })
    const { schema } = parseSchemaText(text)
    if (schema) known.set(number, schema)
  }
  await learn()
  let timer: Timer | undefined
  let isClosed = false
  // A store that does not answer now answers at the next turn, and whoever needs it for more says so.
  const turn = (): void => void learn().then(again, again)
  const again = (): void => {
    if (!isClosed) timer = clock.after(pace, turn)
  }
  again()
  return {
    of: (number) => known.get(number),
    ask: async (number) => (await store.select('schemas', { number })).forEach(take),
    close() {
      isClosed = true
      timer?.cancel()
    },
  }
}
