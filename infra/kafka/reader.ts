import type { Batch, Subscription } from '../log/port.ts'
import { sleep, type Clock } from '../time/index.ts'
import type { Cursor } from './cursor.ts'
import { isRefusal } from './failure.ts'
import type { Handed, Incoming, KafkaDriver, Member } from './port.ts'

/** Records handed out at once, so that reading them does not hold up the loop. */
const chunkSize = 250
const heartbeatEvery = 2_000
const rests = [100, 500, 2_000, 10_000] as const
/** A stopped partition is looked at again so often: somebody may have accepted the gap. */
const lookAgain = 10_000
const rebuildAfter = 500
/** After the cluster turned us away: nothing but a person's hand helps. */
const turnedAwayAfter = 10_000

export interface ReaderGround {
  readonly group: string
  /** Names on the cluster. */
  readonly topics: readonly string[]
  readonly kafka: Pick<KafkaDriver, 'join' | 'topics'>
  readonly clock: Clock
  readonly open: (topic: string, partition: number) => Promise<Cursor>
  readonly handle: (batch: Batch) => Promise<void>
  readonly report: (message: string, detail: unknown) => void
}

/** One partition that is ours: opening → reading ⇄ resting (after a failure, or while records are missing). */
interface Line {
  readonly topic: string
  readonly partition: number
  readonly member: Member
  cursor: Promise<Cursor>
  /** The last batch began where the cursor stood. */
  aligned: boolean
  resting: boolean
  failures: number
  busy: Promise<void>
}

/**
 * A named reader as a member of a consumer group: the group says which partitions it reads, the cursors where. A member
 * that crashed is replaced. It only hands out; `handle` persists.
 */
export class GroupReader implements Subscription {
  private lines = new Map<string, Line>()
  private paused = false
  private readonly stop = new AbortController()
  private readonly finished: Promise<void>

  constructor(private readonly ground: ReaderGround) {
    this.finished = this.live()
  }

  pause(): void {
    this.paused = true
    for (const line of this.lines.values()) this.flow(line)
  }

  resume(): void {
    this.paused = false
    for (const line of this.lines.values()) this.flow(line)
  }

  async close(): Promise<void> {
    this.stop.abort()
    await this.finished
  }

  private async live(): Promise<void> {
    const { group, clock, report } = this.ground
    const { signal } = this.stop
    while (!signal.aborted) {
      let after = rebuildAfter
      try {
        await this.liveOnce()
      } catch (error) {
        report(`the reader ${group} begins again`, error)
        if (isRefusal(error)) after = turnedAwayAfter
      }
      await sleep(clock, after, signal)
    }
  }

  /** From joining to leaving the group; rejects with why, unless it was asked to. */
  private async liveOnce(): Promise<void> {
    const { kafka, group, topics, report } = this.ground
    const there = await kafka.topics()
    const [present, absent] = [topics.filter((one) => there.has(one)), topics.filter((one) => !there.has(one))]
    if (absent.length > 0) report(`the reader ${group} misses topics`, absent)
    const life = new AbortController()
    const end = AbortSignal.any([this.stop.signal, life.signal])
    const member = await kafka.join(group, present, {
      joined: (assigned, its) => this.joined(assigned, its),
      handed: (batch) => this.handed(batch),
      crashed: (error) => life.abort(error),
    })
    await this.untilOther(present, end)
    await member.leave()
    if (!this.stop.signal.aborted) throw life.signal.aborted ? life.signal.reason : new Error('topics came or went')
  }

  /** Until its end, or until other topics of ours are there: the client would stand still over one that was deleted. */
  private async untilOther(present: readonly string[], end: AbortSignal): Promise<void> {
    const { kafka, topics, clock } = this.ground
    for (let isSame = true; isSame && !end.aborted;) {
      await sleep(clock, lookAgain, end)
      if (end.aborted) return
      isSame = await kafka.topics().then(
        (there) => topics.filter((one) => there.has(one)).join() === present.join(),
        () => true,
      )
    }
  }

