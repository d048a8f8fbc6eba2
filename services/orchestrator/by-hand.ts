import { HubError } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import type { Change, Row } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import type { ConnectedOperation, Connection, Found } from '@shuniu/sdk'
import { confirmedColumns, consequences, learnedTag } from './ledger/outcome.ts'
import { outputRecord, traceLine } from './ledger/rows.ts'

/** A person's word for what became of an effect. */
export interface Named {
  readonly run: Row<'runs'>
  readonly effect: Row<'effects'>
  /** Id or number of the document. */
  readonly document: string
  /** Whether one that differs from what was to be saved will do. */
  readonly accept: boolean
  /** The document it undoes, when it is an undo. */
  readonly undone?: Row<'effects'> | undefined
}

/** What has to change, and the tag of what others may wait for. */
export interface Settlement {
  readonly changes: readonly Change[]
  readonly learned?: string | undefined
}

/** Reads the document a person names and compares it: what has to change for the effect to count as confirmed by it. */
export async function documentNamed(
  ground: { readonly clock: Clock; readonly connections: ReadonlyMap<string, Connection> },
  { run, effect, document, accept, undone }: Named,
): Promise<Settlement> {
  const connection = ground.connections.get(effect.connection)
  const operation = connection?.operations.get(effect.operation)
  const found = connection && operation && (await read(connection, operation, document))
  if (!operation || !found || !operation.definition.outputOf)
    throw new HubError('park.document-unknown', { document, connection: effect.connection })
  const same = operation.definition.fingerprintFound?.(found) === effect.fingerprint
  if (!same && !accept) throw new HubError('park.document-differs', { document, reference: effect.reference })
  const set = confirmedColumns(ground, outputRecord(operation, operation.definition.outputOf(found)))
  const call = { connection: effect.connection, ...(undone ? { undone } : {}) }
  const making = { run: { row: run }, call, operation, reference: effect.reference }
  const changes: Change[] = [
    { update: 'effects', where: { id: effect.id, state: effect.state }, set },
    traceLine(ground, effect.reference, 'resolved by a person', { document, same }),
    ...consequences(making, set.document),
  ]
  return { changes, learned: learnedTag(making) }
}

async function read(
  { link, name }: Connection,
  { definition }: ConnectedOperation,
  document: string,
): Promise<Found | undefined> {
  try {
    await definition.ready(link)
    return await definition.readById?.(link, document)
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error
    const because = error.message
    throw new HubError('park.document-unread', { document, connection: name, because }, { cause: error })
  }
}
