import { isAfter, type Batch, type LogRecord } from '@shuniu/infra/log'
import type { Change, EventRow, Row, Store } from '@shuniu/infra/store'
import { within, type Traces } from '@shuniu/infra/telemetry'
import type { Clock } from '@shuniu/infra/time'
import type { EventHead, FlowEvent, FlowPlan } from './flow/plan.ts'
import { intend, intendOrPark, nobodys, unreadable, wasTaken, type Earlier, type Intended } from './intend.ts'
import { oneByOne } from './one-by-one.ts'
import { keep, type Poison } from './poison.ts'
import type { MakeEvent } from './run/live.ts'
import { asRow, keyHash } from './run/rows.ts'
import { Stale } from './run/standing.ts'
import { takeShortWay, totalsOf, type Passed } from './short-way.ts'

export interface ActiveFlow {
  readonly plan: FlowPlan
  /** It gets the events from these places of the log on: the ends of its partitions when the flow began. */
  readonly from: readonly number[]
}

export interface IntakeGround {
  readonly store: Store
  readonly clock: Clock
  readonly flows: () => readonly ActiveFlow[]
  /** Both throw what is wrong with a record that nobody can read. */
  readonly head: (record: LogRecord) => EventHead
  readonly read: (record: LogRecord, head: EventHead) => FlowEvent
  /** Runs that are on disk now, to be executed or parked; with what they are about, when it was read. */
  readonly accepted: (row: Row<'runs'>, event: FlowEvent | undefined) => void
  readonly makeEvent: MakeEvent
  readonly traces?: Traces | undefined
  /** Appends to a log that is not part of the store. */
  readonly append?: (events: readonly EventRow[]) => Promise<void>
  /** What needed no run, on disk now. */
  readonly passed: (outcome: Passed['outcome'], flow: string) => void
  /** Learns what these records need to be read; rejects, and nothing of them is taken, when nobody can tell at the moment. */
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>
  /** Where strangers write to the log, and it forgets. */
  readonly poison: Poison | undefined
}

/**
 * Turns events into runs: persists, then the position moves. It never waits for a vendor. One thing at a time: what an
 * event means depends on the rows of those that came before it.
 */
export class Intake {
  private readonly inTurn = oneByOne()

  constructor(private readonly ground: IntakeGround) {}

  take(batch: Batch): Promise<void> {
    // The log may call from within a run's commit: what is taken in here is none of that run's.
    return this.inTurn(() => within({}, () => this.takeNow(batch)))
  }

  private async takeNow(batch: Batch): Promise<void> {
    const { poison } = this.ground
    const began = this.ground.clock.now()
    poison?.admit(batch)
    await this.ground.prepare(batch.records)
    const chunk = new Chunk()
    const passed: Passed[] = []
    const meanings = batch.records.flatMap((record) => this.meanings(record))
    let earlier = await this.earlier(meanings)
    for (const [at, { lane, intended, short }] of meanings.entries()) {
      const mayPass = lane === undefined || !chunk.has(lane)
      const passing = mayPass ? await short?.(earlier(lane)) : undefined
      if (passing) {
        passed.push(passing)
        continue
      }
      // Two events of one key in a chunk must see each other's rows: the first goes to disk before.
      if (lane !== undefined && chunk.has(lane)) {
        await this.write(chunk.take(), [])
        earlier = await this.earlier(meanings.slice(at))
      }
      chunk.add(lane, intended(earlier(lane)))
    }
    await this.write(chunk.take(), [...(await this.passOn(passed, batch)), batch.moved])
    this.ground.traces?.tell('intake', told(batch.records, began))
    for (const { outcome, flow } of passed) this.ground.passed(outcome, flow)
    poison?.taken(batch, meanings.filter(({ isUnread }) => isUnread).length)
  }

