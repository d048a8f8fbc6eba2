import { HubError } from '@shuniu/contracts'
import { Owned } from '@shuniu/infra/leases'
import { ReadBack, tellUnknown } from '@shuniu/infra/store'
import { sleep, type Clock } from '@shuniu/infra/time'
import type { Handed } from '@shuniu/sdk'
import { messageOf } from './detail.ts'
import { Stale, type IngressGround } from './ground.ts'
import { Hooks } from './hooks.ts'
import { planOf, type ConnectionPlan } from './mapping.ts'
import { Normaliser } from './normalise.ts'
import { OwnedSweeps, sweepsHash } from './owned-sweeps.ts'
import { ReceiptParking } from './parking.ts'
import { Receiver } from './receive.ts'
import type { Origin } from './receipt.ts'
import { sample, type Sample } from './sample.ts'
import { Streams } from './streams.ts'
import { countFirstSweep } from './sweep-page.ts'
import { Sweeps } from './sweeps.ts'
import { Waiting } from './waiting.ts'

/** What operators see of a connection's way in. Ages and lengths in ms. */
export interface SourceState {
  readonly connection: string
  /** Receipts accepted and not understood yet, and the age of the oldest. */
  readonly waiting: number
  readonly oldest: number
  /** Undefined when the connection has no stream. */
  readonly stream: 'up' | 'down' | undefined
  /** How far we may be behind the source: 0 while everything works. */
  readonly lag: number
}

export interface IngressState {
  readonly waiting: number
  readonly oldest: number
  readonly sources: readonly SourceState[]
}

/** What stopping may take, ms. */
const longestDrain = 25_000
/** Until rows that cannot be read are asked for again, ms. */
const askAgain = 1_000

/** Opens the way in. Throws the first problem of a connection that `checkConnection` would have reported. */
export function openIngress(ground: IngressGround): Promise<Ingress> {
  return Ingress.open(ground)
}

/** The way in: hooks, streams and sweeps make receipts, the normaliser makes events of them. */
export class Ingress {
  readonly hooks: Hooks
  readonly parking: ReceiptParking
  private readonly plans: readonly ConnectionPlan[]
  private readonly receiver: Receiver
  private readonly normaliser: Normaliser
  private readonly waiting: Waiting
  private readonly streams: Streams
  private readonly sweeps: OwnedSweeps
  private readonly ground: IngressGround
  private readonly closing = new AbortController()
  private readonly readBack: ReadBack

  private constructor(given: IngressGround, plans: readonly ConnectionPlan[]) {
    const ground = { ...given, store: tellUnknown(given.store, () => this.readBack.ask()) }
    this.ground = ground
    const { store, clock, limits } = ground
    const byName = new Map(plans.map((plan) => [plan.name, plan]))
    this.plans = plans
    this.normaliser = new Normaliser({
      ...ground,
      plans: byName,
      concurrency: limits.concurrency,
      closing: this.closing.signal,
    })
    this.readBack = new ReadBack(
      () => this.normaliser.readBack(),
      () => sleep(clock, askAgain, this.closing.signal),
      this.closing.signal,
    )
    this.waiting = new Waiting({
      ...ground,
      own: () => this.normaliser.waiting(),
      failed: (error) => ground.report.error('ingress.not-counted', { error: messageOf(error) }),
    })
    this.receiver = new Receiver({
      store,
      clock,
      limit: limits.waiting,
      waiting: () => this.waiting.now(),
      accepted: (receipt) => this.normaliser.add(receipt),
      traces: ground.traces,
    })
    this.parking = new ReceiptParking({ store, clock, released: (receipt) => this.normaliser.add(receipt) })
    this.hooks = new Hooks({ ...ground, receive: ground.receives === false ? turnAway : this.as('push') })
    this.streams = new Streams({ ...ground, plans, receive: this.as('stream'), catchUp: (name) => this.catchUp(name) })
    const open = (name: string): Sweeps => new Sweeps(planNamed(plans, name), { ...ground, receive: this.as('sweep') })
    const failed = (error: unknown): void => ground.report.error('ingress.sweeps-failed', { error: messageOf(error) })
    this.sweeps = new OwnedSweeps([...byName.keys()], open, failed)
  }

