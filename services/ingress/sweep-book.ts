import type { Change, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import { Stale } from './ground.ts'
import type { Round, Span } from './sweep-plan.ts'

/** A span that was not looked at to its end; `next` is the vendor's place in it. */
export interface Begun extends Span {
  readonly next: string
}

/** How far each round of a connection has come. Kept in `cursors`: `…` = seen until, `… begun` = a span under way. */
export class SweepBook {
  private constructor(
    private readonly store: Store,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly connection: string,
    private readonly cursors: Map<string, string>,
  ) {}

  static async open(store: Store, clock: Pick<Clock, 'now'>, connection: string): Promise<SweepBook> {
    const rows = await store.select('cursors', { connection })
    return new SweepBook(store, clock, connection, new Map(rows.map(({ name, value }) => [name, value])))
  }

  /**
   * Everything created before this moment (ms) was seen. A moment ahead was written by another clock, which has been set
   * right since: then what the round would look at anyway may not have been seen.
   */
  seenUntil(round: Round): number | undefined {
    const value = this.cursors.get(nameOf(round))
    if (value === undefined) return undefined
    const now = this.clock.now()
    return Number(value) > now ? now - round.window : Number(value)
  }

  begun(round: Round): Begun | undefined {
    const found = /^(\d+) (\d+) (.*)$/s.exec(this.cursors.get(begunName(round)) ?? '')
    if (!found) return undefined
    const [, from, to, next = ''] = found
    return { from: Number(from), to: Number(to), next }
  }

  async begin(round: Round, { from, to, next }: Begun): Promise<void> {
    await this.write([[begunName(round), `${Math.floor(from)} ${Math.floor(to)} ${next}`]])
  }

  /** The span is seen to its end, by all these rounds. */
  async finish(rounds: readonly Round[], { to }: Span): Promise<void> {
    const seen = rounds.map((round): [string, string] => [nameOf(round), String(Math.floor(to))])
    await this.write(seen, rounds.map(begunName))
  }

  private async write(set: readonly (readonly [string, string])[], removed: readonly string[] = []): Promise<void> {
    const { connection } = this
    const gone = removed.filter((name) => this.cursors.has(name))
    const changes: Change[] = [
      ...set.map(([name, value]): Change => ({ upsert: 'cursors', row: { connection, name, value } })),
      ...gone.map((name): Change => ({ remove: 'cursors', where: { connection, name } })),
    ]
    if (changes.length === 0) return
    const outcome = await this.store.commit(changes)
    if (outcome.is === 'stale') throw new Stale()
    for (const [name, value] of set) this.cursors.set(name, value)
    for (const name of gone) this.cursors.delete(name)
  }
}

const nameOf = ({ source, form, window }: Round): string => `sweep ${source} ${form} ${window}`
const begunName = (round: Round): string => `${nameOf(round)} begun`
