import { HubError } from '@shuniu/contracts'
import { CallFailure } from '@shuniu/infra/outbound'
import type { Store } from '@shuniu/infra/store'
import { sleep, type Clock, type Random } from '@shuniu/infra/time'
import { backoff, type Handed, type Log } from '@shuniu/sdk'
import { messageOf } from './detail.ts'
import { Stale } from './ground.ts'
import type { ConnectionPlan } from './mapping.ts'
import { subjectHash } from './receipt.ts'
import { SweepBook } from './sweep-book.ts'
import { pageOf } from './sweep-page.ts'
import { isAffordable, roundsOf, spanOf, sweepKey, type Round, type Span } from './sweep-plan.ts'
import { Undelivered } from './undelivered.ts'

export interface SweepsGround {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly report: Log
  /** Makes receipts of what was found; rejects with `ingress.busy` while pushes need the room. */
  readonly receive: (connection: string, handed: readonly Handed[]) => Promise<void>
  readonly lost: (error: unknown) => void
}

/** Where a round stands between two looks. */
interface Turn {
  readonly round: Round
  /** Not before this uptime: after trouble, or while calls are short. */
  notBefore: number
  failures: number
  /** Asked for by somebody. */
  asked: boolean
  /** The vendor does not understand our place in its list any more. */
  afresh: boolean
}

/** Two looks that somebody asks for are at least so far apart. */
const betweenCatchUps = 60_000
/** A start looks at what came while no hub ran, unless it has only just looked: a hub that dies again and again asks no more. */
const restartsTooSoon = 1_000
const whenShortOfCalls = 600_000
const longestRest = 86_400_000

/** Finds what pushes and streams of one connection lost. One round at a time: resting → looking → resting. */
export class Sweeps {
  private readonly stop = new AbortController()
  private readonly turns: readonly Turn[]
  private book: SweepBook | undefined
  private wake: (() => void) | undefined
  private running: Promise<void> = Promise.resolve()
  private readonly undelivered: Undelivered

  constructor(
    private readonly plan: ConnectionPlan,
    private readonly ground: SweepsGround,
  ) {
    this.undelivered = new Undelivered(plan, { ...ground, take: (source, handed) => this.take(source, handed) })
    const rounds = plan.from ? roundsOf(plan) : []
    this.turns = rounds.map((round) => ({ round, notBefore: -Infinity, failures: 0, asked: false, afresh: false }))
  }

  async start(): Promise<void> {
    if (this.turns.length === 0) return
    const book = await SweepBook.open(this.ground.store, this.ground.clock, this.plan.name)
    this.book = book
    const now = this.ground.clock.now()
    for (const turn of this.turns) {
      // A stream that is up already may have asked.
      turn.asked ||= turn.round.rank === 0 && now - (book.seenUntil(turn.round) ?? 0) > restartsTooSoon
    }
    if (this.turns.some(({ asked }) => asked)) this.undelivered.ask()
    this.running = this.loop(book)
  }

  /** Looks soon at what came since the last look; `atOnce` when a person asks. */
  catchUp(atOnce = false): void {
    const { clock } = this.ground
    const sinceSeen = ({ round }: Turn): number => clock.now() - (this.book?.seenUntil(round) ?? 0)
    if (this.turns.length > 0) this.undelivered.ask()
    for (const turn of this.turns.filter(({ round }) => round.rank === 0)) {
      turn.asked = true
      turn.notBefore = atOnce ? -Infinity : Math.max(turn.notBefore, clock.uptime() + betweenCatchUps - sinceSeen(turn))
    }
    this.wake?.()
  }

  /** How long ago everything was seen, in ms, when the next look is overdue; else 0. */
  overdue(): number {
    const { book } = this
    const now = this.ground.clock.now()
    const late = this.turns.flatMap(({ round }) => {
      const seen = round.rank === 0 ? book?.seenUntil(round) : undefined
      return seen !== undefined && now > seen + round.every + whenShortOfCalls ? [now - seen] : []
    })
    return Math.max(0, ...late)
  }

  async close(): Promise<void> {
    this.stop.abort()
    this.wake?.()
    await Promise.all([this.running, this.undelivered.close()])
  }

