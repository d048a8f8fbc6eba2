import type { Database } from '../postgres/driver.ts'
import { partOf } from '../store/parts.ts'
import type { Ownership } from './port.ts'
import { openSignals } from './signals.ts'

/** Of a process that only takes in: it works on nothing, and tells those who do. */
export function ownNothing(database: Database): Ownership {
  const signals = openSignals(database, () => undefined)
  return {
    join: () => Promise.resolve(),
    held: () => [],
    owns: () => false,
    tell: (what, hash, id) => signals.tell({ what, part: partOf(hash), id }),
    doubt: () => undefined,
    close: () => signals.close(),
  }
}
