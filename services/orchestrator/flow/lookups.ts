import { crosswalkLookUp } from './crosswalk.ts'
import type { LookUp, LookUpGround } from './ground.ts'
import { openDateLookUp } from './open-date.ts'
import { tableLookUp } from './table-look-up.ts'

/** The look-ups of flows, by the names that expressions call them by. */
export function lookUps(ground: LookUpGround): Readonly<Record<'table' | 'crosswalk' | 'openDate', LookUp>> {
  return { table: tableLookUp(ground), crosswalk: crosswalkLookUp(ground), openDate: openDateLookUp(ground) }
}