  /** Delivers one older event to one flow: replay. Returns whether a run came of it. */
  deliver(plan: FlowPlan, event: FlowEvent): Promise<boolean> {
    return this.inTurn(async () => {
      if (!isFor(plan, event)) return false
      const [flow, key] = [plan.flow, plan.keyOf(event)]
      const earlier = await this.earlierOf(keyHash(flow, key))
      if (earlier.runs.some((row) => row.event === event.position && row.flow === flow && row.key === key)) return false
      await this.write(intendOrPark(plan, event, earlier, this.ground.clock.now()), [])
      return true
    })
  }

  /**
   * What could not be understood when it came, once more, by the flow of today, or by all (''). Returns whether there is any
   * that wants it; throws HubError when it still cannot be understood.
   */
  takeAgain(event: FlowEvent, flow: string): Promise<boolean> {
    return this.inTurn(async () => {
      const plans = this.interested(event).filter((plan) => flow === '' || flow === plan.flow)
      for (const plan of plans) {
        const earlier = await this.earlierOf(laneIn(plan, event))
        await this.write(intend(plan, event, earlier, this.ground.clock.now()), [])
      }
      return plans.length > 0
    })
  }

  /** What a record means to each flow. */
  private meanings(record: LogRecord): readonly Meaning[] {
    const alone = (intended: Intended): Meaning[] => [{ lane: undefined, intended: () => [intended] }]
    const now = this.ground.clock.now()
    try {
      const head = this.ground.head(record)
      const plans = this.interested(head)
      if (plans.length === 0) return isTold(head) ? [toOthers] : alone(nobodys(head, now))
      const event = this.ground.read(record, head)
      return plans.map((plan) => this.meaning(plan, event))
    } catch (error) {
      const key = Buffer.from(record.eventId).toString('hex')
      const kept = this.ground.poison && record
      const parked = unreadable({ position: record.position, key, error, record: kept }, now)
      return [{ lane: undefined, intended: () => [parked], isUnread: true }]
    }
  }

  private meaning(plan: FlowPlan, event: FlowEvent): Meaning {
    const intended = (earlier: Earlier): Intended[] =>
      wasTaken(plan, event, earlier) ? [] : intendOrPark(plan, event, earlier, this.ground.clock.now())
    const short = (earlier: Earlier) => takeShortWay(plan, event, earlier, this.ground.makeEvent)
    const lane = laneIn(plan, event)
    return { lane, intended, ...(plan.short && lane !== undefined && { short }) }
  }

  private interested(event: EventHead): readonly FlowPlan[] {
    return this.ground
      .flows()
      .flatMap(({ plan, from }) => (isFor(plan, event) && isAfter(event.position, from) ? plan : []))
  }

  /**
   * Hands on what followed by the short way, and says what its commit has to. In a log of its own it is there before the position
   * moves: whoever repeats the batch appends the same ids, and counts it only if nobody else did.
   */
  private async passOn(passed: readonly Passed[], { continues }: Batch): Promise<Change[]> {
    if (passed.length === 0) return []
    const events = passed.flatMap((one) => one.events)
    const { append } = this.ground
    if (!append) return [...events.map((one): Change => ({ append: one })), ...totalsOf(passed)]
    await append(events)
    return [...(continues ? [continues] : []), ...totalsOf(passed)]
  }

  private async earlierOf(lane: number | undefined): Promise<Earlier> {
    return (await this.earlier([{ lane }]))(lane)
  }

  /** What came before in these lanes, read at once. A mark is only where something was undone. */
  private async earlier(meanings: readonly Pick<Meaning, 'lane'>[]): Promise<(lane: number | undefined) => Earlier> {
    const { store } = this.ground
    const key_hash = meanings.flatMap(({ lane }) => lane ?? [])
    const runs = key_hash.length === 0 ? [] : await store.select('runs', { key_hash })
    const undone = runs.flatMap((row) => (row.kind === 'undo' ? row.key_hash : []))
    const marks = undone.length === 0 ? [] : await store.select('marks', { key_hash: undone })
    const runsOf = Map.groupBy(runs, (row) => row.key_hash)
    const marksOf = Map.groupBy(marks, (mark) => mark.key_hash)
    return (lane = -1) => ({ runs: runsOf.get(lane) ?? [], marks: marksOf.get(lane) ?? [] })
  }