  /** What is still in hand from before ends first: two cursors on one partition would go over each other's position. */
  private joined(assigned: ReadonlyMap<string, readonly number[]>, member: Member): void {
    const before = this.lines
    this.lines = new Map()
    for (const [topic, partitions] of assigned)
      for (const partition of partitions) {
        const name = `${topic}/${partition}`
        const busy = before.get(name)?.busy ?? Promise.resolve()
        const cursor = busy.then(() => this.ground.open(topic, partition))
        const line = { topic, partition, member, cursor, aligned: false, resting: false, failures: 0, busy }
        this.lines.set(name, line)
        this.begin(line)
      }
  }

  /** Lets the line read where its cursor stands, as soon as that is known. */
  private begin(line: Line): void {
    line.aligned = false
    this.flow(line)
    line.cursor.then(
      (cursor) => (cursor.stopped ? this.rest(line, lookAgain) : this.seek(line, cursor)),
      (error: unknown) => this.failed(line, error),
    )
  }

  private isOurs(line: Line): boolean {
    return this.lines.get(`${line.topic}/${line.partition}`) === line && !this.stop.signal.aborted
  }

  private flow({ member, topic, partition, resting }: Line): void {
    if (this.paused || resting) member.pause(topic, partition)
    else member.resume(topic, partition)
  }

  private seek({ member, topic, partition }: Line, cursor: Cursor): void {
    member.seek(topic, partition, cursor.next)
  }

  private failed(line: Line, error: unknown): void {
    const { topic, partition } = line
    this.ground.report(`a batch of ${topic}/${partition} was not taken`, error)
    const rest = rests[Math.min(line.failures++, rests.length - 1)] ?? 0
    this.rest(line, rest)
  }

  /** Reads nothing for a while, then looks at the position of record again. */
  private rest(line: Line, ms: number): void {
    if (!this.isOurs(line) || line.resting) return
    line.resting = true
    this.flow(line)
    void this.wake(line, ms)
  }

  private async wake(line: Line, after: number): Promise<void> {
    await sleep(this.ground.clock, after, this.stop.signal)
    line.resting = false
    if (!this.isOurs(line)) return
    line.cursor = this.ground.open(line.topic, line.partition)
    this.begin(line)
  }

  private async handed(batch: Handed): Promise<void> {
    const line = this.lines.get(`${batch.topic}/${batch.partition}`)
    if (!line || line.resting || this.paused) return
    const beat = this.heartbeat(batch)
    const work = this.work(line, batch).catch((error: unknown) => this.failed(line, error))
    line.busy = work
    await work
    beat.stop()
  }

  private async work(line: Line, batch: Handed): Promise<void> {
    const cursor = await line.cursor
    if (cursor.stopped || !(await this.fits(line, cursor, batch.records))) return
    for (const chunk of chunksOf(batch.records)) {
      if (this.paused || !this.isOurs(line) || !batch.isCurrent()) return
      const { to, ...taken } = cursor.take(chunk)
      await this.ground.handle(taken)
      if (!(await cursor.stands(to))) throw new Error('its position was not moved')
      cursor.passed(chunk)
      batch.resolve(cursor.next - 1)
      line.failures = 0
    }
    // Only a copy for tools: the position of record is in the store.
    await batch.copy(cursor.next).catch(() => undefined)
  }

  /** Whether a batch goes on where the cursor stands; else it is fetched again from there. */
  private async fits(line: Line, cursor: Cursor, records: readonly Incoming[]): Promise<boolean> {
    const [first, last] = [records[0]?.offset ?? 0, records.at(-1)?.offset ?? 0]
    if (line.aligned && first < cursor.next) {
      // The client began anew: the log is not what it was.
      line.cursor = this.ground.open(line.topic, line.partition)
      this.begin(line)
      return false
    }
    if (last < cursor.next || (first > cursor.next && (await cursor.isMissing(first)))) {
      this.seek(line, cursor)
      return false
    }
    line.aligned = true
    return true
  }

  /** Beside the work, not between its parts: a member that is slow is not dead. */
  private heartbeat(batch: Handed): { stop(): void } {
    const next = () =>
      this.ground.clock.after(heartbeatEvery, () => {
        batch.heartbeat().catch(() => undefined)
        timer = next()
      })
    let timer = next()
    return { stop: () => timer.cancel() }
  }
}

function* chunksOf(records: readonly Incoming[]): Generator<readonly Incoming[]> {
  for (let at = 0; at < records.length; at += chunkSize) yield records.slice(at, at + chunkSize)
}
