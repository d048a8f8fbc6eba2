import { Day, type Value } from '@shuniu/contracts'
import type { Row } from '@shuniu/infra/store'
import type { ConsolePorts, Described } from '../ports.ts'
import { unpackRecord } from '../standing.ts'
import { entriesOf } from '../trace/journal.ts'
import { beginningOf, lastBefore, widened, type Period } from './period.ts'
import { breathe } from '../stretches.ts'

/** A money effect of the ledger that made a document, with what its body says. */
export interface Booked {
  readonly effect: Row<'effects'>
  readonly day: string
  readonly amount: string
  readonly currency?: string
  /** True when a look-up of the open period gave its date: another month than the approval's is then no mistake. */
  readonly moved: boolean
}

type LedgerGround = Pick<ConsolePorts, 'store' | 'connections'>

const stretch = 500

/** Documents the ledger has confirmed in a period, by the date in their bodies. */
export async function bookedIn({ store, connections }: LedgerGround, period: Period): Promise<Booked[]> {
  const booked: Booked[] = []
  let from = await lastBefore(store, 'effects', beginningOf(widened(period)))
  for (;;) {
    const rows = await store.select('effects', { id: { above: from } }, { order: { by: 'id' }, limit: stretch })
    booked.push(...rows.flatMap((row) => bookedBy(connections, row) ?? []).filter((one) => isIn(period, one.day)))
    if (rows.length < stretch) return booked
    from = rows.at(-1)?.id ?? from
    await breathe()
  }
}

/** An effect as a booked document; undefined when it made none, such as a submission or a comment. */
export function bookedBy(connections: LedgerGround['connections'], effect: Row<'effects'>): Booked | undefined {
  if (effect.kind !== 'money' || effect.state !== 'confirmed') return undefined
  const said = describedBy(connections, effect)
  if (said?.day === undefined || said.amount === undefined) return undefined
  const { day, amount, currency } = said
  const moved = entriesOf(effect.journal).some(({ kind, answer }) => kind === 'look-up' && isDay(answer, day))
  return { effect, day, amount, moved, ...(currency === undefined ? {} : { currency }) }
}

function describedBy(connections: LedgerGround['connections'], effect: Row<'effects'>): Described | undefined {
  return connections.describe(effect.connection, effect.operation, unpackRecord(effect.body))
}

const isDay = (answer: Value, day: string): boolean => answer instanceof Day && answer.text === day

export const isIn = ({ from, to }: Period, day: string): boolean => from <= day && day <= to
