import { realClock } from '../time/index.ts'
import type { Change, CommitOutcome } from './port.ts'

/** What became of one commit of a group: its outcome, or the error that undid it alone. */
export type Settled = { readonly outcome: CommitOutcome } | { readonly error: unknown }

interface Waiting {
  readonly changes: readonly Change[]
  resolve(outcome: CommitOutcome): void
  reject(error: unknown): void
}

/** Where a group is written. Rejects or throws when all of it failed: then each of its commits is rejected with that. */
export interface Flusher {
  flush(commits: readonly (readonly Change[])[]): Settled[] | Promise<Settled[]>
  close(): Promise<void>
}

/** Hears of each group that is durable, and how many ms that took. */
export type Flushed = (groups: readonly (readonly Change[])[], ms: number) => void

/**
 * Gathers the commits of many runs into groups: one is flushed as soon as another is on disk, never by a timer.
 * `lanes` groups are under way at once; commits of one turn of the loop stay together, in their order.
 */
export class Committer {
  private waiting: Waiting[] = []
  private gathering = false
  private underWay = 0
  private idle: (() => void)[] = []

  constructor(
    private readonly flusher: Flusher,
    private readonly flushed: Flushed,
    private readonly lanes = 1,
  ) {}

  commit(changes: readonly Change[]): Promise<CommitOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ changes, resolve, reject })
      if (!this.gathering && this.underWay < this.lanes) this.start()
    })
  }

  /** Resolves when everything handed in is settled. */
  async close(): Promise<void> {
    if (this.gathering || this.underWay > 0) await new Promise<void>((resolve) => this.idle.push(resolve))
    await this.flusher.close()
  }

  private start(): void {
    this.gathering = true
    setImmediate(() => void this.loop())
  }

  private async loop(): Promise<void> {
    this.gathering = false
    this.underWay++
    while (this.waiting.length > 0) {
      const group = this.waiting
      this.waiting = []
      await this.flushGroup(group)
    }
    this.underWay--
    if (!this.gathering && this.underWay === 0) for (const done of this.idle.splice(0)) done()
  }

  private async flushGroup(group: readonly Waiting[]): Promise<void> {
    const commits = group.map((one) => one.changes)
    const began = realClock.uptime()
    try {
      const settled = await this.flusher.flush(commits)
      this.flushed(commits, realClock.uptime() - began)
      await settle(group, settled)
    } catch (error) {
      for (const one of group) one.reject(error)
    }
  }
}

/** Whoever waited for a commit goes on at once, and may compute for long: so many go on in one turn of the loop. */
const atOnce = 16

/** Tells what became of a group. Between its parts, and behind the last, other work has its turn and joins the next group. */
async function settle(group: readonly Waiting[], settled: readonly Settled[]): Promise<void> {
  for (let from = 0; from < group.length; from += atOnce) {
    for (let at = from; at < Math.min(from + atOnce, group.length); at++) {
      const result = settled[at]
      if (result && 'error' in result) group[at]?.reject(result.error)
      else if (result) group[at]?.resolve(result.outcome)
    }
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
