import { HubError } from '@shuniu/contracts'
import {
  unreachable,
  type Answer,
  type Database,
  type Reply,
  type Session,
  type Statement,
  type Value,
} from './driver.ts'

/** Sends one statement and waits for its answer. */
export async function ask(session: Session, text: string, values?: readonly Value[]): Promise<Answer> {
  const reply = await session.send(text, values)
  if ('error' in reply) throw reply.error
  return reply
}

/** Everything that `work` asks happens, or nothing does. For what is rare: each statement waits for the one before. */
export async function inTransaction<T>(database: Database, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await database.session()
  try {
    await ask(session, begin)
    const result = await work(session)
    await commit(database, session)
    return result
  } catch (error) {
    throw await undone(database, session, error)
  } finally {
    session.release()
  }
}

export const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE'

/**
 * Sends the last statements and COMMIT at once. Rejects with what one of them was refused for, then nothing was done; or
 * with `store.unknown`, when nobody knows.
 */
export async function commit(database: Database, session: Session, last: readonly Statement[] = []): Promise<void> {
  const replies = last.map(({ text, values }) => session.send(text, values))
  const reply = await session.send('COMMIT')
  if (!('error' in reply)) return await mustHaveCommitted(reply, replies)
  if (await rolledBack(session)) throw reply.error
  throw new HubError('store.unknown', { database: database.name }, { cause: reply.error })
}

/** COMMIT of a transaction in which a statement failed is no error, but a ROLLBACK. */
async function mustHaveCommitted({ command }: Answer, before: readonly Promise<Reply>[]): Promise<void> {
  if (command === 'COMMIT') return
  for (const reply of await Promise.all(before)) if ('error' in reply) throw reply.error
  throw new HubError('internal.bug', { what: `a transaction that had failed was to be committed: ${command}` })
}

/** Ends a transaction that did not come to its end: the error to tell, `store.unreachable` when the connection was lost. */
export async function undone(database: Database, session: Session, error: unknown): Promise<unknown> {
  if (error instanceof HubError && error.code === 'store.unknown') return error
  if (await rolledBack(session)) return error
  return unreachable(database.name, error)
}

/** A server that still answers on this connection has not committed: the only proof there is. */
async function rolledBack(session: Session): Promise<boolean> {
  return !('error' in (await session.send('ROLLBACK')))
}
