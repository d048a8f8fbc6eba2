import { HubError } from '@shuniu/contracts'
import { packValue } from '@shuniu/infra/json'
import type { Batch, LogRecord } from '@shuniu/infra/log'
import type { Change, NewRow, Row, Store } from '@shuniu/infra/store'
import type { Clock } from '@shuniu/infra/time'
import type { FlowEvent, FlowPlan } from './flow/plan.ts'
import { invalidDetail } from './ledger/trouble.ts'
import { asRow, keyHash, runRow, type Delivery } from './run/rows.ts'
import { Stale } from './run/standing.ts'

export interface ActiveFlow {
  readonly plan: FlowPlan
  /** It gets the events from this place of the log on. */
  readonly from: number
}

export interface IntakeGround {
  readonly store: Store
  readonly clock: Clock
  readonly flows: () => readonly ActiveFlow[]
  readonly read: (record: LogRecord) => FlowEvent
  /** Runs that are on disk now and may be executed. */
  readonly accepted: (row: Row<'runs'>, event: FlowEvent) => void
  /** A mark was set: runs of this key have to look at it. */
  readonly marked: (keyHash: number) => void
}

/** One run to write, with what belongs into its commit. */
interface Intended {
  readonly event: FlowEvent
  readonly row: NewRow<'runs'>
  /** Set when the run is an undo: the mark it stands for. */
  readonly mark?: number
  /** It starts when the undo run written just before it has ended. */
  readonly afterUndo?: boolean
}

/** Turns events into runs: persists, then the position moves. It never waits for a vendor. */
export class Intake {
  constructor(private readonly ground: IntakeGround) {}

  async take(batch: Batch): Promise<void> {
    let chunk: Intended[] = []
    const keys = new Set<number>()
    for (const record of batch.records) {
      const event = this.ground.read(record)
      for (const { plan, from } of this.interested(event)) {
        if (event.position < from) continue
        const hash = keyOrNothing(plan, event)
        // Two events of one key in a chunk must see each other's rows: the first goes to disk before.
        if (hash !== undefined && keys.has(hash)) {
          await this.write(chunk, [])
          chunk = []
          keys.clear()
        }
        if (hash !== undefined) keys.add(hash)
        chunk.push(...(await this.intend(plan, event)))
      }
      if (this.interested(event).length === 0) chunk.push(this.nobodys(event))
    }
    await this.write(chunk, [batch.moved])
  }

  /** Delivers one older event to one flow: replay. Returns whether a run came of it. */
  async deliver(plan: FlowPlan, event: FlowEvent): Promise<boolean> {
    const before = await this.ground.store.select('runs', {
      key_hash: keyHash(plan.flow, plan.keyOf(event)),
      event: event.position,
    })
    if (before.length > 0) return false
    await this.write(await this.intend(plan, event), [])
    return true
  }

  private interested(event: FlowEvent): readonly ActiveFlow[] {
    return this.ground.flows().filter(({ plan }) => plan.on === event.type || plan.undoOn.has(event.type))
  }

  private nobodys(event: FlowEvent): Intended {
    const delivery: Delivery = { flow: '', version: '', key: event.id, revision: 1, number: undefined }
    return { event, row: runRow('flow', delivery, event, this.ground.clock.now(), skipped('no flow')) }
  }

  private async intend(plan: FlowPlan, event: FlowEvent): Promise<Intended[]> {
    const now = this.ground.clock.now()
    try {
      const delivery = deliveryOf(plan, event)
      const earlier = await this.earlier(delivery)
      if (plan.on !== event.type) return [{ event, row: runRow('undo', delivery, event, now), mark: delivery.revision }]
      const reason = await this.reasonToSkip(plan, event, delivery, earlier)
      if (reason) return [{ event, row: runRow('flow', delivery, event, now, skipped(reason)) }]
      return this.withUndo(delivery, event, earlier)
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      const delivery: Delivery = {
        flow: plan.flow,
        version: plan.version,
        key: event.id,
        revision: 1,
        number: undefined,
      }
      const detail = invalidDetail(error, plan.on)
      const parked = {
        state: 'parked',
        reason: 'invalid',
        detail: packValue({ ...detail, message: { ...detail.message } }),
      }
      return [{ event, row: { ...runRow('flow', delivery, event, now), ...parked } }]
    }
  }

