import type { EventLog, LogRecord } from '@shuniu/infra/log'

/** Lets other work have its turn in the middle of a long reading. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const stretch = 500

/** The records of some topics from a place on, read piece by piece. */
export async function* recordsFrom(
  log: EventLog,
  topics: readonly string[],
  position: number,
): AsyncGenerator<LogRecord, void> {
  for (let from = position; ;) {
    const records = await log.read({ topics, from, limit: stretch })
    yield* records
    const last = records.at(-1)
    if (!last || records.length < stretch) return
    from = last.position + 1
    await breathe()
  }
}
