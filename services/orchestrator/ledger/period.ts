import { Day } from '@shuniu/contracts'
import type { PrepareContext } from '@shuniu/sdk'
import { periodTag } from '../tags.ts'
import type { Effect, Hand, Preparing } from './ground.ts'
import { unpackRecord } from './rows.ts'

/** What wakes a run whose document was refused, when a read says that its period is closed; undefined when it does not. */
export async function closedPeriod({ connection, operation }: Hand, effect: Effect): Promise<string | undefined> {
  const { periods } = connection.definition
  const { book, day } = operation.definition.describe(unpackRecord(effect.body))
  const on = Day.parse(day ?? '')
  if (!periods || book === undefined || !on) return undefined
  const isOpen = await periods.isOpen(connection.link, book, on).catch(() => true)
  return isOpen ? undefined : periodTag(connection.name, book, on.text)
}

/** What wakes a run of which the connector itself said that the period is closed, before anything was sent. */
export async function periodOfFinding(
  { call, connection, operation, reference }: Preparing,
  input: unknown,
  context: PrepareContext,
): Promise<string | undefined> {
  if (call.undone) {
    const made = connection.operations.get(call.undone.operation)?.definition
    const { book } = made?.describe(unpackRecord(call.undone.body)) ?? {}
    // What undoes a document is booked from today on, whatever the document's own day was.
    return book === undefined ? undefined : periodTag(connection.name, book, context.today)
  }
  const { definition } = operation
  const prepared = await definition.prepare(connection.link, input, reference, context).catch(() => undefined)
  const { book, day } = prepared?.is === 'body' ? definition.describe(prepared.body) : {}
  return book === undefined || day === undefined ? undefined : periodTag(connection.name, book, day)
}