  private async loop(book: SweepBook): Promise<void> {
    const { signal } = this.stop
    while (!signal.aborted) {
      const [turn] = this.turns.toSorted((a, b) => this.dueIn(a, book) - this.dueIn(b, book))
      const wait = turn ? this.dueIn(turn, book) : longestRest
      if (!turn || wait > 0) await this.rest(Math.min(wait, longestRest))
      else await this.attempt(turn, book)
    }
  }

  /**
   * Ms until it is due; what is asked for goes before what is late. A form's first look is its narrowest round's, and
   * stands for them all.
   */
  private dueIn({ round, notBefore, asked }: Turn, book: SweepBook): number {
    const { clock } = this.ground
    const soonest = notBefore - clock.uptime()
    const seen = book.seenUntil(round)
    if (seen === undefined) return round.rank === 0 ? soonest : Infinity
    return Math.max(soonest, asked ? -Infinity : seen + round.every - clock.now())
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel()
        this.wake = undefined
        resolve()
      }
      const timer = this.ground.clock.after(ms, done)
      this.wake = done
    })
  }

  private async attempt(turn: Turn, book: SweepBook): Promise<void> {
    const { clock, random, report } = this.ground
    if (!isAffordable(turn.round, this.plan.connection.outbound.state())) {
      turn.notBefore = clock.uptime() + whenShortOfCalls
      return report.warn('ingress.sweep-put-off', { connection: this.plan.name, form: turn.round.form })
    }
    try {
      turn.asked = false
      await this.look(turn, book)
      turn.failures = 0
    } catch (error) {
      if (error instanceof Stale) return this.lost(error)
      turn.asked = true
      turn.afresh = isMistaken(error)
      turn.notBefore = clock.uptime() + 1_000 + backoff(random, turn.failures++, retryAfterOf(error))
      report.warn('ingress.sweep-failed', { connection: this.plan.name, error: messageOf(error) })
    }
  }

  private lost(error: Stale): void {
    this.stop.abort()
    this.ground.lost(error)
  }

  /** One round, page by page, from where it was left. */
  private async look({ round, afresh }: Turn, book: SweepBook): Promise<void> {
    const cutOver = this.plan.from?.ms ?? 0
    const begun = afresh ? undefined : book.begun(round)
    const span: Span = begun ?? spanOf(round, cutOver, book.seenUntil(round), this.ground.clock.now())
    let next = begun?.next
    do {
      const page = await pageOf(this.plan, round, span, next)
      await this.take(round.source, page.handed)
      if (this.stop.signal.aborted) return
      next = page.next
      if (next !== undefined) await book.begin(round, { ...span, next })
    } while (next !== undefined)
    await book.finish(this.seenBy(round, book), span)
  }

  private seenBy(round: Round, book: SweepBook): readonly Round[] {
    const same = this.turns
      .map((turn) => turn.round)
      .filter((one) => one.source === round.source && one.form === round.form)
    return [round, ...same.filter((one) => one !== round && book.seenUntil(one) === undefined)]
  }

  private async take(source: string, handed: readonly Handed[]): Promise<void> {
    const found = await this.unknown(source, handed)
    for (let pause = 1_000; found.length > 0 && !this.stop.signal.aborted; pause = Math.min(pause * 2, 30_000)) {
      try {
        return await this.ground.receive(this.plan.name, found)
      } catch (error) {
        if (!(error instanceof HubError) || error.code !== 'ingress.busy') throw error
        await sleep(this.ground.clock, pause, this.stop.signal)
      }
    }
  }

  /** What somebody has to look at, under the keys of their receipts. One query a page. */
  private async unknown(source: string, handed: readonly Handed[]): Promise<Handed[]> {
    if (handed.length === 0) return []
    const { name: connection } = this.plan
    const hashes = handed.map(({ subject }) => subjectHash(connection, source, subject))
    const rows = await this.ground.store.select('receipts', { subject_hash: hashes, connection, source })
    const now = this.ground.clock.now()
    return handed.flatMap((one) => {
      const key = sweepKey(
        one.subject,
        rows.filter(({ subject }) => subject === one.subject),
        now,
      )
      return key === undefined ? [] : [{ ...one, key }]
    })
  }
}

function retryAfterOf(error: unknown): number | undefined {
  return error instanceof CallFailure ? error.retryAfter : undefined
}

function isMistaken(error: unknown): boolean {
  if (error instanceof CallFailure) return error.failureClass === 'invalid'
  return error instanceof HubError && error.code === 'ingress.same-page'
}
