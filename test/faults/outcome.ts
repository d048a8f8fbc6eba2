import type { Load } from './load.ts'
import type { Phase } from './phases.ts'
import type { Verdict } from './verdict.ts'

/** What happened, and the verdict on it. */
export interface Outcome {
  readonly seed: number
  readonly seconds: number
  readonly kills: Readonly<Record<Phase | 'between', number>>
  readonly quotas: Readonly<Record<Phase, number>>
  /** Kills that came between the row of a send and its write. */
  readonly killedBeforeWrite: number
  /** Kills of hubs that had not finished their start: on top of the others. */
  readonly killedStarting: number
  readonly freezes: {
    readonly before: number
    readonly inside: number
    readonly quota: number
    readonly killed: number
  }
  readonly approvals: number
  readonly withdrawals: Load['withdrawals']
  readonly faults: Readonly<Record<string, number>>
  readonly calls: number
  readonly incomplete: number
  /** Longest time from a row to the arrival of its call, ms. */
  readonly longestWay: number
  /** Median and longest start of the hub, ms. */
  readonly start: { readonly median: number; readonly longest: number }
  readonly verdict: Verdict
}
