import { Day, HubError, type Text, type Value } from '@shuniu/contracts'
import { types } from '@shuniu/infra/expressions'
import { CallFailure } from '@shuniu/infra/outbound'
import type { Connection, OpenDay } from '@shuniu/sdk'
import { Unanswered } from '../ledger/trouble.ts'
import { park } from '../run/standing.ts'
import { periodTag } from '../tags.ts'
import type { LookUp, LookUpGround } from './ground.ts'
import type { Learned } from './plan.ts'

/** `openDate(connection, book, day)`: the day itself, or the first open day after it in the same year. */
export function openDateLookUp({ connections }: Pick<LookUpGround, 'connections'>): LookUp {
  return {
    parameters: [types.string, types.string, types.date],
    returns: types.date,
    asynchronous: true,
    help: {
      en: 'First open day of a book from a day on, in the same year.',
      zh: '账簿自某日起（同年内）第一个未结账的日期。',
    },
    call: ([name, book, day], context) => {
      const connection = connections.get(String(name))
      const asked = ['openDate', name ?? null, book ?? null, day ?? null]
      const known = knownDay(connection, book, day)
      if (known) return context.learn('look-up', asked, () => ({ answer: known.day, version: known.version }))
      const learn = (): Promise<Learned> => {
        if (!connection?.definition.periods || !(day instanceof Day))
          throw new HubError('flow.no-periods', { connection: String(name) })
        return openDay(connection, String(book), day, context.path)
      }
      return context.learn('look-up', asked, learn, String(name))
    },
  }
}

/** What the connection knows already: nobody has to be asked or waited for. */
function knownDay(
  connection: Connection | undefined,
  book: Value | undefined,
  day: Value | undefined,
): OpenDay | undefined {
  if (!connection || !(day instanceof Day)) return undefined
  return connection.definition.periods?.knownDay?.(connection.link, String(book), day)
}

/** A target that does not answer now is asked again later, like any call that changed nothing. */
async function openDay(connection: Connection, book: string, day: Day, step: string): Promise<Learned> {
  try {
    const open = await connection.definition.periods?.openDay(connection.link, book, day)
    if (open) return { answer: open.day, version: open.version }
  } catch (error) {
    throw error instanceof CallFailure ? new Unanswered(error, connection) : error
  }
  throw closed(connection.name, book, day, step)
}

function closed(connection: string, book: string, day: Day, step: string): Error {
  const message: Text = {
    en: `Book ${book} has no open period from ${day.text} on in ${day.year}.`,
    zh: `账簿 ${book} 自 ${day.text} 起在 ${day.year} 年内没有未结账期间。`,
  }
  return park('period-closed', { step, message }, periodTag(connection, book, day.text))
}