  private async write(chunk: readonly Intended[], moved: readonly Change[]): Promise<void> {
    if (chunk.length === 0 && moved.length === 0) return
    if (await this.commit(chunk, moved)) return
    // Part of it is on disk from an attempt that died before the position moved.
    for (const group of groupsOf(chunk)) await this.commit(group, [])
    if (moved.length > 0) await this.commit([], moved)
  }

  /** False when some of it is there already. */
  private async commit(chunk: readonly Intended[], moved: readonly Change[]): Promise<boolean> {
    const { changes, runs } = commitOf(chunk)
    const outcome = await this.ground.store.commit([...changes, ...moved])
    if (outcome.is === 'stale') throw new Stale('the store belongs to a later start')
    if (outcome.is === 'refused') return false
    const idAt = (at: number): number | undefined => outcome.ids[runs[at] ?? -1]
    chunk.forEach(({ row, event, afterUndo }, at) => {
      const id = idAt(at)
      const after_run = afterUndo ? (idAt(at - 1) ?? null) : null
      if (id !== undefined && row.state !== 'skipped') this.ground.accepted(asRow(id, { ...row, after_run }), event)
    })
    return true
  }
}

/** A batch is about many transactions: it stands in a trace of its own, and is linked with theirs. */
function told(records: readonly LogRecord[], since: number) {
  const attributes = { 'messaging.operation.type': 'process', 'messaging.batch.message_count': records.length }
  const links = records.flatMap((record) => /"traceparent":"([^"]+)"/.exec(record.attributes)?.[1] ?? [])
  return { kind: 'consumer', attributes, links, since } as const
}

/** What an event is to one flow, once it is known what came before. `lane`: what has to wait for each other. */
interface Meaning {
  readonly lane: number | undefined
  readonly isUnread?: boolean
  intended(earlier: Earlier): readonly Intended[]
  /** Present where it may need no run at all. */
  short?(earlier: Earlier): Promise<Passed | undefined>
}

/** What flows of ours tell others needs no flow of ours: it is counted, and stands in the log. */
const isTold = ({ source }: EventHead): boolean => source.startsWith('/flows/')
const toOthers: Meaning = {
  lane: undefined,
  intended: () => [],
  short: async () => ({ flow: '', outcome: 'skipped', events: [] }),
}

/** Runs that go to disk together. */
class Chunk {
  private intended: Intended[] = []
  private readonly lanes = new Set<number>()

  has(lane: number): boolean {
    return this.lanes.has(lane)
  }

  add(lane: number | undefined, intended: readonly Intended[]): void {
    if (lane !== undefined) this.lanes.add(lane)
    this.intended.push(...intended)
  }

  take(): readonly Intended[] {
    this.lanes.clear()
    return this.intended.splice(0)
  }
}

function isFor(plan: FlowPlan, event: EventHead): boolean {
  return plan.on === event.type || plan.undoOn.has(event.type)
}

function laneIn(plan: FlowPlan, event: FlowEvent): number | undefined {
  try {
    return keyHash(plan.flow, plan.keyOf(event))
  } catch {
    return undefined
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
  for (const { row, mark, afterUndo, kept } of chunk) {
    const undo = runs.at(-1)
    const at = changes.length
    runs.push(at)
    const after_run = afterUndo && undo !== undefined ? { idOf: undo } : null
    changes.push({ insert: 'runs', row: { ...row, after_run }, ifAbsent: true })
    if (kept) changes.push(keep(kept.record, kept.error, { idOf: at }))
    changes.push({ count: 'deliveries.accepted', by: 1 })
    if (row.state !== 'queued') changes.push({ count: `deliveries.${row.state}`, by: 1 })
    if (mark === undefined) continue
    const { flow, key, key_hash } = row
    changes.push({ insert: 'marks', row: { flow, key, key_hash, up_to: mark, run: { idOf: at } }, orSkip: true })
  }
  return { changes, runs }
}
