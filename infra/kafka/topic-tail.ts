import type { LogRecord } from '../log/port.ts'
import { sleep, type Clock } from '../time/index.ts'
import type { KafkaDriver } from './port.ts'
import { toEvent } from './record.ts'

const look = 500

export interface TailOptions {
  /** So many of each partition that are there already. */
  readonly last: number
  /** Goes on with what comes, until the signal. */
  readonly follow: boolean
  readonly signal: AbortSignal
}

/** A record as anybody may have written it, with its place. */
export interface Tailed {
  readonly partition: number
  readonly offset: number
  readonly event: Omit<LogRecord, 'position'>
}

/** The newest records of a topic, partition by partition, then what comes. Reads in no group: nobody's position moves. */
export async function* tailTopic(
  {
    kafka,
    clock,
    prefix,
  }: { readonly kafka: Pick<KafkaDriver, 'extents' | 'read'>; readonly clock: Clock; readonly prefix: string },
  topic: string,
  { last, follow, signal }: TailOptions,
): AsyncGenerator<Tailed, void> {
  const extents = await kafka.extents(prefix + topic)
  const places = new Map(
    [...extents].map(([partition, { earliest, end }]) => [partition, Math.max(earliest, end - last)]),
  )
  while (!signal.aborted) {
    let found = 0
    for (const [partition, from] of places) {
      const { records, next } = await kafka.read(prefix + topic, partition, from)
      for (const record of records.filter(({ offset }) => offset >= from)) {
        if (signal.aborted) return
        yield { partition, offset: record.offset, event: toEvent(topic, partition, record) }
        found++
      }
      places.set(partition, next)
    }
    if (found > 0) continue
    if (!follow) return
    await sleep(clock, look, signal)
  }
}