  static async open(ground: IngressGround): Promise<Ingress> {
    const plans = ground.connections.map((one) => planOf(one, ground.contracts))
    const ingress = new Ingress(ground, plans)
    // What waits from an earlier life counts at the door before it opens.
    await ground.ownership.join(ingress.normaliser.owned)
    return ingress
  }

  /** Opens streams and begins to sweep. Pushes are taken before that already. */
  async start(): Promise<void> {
    await this.ground.ownership.join(new Owned(this.sweeps, this.closing.signal))
    if (this.ground.receives !== false) this.streams.start()
  }

  /** Resolves when everything is durable. Rejects as `Receiver.receive`. */
  async receive(connection: string, origin: Origin, handed: readonly Handed[]): Promise<void> {
    try {
      await this.receiver.receive(connection, origin, handed)
    } catch (error) {
      if (!(error instanceof Stale)) throw error
      this.ground.lost(error)
      throw new HubError('ingress.closed', {}, { cause: error })
    }
  }

  /** Looks soon, or at once, at what a connection's pushes may have lost; for all connections without a name. */
  catchUp(connection?: string, atOnce = false): void {
    for (const { name } of this.plans) if (connection === undefined || connection === name) this.catchUpOf(name, atOnce)
  }

  private catchUpOf(connection: string, atOnce: boolean): void {
    const sweeps = this.sweeps.get(connection)
    const hash = sweepsHash(connection)
    if (sweeps) sweeps.catchUp(atOnce)
    else this.ground.ownership.tell('sweep', hash, hash)
  }

  /** How many documents the first sweep of each form would bring in; makes no receipt. */
  async countFirstSweeps(): Promise<
    readonly { connection: string; source: string; form: string; documents: number }[]
  > {
    const counted = []
    for (const plan of this.plans) {
      for (const one of await countFirstSweep(plan, this.ground.clock)) counted.push({ connection: plan.name, ...one })
    }
    return counted
  }

  /** The newest documents of a connection and the events they would become. */
  async sample(connection: string, ask: { form?: string; last: number }): Promise<Sample> {
    const plan = this.plans.find(({ connection: { name } }) => name === connection)
    if (!plan) throw new HubError('ingress.no-form', { form: ask.form ?? '', connection })
    return sample(plan, ask)
  }

  state(): IngressState {
    const sources = this.plans.map(({ name }) => this.stateOf(name))
    const oldest = Math.max(0, ...sources.map((source) => source.oldest))
    return { waiting: this.normaliser.waiting(), oldest, sources }
  }

  /** Takes nothing more, lets what is under way come to an end, 25 s at most; the rest waits in the store. */
  async close(): Promise<void> {
    this.receiver.close()
    this.closing.abort()
    const drained = Promise.all([
      this.streams.close(),
      this.readBack.close(),
      this.normaliser.close(),
      this.sweeps.close(),
    ])
    await atMost(this.ground.clock, longestDrain, drained)
  }

  private stateOf(connection: string): SourceState {
    const since = this.normaliser.oldest(connection)
    const oldest = since === undefined ? 0 : Math.max(0, this.ground.clock.now() - since)
    const downFor = this.streams.downFor(connection)
    const overdue = this.sweeps.get(connection)?.overdue() ?? 0
    return {
      connection,
      waiting: this.normaliser.waiting(connection),
      oldest,
      stream: downFor === undefined ? undefined : downFor > 0 ? 'down' : 'up',
      lag: Math.max(oldest, downFor ?? 0, overdue),
    }
  }

  private as(origin: Origin): (connection: string, handed: readonly Handed[]) => Promise<void> {
    return (connection, handed) => this.receive(connection, origin, handed)
  }
}

const turnAway = (): Promise<void> => Promise.reject(new HubError('ingress.closed'))

function planNamed(plans: readonly ConnectionPlan[], name: string): ConnectionPlan {
  const plan = plans.find((one) => one.name === name)
  if (!plan) throw new HubError('internal.bug', { what: `no connection ${name}` })
  return plan
}

async function atMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<Clock['after']> | undefined
  const late = new Promise<void>((resolve) => (timer = clock.after(ms, resolve)))
  await Promise.race([work, late])
  timer?.cancel()
}
