import type { ParkReason, Text, ValueRecord } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'

/** Why a run stands still, for a person: shown in CLI and console, kept with the run. */
export interface ParkDetail {
  readonly message: Text
  /** Step it stands at. */
  readonly step?: string
  /** The failure's code, with its connector's prefix when it came from there. */
  readonly code?: string
  /** Reference of the effect it is about. */
  readonly effect?: string
  /** What a person may need to decide: candidates, differences. */
  readonly facts?: ValueRecord
}

/** As a run's row keeps it. */
export function packDetail(detail: ParkDetail): string {
  return packValue({ ...detail, message: { ...detail.message } })
}

/** Where a run stands when an attempt ends. The engine knows these words and no others. */
export type Standing =
  | { readonly is: 'done' }
  | { readonly is: 'skipped'; readonly because: string }
  /** `after` ms from now it is tried again; without it something wakes it. `door`: the connection that has no room for it now. */
  | {
      readonly is: 'waiting'
      readonly because: string
      readonly after?: number
      readonly door?: string
      readonly attempt: boolean
    }
  | { readonly is: 'parked'; readonly reason: ParkReason; readonly detail: ParkDetail; readonly waitsFor?: string }

/** Ends an attempt from within a step. Not an error: the way a step says where the run stands. */
export class Interrupt extends Error {
  override readonly name = 'Interrupt'
  constructor(readonly standing: Standing) {
    super(standing.is)
  }
}

export function park(reason: ParkReason, detail: ParkDetail, waitsFor?: string): Interrupt {
  return new Interrupt({ is: 'parked', reason, detail, ...(waitsFor ? { waitsFor } : {}) })
}

/** The document was withdrawn: nothing of it is sent any more. */
export function withdrawn(): Interrupt {
  return new Interrupt({ is: 'skipped', because: 'withdrawn' })
}

/** Somebody else owns this work now: nothing may be written or sent any more. */
export class Stale extends Error {
  override readonly name = 'Stale'
}

/** The rows are not what this attempt believes. It writes nothing more; the run is taken up again from its rows. */
export class OutOfStep extends Error {
  override readonly name = 'OutOfStep'
}

/** The run's partition is not ours, or nothing may be begun in it now. */
export class NotOurs extends OutOfStep {}
