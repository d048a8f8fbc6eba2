/** What the ledger row of an effect in doubt remembers of its look-ups. Times are boot times in ms (`Clock.uptime`). */
export interface Doubt {
  readonly boot: string
  /** Latest moment an answer could have come. */
  readonly answerBy: number
  readonly sends: number
  readonly lookUps: number
  /** Proven absences counted so far, and when the last one was. */
  readonly absences: number
  readonly absentAt: number | undefined
  /** So long (ms) after anybody first sees the row an answer may still come. */
  readonly reach: number
  /** `answerBy` by the clocks of other boots that have seen it. */
  readonly elsewhere: Readonly<Record<string, number>>
}

export interface DoubtRule {
  readonly quarantine: number
  readonly times: number
  readonly apart: number
}

/** What a look-up by our reference showed. `equal` speaks of the one document found. */
export interface Sight {
  readonly found: number
  readonly equal: boolean
  readonly proven: boolean
}

export type Verdict =
  | { readonly is: 'confirmed' }
  | { readonly is: 'parked'; readonly reason: 'conflict' | 'duplicate' | 'in-doubt' }
  /** Shown to be absent: it may be sent again. */
  | { readonly is: 'absent' }
  | { readonly is: 'look again'; readonly after: number; readonly doubt: Doubt }

/** An effect is sent once and at most three times more. */
export const mostSends = 4
const gaps = [500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const

/**
 * The in-doubt procedure (reliability: 1.3), as a function: from what is remembered and what was just seen to the next
 * thing to do. A found document settles at once; absence counts only after the quarantine and from several look-ups
 * apart, each proven able to see.
 */
export function judge(before: Doubt, sight: Sight, now: { uptime: number; boot: string }, rule: DoubtRule): Verdict {
  if (sight.found > 1) return { is: 'parked', reason: 'duplicate' }
  if (sight.found === 1) return sight.equal ? { is: 'confirmed' } : { is: 'parked', reason: 'conflict' }
  const doubt = { ...inThisBoot(before, now), lookUps: before.lookUps + 1 }
  const over = doubt.answerBy + rule.quarantine
  if (now.uptime < over) return lookAgain(doubt, over - now.uptime)
  if (!sight.proven) return lookAgain(doubt, gapAfter(doubt.lookUps))
  const sinceLast = doubt.absentAt === undefined ? Infinity : now.uptime - doubt.absentAt
  if (sinceLast < rule.apart) return lookAgain(doubt, rule.apart - sinceLast)
  const counted = { ...doubt, absences: doubt.absences + 1, absentAt: now.uptime }
  if (counted.absences < rule.times) return lookAgain(counted, rule.apart)
  return doubt.sends >= mostSends ? { is: 'parked', reason: 'in-doubt' } : { is: 'absent' }
}

/**
 * The same doubt counted on this boot's clock: after a reboot, or on another machine, nobody knows how much time has passed,
 * and the quarantine starts afresh. Each boot begins it once, so that owners who come and go do not put it off for ever.
 */
export function inThisBoot(doubt: Doubt, now: { uptime: number; boot: string }): Doubt {
  if (doubt.boot === now.boot) return doubt
  const elsewhere = { ...doubt.elsewhere, [doubt.boot]: doubt.answerBy }
  const answerBy = elsewhere[now.boot] ?? now.uptime + doubt.reach
  return { ...doubt, boot: now.boot, answerBy, elsewhere, absences: 0, absentAt: undefined }
}

/** Growing gaps; the first look-ups come quickly because most answers were only late. */
export function gapAfter(lookUps: number): number {
  return gaps[Math.min(Math.max(lookUps, 1), gaps.length) - 1] ?? 60_000
}

function lookAgain(doubt: Doubt, atMost: number): Verdict {
  return { is: 'look again', after: Math.max(10, Math.min(gapAfter(doubt.lookUps), atMost)), doubt }
}