  /** A higher revision first undoes what the lower ones made. */
  private withUndo(delivery: Delivery, event: FlowEvent, earlier: readonly Row<'runs'>[]): Intended[] {
    const now = this.ground.clock.now()
    const run = { event, row: runRow('flow', delivery, event, now) }
    if (!earlier.some((row) => row.kind === 'flow' && row.revision < delivery.revision)) return [run]
    const before = { ...delivery, revision: delivery.revision - 1 }
    return [
      { event, row: runRow('undo', before, event, now), mark: before.revision },
      { ...run, afterUndo: true },
    ]
  }

  private earlier({ flow, key }: Delivery): Promise<Row<'runs'>[]> {
    return this.ground.store.select('runs', { key_hash: keyHash(flow, key), flow, key })
  }

  private async reasonToSkip(
    plan: FlowPlan,
    event: FlowEvent,
    delivery: Delivery,
    earlier: readonly Row<'runs'>[],
  ): Promise<string | undefined> {
    if (event.time.ms < plan.since.ms) return 'before cut-over'
    if (!plan.wants(event)) return 'where'
    const counted = earlier.filter(
      (row) => row.kind === 'flow' && row.reason !== 'where' && row.event !== event.position,
    )
    if (counted.some((row) => row.revision === delivery.revision)) return 'duplicate'
    if (counted.some((row) => row.revision > delivery.revision)) return 'superseded'
    const where = { key_hash: keyHash(delivery.flow, delivery.key), up_to: { atLeast: delivery.revision } }
    const [mark] = await this.ground.store.select('marks', where, { limit: 1 })
    return mark ? 'withdrawn' : undefined
  }

  private async write(chunk: readonly Intended[], moved: readonly Change[]): Promise<void> {
    if (chunk.length === 0 && moved.length === 0) return
    const { changes, runs } = commitOf(chunk)
    const outcome = await this.ground.store.commit([...changes, ...moved])
    if (outcome.is === 'stale') throw new Stale()
    if (outcome.is === 'refused') return this.writeOneByOne(chunk, moved)
    chunk.forEach((one, at) => this.announce(one, outcome.ids[runs[at] ?? -1]))
  }

  /** Part of it is on disk from an attempt that died before the position moved. */
  private async writeOneByOne(chunk: readonly Intended[], moved: readonly Change[]): Promise<void> {
    for (const group of groupsOf(chunk)) {
      const { changes, runs } = commitOf(group)
      const outcome = await this.ground.store.commit(changes)
      if (outcome.is === 'stale') throw new Stale()
      if (outcome.is === 'done') group.forEach((one, at) => this.announce(one, outcome.ids[runs[at] ?? -1]))
    }
    if (moved.length > 0) await this.ground.store.commit(moved)
  }

  private announce({ event, row, mark }: Intended, id: number | undefined): void {
    if (id === undefined) return
    if (mark !== undefined) this.ground.marked(row.key_hash)
    if (row.state === 'queued') this.ground.accepted(asRow(id, row), event)
  }
}

const skipped = (reason: string) => ({ state: 'skipped', reason }) as const

function keyOrNothing(plan: FlowPlan, event: FlowEvent): number | undefined {
  try {
    return keyHash(plan.flow, plan.keyOf(event))
  } catch {
    return undefined
  }
}

function deliveryOf(plan: FlowPlan, event: FlowEvent): Delivery {
  return {
    flow: plan.flow,
    version: plan.version,
    key: plan.keyOf(event),
    revision: plan.revisionOf(event),
    number: plan.numberOf(event),
  }
}

/** An undo and the run that follows it stay together. */
function groupsOf(chunk: readonly Intended[]): Intended[][] {
  const groups: Intended[][] = []
  for (const one of chunk) {
    const last = groups.at(-1)
    if (one.afterUndo && last) last.push(one)
    else groups.push([one])
  }
  return groups
}

function commitOf(chunk: readonly Intended[]): { changes: Change[]; runs: number[] } {
  const changes: Change[] = []
  const runs: number[] = []
  for (const { row, mark, afterUndo } of chunk) {
    const undo = runs.at(-1)
    runs.push(changes.length)
    const after_run = afterUndo && undo !== undefined ? { idOf: undo } : (row.after_run ?? null)
    changes.push({ insert: 'runs', row: { ...row, after_run }, ifAbsent: true })
    changes.push({ count: 'deliveries.accepted', by: 1 })
    if (row.state !== 'queued') changes.push({ count: `deliveries.${row.state}`, by: 1 })
    if (mark === undefined) continue
    const { flow, key, key_hash } = row
    changes.push({
      insert: 'marks',
      row: { flow, key, key_hash, up_to: mark, run: { idOf: changes.length - 2 } },
      orSkip: true,
    })
  }
  return { changes, runs }
}
