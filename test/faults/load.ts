import type { Chance } from './chance.ts'
import type { Sent } from './data-file.ts'
import { pause } from '../processes/pause.ts'
import type { Named, Simulator } from './simulator.ts'

/** An approval that was given in DingTalk. */
export interface Given extends Named {
  /** When its act was answered: by then its push was on the way. 0 = nothing is pushed. */
  readonly at: number
}

/** When a withdrawal comes, seen from the voucher. */
export const moments = ['before', 'in doubt', 'after'] as const
type Moment = (typeof moments)[number]

export interface LoadOptions {
  /** Approvals a second. */
  readonly rate: number
  /** Share of approvals that are withdrawn. */
  readonly withdrawn: number
}

/** People at work in DingTalk: approvals at a steady rate, some withdrawn before their voucher, some after, some while it is in doubt. */
export class Load {
  readonly given: Given[] = []
  /** What went wrong while asking the simulator: the load itself is broken then. */
  readonly troubles: string[] = []
  readonly withdrawals: Record<Moment, number> = { before: 0, 'in doubt': 0, after: 0 }
  private readonly withdrawn = new Set<string>()
  /** To be withdrawn from a moment on, when their voucher stands. */
  private readonly later: { readonly id: string; readonly from: number }[] = []
  private wishedInDoubt = 0
  private readonly underWay = new Set<Promise<void>>()
  private stopped = false
  private running: Promise<void> = Promise.resolve()
  private ahead = 0

  constructor(
    private readonly dingtalk: Simulator,
    private readonly chance: Chance,
    private readonly options: LoadOptions,
  ) {}

  start(): void {
    this.running = this.loop()
  }

  /** Resolves when nobody does anything any more. */
  async stop(): Promise<void> {
    this.stopped = true
    await this.running
    while (this.underWay.size > 0) await Promise.all(this.underWay)
  }

  /** Some of the approvals to come, now and at once. */
  burst(count: number): void {
    this.ahead += count
    for (let left = count; left > 0; left--) this.track(this.approve())
  }

  /** Withdraws what was waited for. `sent` is what the ledger says now. */
  tend(sent: readonly Sent[]): void {
    const doubtful = sent.find(
      (one) => one.state === 'in doubt' && one.operation === 'voucher.save' && !this.withdrawn.has(one.key),
    )
    if (doubtful && this.wishedInDoubt > 0) {
      this.wishedInDoubt--
      this.track(this.withdraw(doubtful.key, sent))
    }
    const ripe = this.later.findIndex(({ from }) => from <= Date.now())
    if (ripe >= 0) for (const { id } of this.later.splice(ripe, 1)) this.track(this.withdraw(id, sent))
  }

  /** Withdraws one whose voucher stands, now. */
  withdrawPosted(sent: readonly Sent[]): void {
    const posted = sent.filter(
      (one) => one.state === 'confirmed' && one.operation === 'voucher.save' && !this.withdrawn.has(one.key),
    )
    const awaited = posted.findIndex(({ key }) => this.later.some(({ id }) => id === key))
    const one = posted[awaited < 0 ? this.chance.between(0, Math.max(0, posted.length - 1)) : awaited]
    if (!one) return
    const place = this.later.findIndex(({ id }) => id === one.key)
    if (place >= 0) this.later.splice(place, 1)
    this.track(this.withdraw(one.key, sent))
  }

  private async loop(): Promise<void> {
    const gap = 1000 / this.options.rate
    for (let next = Date.now(); !this.stopped; next += gap) {
      await pause(Math.max(0, next - Date.now()))
      if (this.ahead > 0) this.ahead--
      else this.track(this.approve())
    }
  }

  private async approve(): Promise<void> {
    const seed = this.chance.between(0, 2 ** 31)
    const moment = this.chance.of(this.options.withdrawn) ? this.chance.pick(moments) : undefined
    const wait = this.chance.between(3_000, 12_000)
    // Half of the early ones are withdrawn before the hub has heard of them, half while it is at work.
    const push = moment !== 'before' || this.chance.of(0.5)
    const named = await this.dingtalk.act('approved-payment', { seed, push })
    this.given.push({ ...named, at: push ? Date.now() : 0 })
    if (moment === 'before') await this.withdraw(named.id, [])
    if (moment === 'after') this.later.push({ id: named.id, from: Date.now() + wait })
    if (moment === 'in doubt') this.wishedInDoubt++
  }

  private async withdraw(id: string, sent: readonly Sent[]): Promise<void> {
    if (this.withdrawn.has(id)) return
    this.withdrawn.add(id)
    this.withdrawals[momentOf(id, sent)]++
    await this.dingtalk.act('withdraw', { id })
  }

  private track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => void this.troubles.push(String(error)))
      .finally(() => this.underWay.delete(tracked))
    this.underWay.add(tracked)
  }
}

function momentOf(id: string, sent: readonly Sent[]): Moment {
  const state = sent.find((one) => one.key === id && one.operation === 'voucher.save')?.state
  if (state === undefined || state === 'prepared') return 'before'
  return state === 'confirmed' ? 'after' : 'in doubt'
}
