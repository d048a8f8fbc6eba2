import { partCount, partOf } from '../store/parts.ts'
import type { Hold, Ownership, Worker } from './port.ts'

/** Of the one process that does everything: its store is leased as a whole, so nothing is told and no commit is fenced. */
export function ownEverything(): Ownership {
  const end = new AbortController()
  const parts = Array.from({ length: partCount }, (_, part) => part)
  const holds = parts.map((part): Hold => ({
    part,
    fence: [],
    mayStart: () => !end.signal.aborted,
    ending: end.signal,
  }))
  const workers: Worker[] = []
  return {
    async join(worker) {
      workers.push(worker)
      await worker.gained(holds)
    },
    held: () => (end.signal.aborted ? [] : parts),
    owns: (hash) => !end.signal.aborted && partOf(hash) < partCount,
    tell: () => undefined,
    doubt: () => undefined,
    async close() {
      end.abort()
      await Promise.all(workers.map((worker) => worker.lost(new Set(parts))))
    },
  }
}
