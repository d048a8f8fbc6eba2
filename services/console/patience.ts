import { sleep, type Clock } from '@shuniu/infra/time'

/** A log that does not answer for so long says nothing now, ms. */
const longest = 1_000

/** Questions to the log that figures must not wait for: when one was not answered soon, those behind it are not asked. */
export class Patience {
  private isGone = false

  constructor(private readonly clock: Clock) {}

  /** Undefined when it fails, or takes too long. */
  async ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (this.isGone) return undefined
    const enough = new AbortController()
    const late = sleep(this.clock, longest, enough.signal).then(() => undefined)
    const answer = await Promise.race([question().catch(() => undefined), late])
    enough.abort()
    this.isGone = answer === undefined
    return answer
  }
}
