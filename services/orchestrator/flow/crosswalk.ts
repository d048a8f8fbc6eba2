import type { Text } from '@shuniu/contracts'
import { types } from '@shuniu/infra/expressions'
import { hash52, type Store } from '@shuniu/infra/store'
import { park } from '../run/standing.ts'
import { crosswalkTag } from '../tags.ts'
import type { LookUp, LookUpGround } from './ground.ts'

/** `crosswalk(kind, id, from, to)`: the id of the same thing in another system, learned by earlier runs. */
export function crosswalkLookUp({ store }: Pick<LookUpGround, 'store'>): LookUp {
  return {
    parameters: [types.string, types.string, types.string, types.string],
    returns: types.string,
    asynchronous: true,
    help: { en: 'Id of the same thing in another system.', zh: '同一对象在另一系统中的编号。' },
    call: ([kind, id, from, to], context) => {
      const asked = [String(kind), String(id), String(from), String(to)] as const
      return context.learn('look-up', ['crosswalk', ...asked], async () => {
        const pair = await findPair(store, ...asked)
        if (pair) return { answer: pair.id, version: pair.version }
        throw unknownPair(...asked, context.path)
      })
    },
  }
}

/** What the crosswalk is asked by; compared in full by whoever asks. */
export function crosswalkHash(kind: string, from: string, id: string): number {
  return hash52('crosswalk', kind, from, id)
}

/** The pair, when somebody has learned it. */
export async function findPair(
  store: Store,
  kind: string,
  id: string,
  from: string,
  to: string,
): Promise<{ readonly id: string; readonly version: string } | undefined> {
  const where = {
    from_hash: crosswalkHash(kind, from, id),
    to_connection: to,
    kind,
    from_connection: from,
    from_id: id,
  }
  const [row] = await store.select('crosswalk', where)
  return row && { id: row.to_id, version: String(row.id) }
}

function unknownPair(kind: string, id: string, from: string, to: string, step: string): Error {
  const message: Text = {
    en: `Nobody knows yet which ${kind} of ${to} is ${id} of ${from}.`,
    zh: `尚不知道 ${from} 的 ${id} 对应 ${to} 的哪个 ${kind}。`,
  }
  return park('unmapped', { step, message }, crosswalkTag(kind, id, from, to))
}
