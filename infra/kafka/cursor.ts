import { incarnationOf, offsetOf, placeOf } from '../log/place.ts'
import type { LogRecord } from '../log/port.ts'
import type { Change, Store } from '../store/index.ts'
import type { Incarnation, Incarnations } from './incarnations.ts'
import type { Incoming, KafkaDriver } from './port.ts'
import { Recent } from './recent.ts'
import { markOf, toEvent } from './record.ts'

/** Twice what one send carries: a send that is repeated stands within. */
export const repeatWindow = 1_000

/** What is found of a log that is not what it was. */
export type Finding =
  /** Records between the position and the earliest are gone: a person has to accept that. */
  | {
      readonly is: 'gap'
      readonly topic: string
      readonly partition: number
      readonly from: number
      readonly earliest: number
    }
  /** The topic was made anew, or this is another cluster: read from its earliest. */
  | { readonly is: 'new incarnation'; readonly topic: string; readonly partition: number; readonly incarnation: number }

export interface CursorGround {
  readonly reader: string
  readonly store: Store
  readonly kafka: Pick<KafkaDriver, 'clusterId' | 'extents' | 'read'>
  readonly incarnations: Incarnations
  readonly found: (finding: Finding) => void
  /** The topic's name without the installation's prefix. */
  readonly nameOf: (topic: string) => string
}

/**
 * Where a reader stands in one partition. The position of record is in the store: incarnation, offset, and the mark of the
 * record before it. `open` compares it with the log; `take` turns records into what is handed out, without repeats.
 */
export class Cursor {
  private readonly recent = new Recent(repeatWindow)
  private moving: number | undefined

  private constructor(
    private readonly ground: CursorGround,
    private readonly incarnation: Incarnation,
    /** The offset that is wanted next. */
    public next: number,
    /** Nothing is handed out: records are missing before it. */
    readonly stopped: boolean,
    /** The position in the store, if there is one. */
    private stored: number | undefined,
  ) {}

  static async open(ground: CursorGround, topic: string, partition: number): Promise<Cursor> {
    const { store, kafka, incarnations } = ground
    const extent = (await kafka.extents(topic)).get(partition) ?? { earliest: 0, end: 0 }
    const newest = await incarnations.newest(topic, partition)
    const [place] = await store.select('places', { reader: ground.reader, topic, partition })
    if (!place) return new Cursor(ground, newest, extent.earliest, false, undefined)
    const known = await incarnations.get(incarnationOf(place.position))
    const from = offsetOf(place.position)
    const begin = (incarnation: Incarnation): Cursor => {
      ground.found({ is: 'new incarnation', topic, partition, incarnation: incarnation.incarnation })
      return new Cursor(ground, incarnation, extent.earliest, false, place.position)
    }
    if (known?.id !== newest.id) return begin(newest)
    if (extent.end < from) return begin(await incarnations.after(newest))
    if (extent.earliest > from) {
      ground.found({ is: 'gap', topic, partition, from, earliest: extent.earliest })
      return new Cursor(ground, newest, from, true, place.position)
    }
    const cursor = new Cursor(ground, newest, from, false, place.position)
    const last = await cursor.remember(extent.earliest)
    return last === undefined || last === place.last ? cursor : begin(await incarnations.after(newest))
  }

  /** Whether records stand between what is wanted next and this offset: then they have to be fetched first. */
  async isMissing(before: number): Promise<boolean> {
    const { topic, partition } = this.incarnation
    for (let at = this.next; at < before;) {
      const { records, next } = await this.ground.kafka.read(topic, partition, at)
      const [first] = records
      if (first) return first.offset < before
      if (next === at) return false
      at = next
    }
    return false
  }

  /** Records to hand out, and the change that moves the position past all of them. */
  take(records: readonly Incoming[]): {
    readonly records: readonly LogRecord[]
    readonly moved: Change
    readonly continues: Change
    readonly to: number
  } {
    const { topic, partition, id } = this.incarnation
    const fresh = records.filter((record) => record.offset >= this.next)
    const last = fresh.at(-1)
    const to = placeOf(id, last ? last.offset + 1 : this.next)
    const name = this.ground.nameOf(topic)
    const seen = new Set<string>()
    const handed = fresh.flatMap((record) => {
      const mark = markOf(record)
      if (this.recent.has(mark) || seen.has(mark)) return []
      seen.add(mark)
      return [{ ...toEvent(name, partition, record), position: placeOf(id, record.offset) }]
    })
    const row = { reader: this.ground.reader, topic, partition, position: to, last: last ? markOf(last) : '' }
    this.moving = to
    return { records: handed, moved: { upsert: 'places', row }, continues: this.continues(), to }
  }

  private continues(): Change {
    const { topic, partition } = this.incarnation
    const where = { reader: this.ground.reader, topic, partition }
    if (this.stored === undefined) return { expect: 'places', where, none: true }
    return { expect: 'places', where: { ...where, position: this.stored }, none: false }
  }

  /** They are in the store now. */
  passed(records: readonly Incoming[]): void {
    this.stored = this.moving
    for (const record of records) this.pass(record)
  }

  /** Whether the position in the store is the one given. */
  async stands(at: number): Promise<boolean> {
    const { topic, partition } = this.incarnation
    const [place] = await this.ground.store.select('places', { reader: this.ground.reader, topic, partition })
    return place?.position === at
  }

  private pass(record: Incoming): void {
    if (record.offset < this.next) return
    this.recent.add(markOf(record))
    this.next = record.offset + 1
  }

  /** Reads what stands before the position; returns the mark of the record right before it, if that is still there. */
  private async remember(earliest: number): Promise<string | undefined> {
    const { topic, partition } = this.incarnation
    let last: string | undefined
    for (let at = Math.max(earliest, this.next - repeatWindow); at < this.next;) {
      const { records, next } = await this.ground.kafka.read(topic, partition, at)
      for (const record of records) {
        if (record.offset >= this.next) break
        this.recent.add(markOf(record))
        last = record.offset === this.next - 1 ? markOf(record) : undefined
      }
      if (next === at) break
      at = next
    }
    return last
  }
}
